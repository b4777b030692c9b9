"""Regular expressions over texts that are known, decompositions of matrices, and the old names of scipy."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.model import Verdict

from ..analysing import last_value, report_of, trace_of

HEAD = "import re\nimport numpy as np\nimport scipy as sp\n"


@pytest.mark.parametrize(
    ("script", "shape"),
    [
        pytest.param("a = np.ones(len(re.split(r'[,;] ?', 'a, b;c')))", (3,), id="split"),
        pytest.param("a = np.ones(len(re.sub('[aeiou]', '', 'the cat')))", (5,), id="sub"),
        pytest.param("w = re.compile(r'\\w+')\na = np.ones(len(w.findall('Tea or 2')))", (3,), id="compiled"),
        pytest.param("a = sp.zeros(sp.shape(sp.ones((1, 2)))[1])", (2,), id="scipy's numpy"),
    ],
)  # fmt: skip
def test_what_is_known_is_evaluated(script: str, shape: tuple[int, ...]) -> None:
    assert last_value(trace_of(HEAD + script), "a").shape == shape


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(a+)+b", id="a repetition that is repeated"),
        pytest.param("(a|aa)+b", id="a choice that is repeated"),
    ],
)
def test_what_could_take_for_ever_is_not_tried(pattern: str) -> None:
    script = f"n = len(re.findall('{pattern}', 'a' * 200))\nw = np.zeros(n)\nw -= 0.1 * w"
    assert report_of(HEAD + script).verdict is not Verdict.CORRECT


def test_orthogonal_weights_are_numbers_to_start_from() -> None:
    trace = trace_of(HEAD + "u, s, v = np.linalg.svd(np.random.randn(5, 5))\na = u @ u.T")
    np.testing.assert_allclose(last_value(trace, "a"), np.eye(3), atol=1e-12)


def test_a_decomposition_of_what_moves_is_not_followed() -> None:
    report = report_of(
        HEAD
        + "w = np.random.randn(4, 4)\nfor i in range(9):\n    u, s, v = np.linalg.svd(w)\n"
        + "    loss = np.sum(s)\n    dw = u @ v\n    w -= 0.1 * dw\n"
    )
    assert report.verdict is Verdict.UNVERIFIED
    assert "svd" in (report.reason or "")
