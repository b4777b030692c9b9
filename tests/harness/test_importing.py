"""Scripts that import modules of the user's own are confirmed with those modules watched too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
