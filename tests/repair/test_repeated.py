"""Indices that repeat and masks that are drawn again, and what only looks like them."""

from __future__ import annotations

from gradlint.judging import choose, walk_case
from gradlint.model import Verdict
from gradlint.reading import read_module
from gradlint.repair.edits.repeated import repeated_index
from gradlint.repair.scene import Scene
from gradlint.tracing import explore

from ..analysing import report_of

_LOOKUP = """
import numpy as np
rng = np.random.default_rng(0)
E, ids, y = rng.normal(size=(9, 3)), rng.integers(0, 9, size=30), rng.normal(size=(30, 3))
for step in range(20):
    e = E[ids] - y
    loss = 0.5 * np.sum(e ** 2)
    dE = np.zeros_like(E)
    {scatter}
    E -= 0.1 * dE
"""


def test_an_index_that_repeats_is_mended_with_add_at() -> None:
    (found,) = report_of(_LOOKUP.format(scatter="dE[ids] += e")).findings
    assert found.code == "GL115"
    assert found.fix is not None
    assert found.fix.verified
    assert found.fix.edits[0].content == "np.add.at(dE, ids, e)"


def test_add_at_is_silent() -> None:
    report = report_of(_LOOKUP.format(scatter="np.add.at(dE, ids, e)"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


def test_indices_that_do_not_repeat_are_silent() -> None:
    text = _LOOKUP.replace("rng.integers(0, 9, size=30)", "np.arange(9)").replace("30, 3", "9, 3")
    report = report_of(text.format(scatter="dE[ids] += e"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


_KEYS = """
import numpy as np
rng = np.random.default_rng(0)
x, y, p = rng.normal(size=(30, 4)), rng.normal(size=(30, 3)), {"w": rng.normal(size=(4, 3))}
for step in range(20):
    e = x @ p["w"] - y
    loss = 0.5 * np.sum(e ** 2)
    g = {"w": np.zeros((4, 3))}
    g["w"] += 2 * x.T @ np.abs(e)
    for k in p:
        p[k] -= 0.1 * g[k]
"""


def test_only_arrays_are_indexed_by_what_may_repeat() -> None:
    module = read_module(_KEYS, "script.py")
    case = walk_case(module, explore(module).facts)
    judgement, _ = choose(case)
    assert judgement is not None
    scene = Scene(case, judgement)
    assert [c for one in scene.suspects for c in repeated_index(scene, one)] == []


_DROPOUT = """
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(40, 6)), rng.normal(size=(40, 2))
W1, W2 = rng.normal(size=(6, 8)), rng.normal(size=(8, 2))
keep = 0.8
for step in range(50):
    a = np.tanh(X @ W1)
    mask = (rng.random(a.shape) < keep) / keep
    h = a * mask
    e = h @ W2 - y
    loss = 0.5 * np.sum(e ** 2)
    dW2 = h.T @ e
    da = (e @ W2.T) * {mask}
    dW1 = X.T @ (da * (1 - a ** 2))
    W1 -= 0.1 * dW1
    W2 -= 0.1 * dW2
"""


def test_a_mask_that_is_drawn_inside_an_expression_is_the_kept_one() -> None:
    drawn = "((rng.random(a.shape) < keep) / keep)"
    (found,) = report_of(_DROPOUT.format(mask=drawn)).findings
    assert (found.code, found.span.line) == ("GL116", 13)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content.strip("()") == "mask"


def test_the_kept_mask_is_silent() -> None:
    report = report_of(_DROPOUT.format(mask="mask"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())
