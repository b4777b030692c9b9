"""Scripts that import modules of the user's own are confirmed with those modules watched too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gradlint import check_script
from gradlint.harness.result import RunResult
from gradlint.model import Agreement

ROOT = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.mark.parametrize(
    ("folder", "script", "expected"),
    [
        pytest.param("modules_package", "train.py", ["equal"] * 4, id="layers in a package"),
        pytest.param(
            "modules_star_import", "train.py", ["different", "different", "equal", "equal"],
            id="layers by a star import",
        ),
        pytest.param(
            "modules_loop_elsewhere", "main.py", ["equal", "scaled", "equal", "equal"],
            id="the training loop in another module",
        ),
    ],
)  # fmt: skip
def test_gradients_made_in_other_modules_are_confirmed(
    folder: str,
    script: str,
    expected: list[str],
    tmp_path: Path,
    confirm: Callable[..., RunResult],
) -> None:
    for module in (ROOT / folder).rglob("*.py"):
        copy = tmp_path / module.relative_to(ROOT / folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(module.read_bytes())
    result = confirm((tmp_path / script).read_text(encoding="utf-8"))
    assert result.run.status == "ok", result.run.detail
    assert [w.autograd for w in result.witnesses] == [Agreement(word) for word in expected]
    assert [w.finite_difference for w in result.witnesses] == [Agreement(w) for w in expected]


def test_a_module_of_the_folder_that_it_lies_in_is_imported_as_the_analysis_found_it(
    tmp_path: Path,
) -> None:
    """`from nets.losses import half` in nets/fit.py, with nothing that marks nets as a package."""
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "losses.py").write_text(
        "def half(error):\n    return (error ** 2).sum() / 2\n", encoding="utf-8"
    )
    script = tmp_path / "nets" / "fit.py"
    script.write_text(
        dedent("""
            import numpy as np
            from nets.losses import half
            x, y, w = np.random.randn(20, 3), np.random.randn(20, 1), np.zeros((3, 1))
            for step in range(10):
                error = x @ w - y
                loss = half(error)
                grad = x.T @ error
                w -= 0.01 * grad
            """),
        encoding="utf-8",
    )
    report = check_script(script, run=True)
    assert report.run.status == "ok", report.run.detail
    assert [g.autograd for g in report.gradients] == [Agreement.EQUAL]
