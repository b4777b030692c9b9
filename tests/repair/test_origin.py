"""Where it begins to go wrong is told by what is still right before it and by all that is wrong behind it."""

from __future__ import annotations

import pytest

from gradlint.judging import choose, walk_case
from gradlint.reading import read_module
from gradlint.repair.origin import origin
from gradlint.tracing import explore

_CELL = """\
import numpy as np
x, t = np.random.randn(3, 20, 4), np.random.randn(20, 5)
wx, wh, wy, b = np.random.randn(4, 6), np.random.randn(6, 6), np.random.randn(6, 5), np.zeros(6)
for epoch in range(50):
    h = [np.zeros((20, 6))]
    for i in range(3):
        h.append(np.tanh(x[i] @ wx + h[-1] @ wh + b))
    p = h[-1] @ wy
    loss = 0.5 * np.sum((p - t) ** 2)
    dp = p - t
    dwx, dwh, db = np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)
    dh = dp @ wy.T
    for i in reversed(range(3)):
        scaled = 2 * h[i + 1]
        da = {da}
        dwx += x[i].T @ da
        dwh += h[i].T @ da
        db += da.sum(axis=0)
        dh = {dh}
    wx, wh, wy, b = wx - 0.01 * dwx, wh - 0.01 * dwh, wy - 0.01 * h[-1].T @ dp, b - 0.01 * db
"""
_RIGHT = {"da": "dh * (1 - h[i + 1] ** 2)", "dh": "da @ wh.T"}


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        pytest.param({"da": "np.sqrt(np.abs(dh)) * (1 - h[i + 1] ** 2)"}, 15, id="a formula"),
        pytest.param({"da": "dh * scaled ** 3"}, None, id="beside what may be wrong as well"),
        pytest.param({"dh": "np.cos(da @ wh.T)"}, 19, id="what is carried"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_the_first_line_that_makes_wrong_of_right(wrong: dict[str, str], line: int | None) -> None:
    module = read_module(_CELL.format(**(_RIGHT | wrong)), "script.py")
    case = walk_case(module, explore(module).facts)
    judgement, _ = choose(case)
    assert judgement is not None
    found = origin(case, judgement) if not judgement.consistent else None
    assert (found and found.span.line) == line
