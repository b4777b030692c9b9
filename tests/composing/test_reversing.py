"""Backward passes with loops: over samples, over time, over places; what cannot be taken back says why."""

from __future__ import annotations

import textwrap

import pytest

from gradlint.composing import compose
from gradlint.model import Verdict
from gradlint.reading import read_script

from ..analysing import report_of

HEAD = """\
import numpy as np
N, D, H, K, T = 30, 7, 9, 3, 6
lr = 0.1
"""
SAMPLES = (
    HEAD
    + """\
X, y = np.random.randn(N, D), np.random.randn(N, K)
W, b = np.random.randn(D, K), np.zeros(K)
for epoch in range(100):
    loss = 0.0
    for i in range(N):
        out = np.tanh(X[i] @ W + b)
        loss += 0.5 * np.sum((out - y[i]) ** 2)
    loss /= N
"""
)
STEPS = (
    HEAD
    + """\
xs, ts = np.random.randn(T, D), np.random.randn(T, K)
Wx, Wh, Wy = np.random.randn(H, D) * 0.1, np.random.randn(H, H) * 0.1, np.random.randn(K, H) * 0.1
bh = np.zeros(H)
for epoch in range(100):
    hs = {-1: np.zeros(H)}
    loss = 0
    for t in range(T):
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1] + bh)
        loss += np.sum((Wy @ hs[t] - ts[t]) ** 2)
"""
)
OVERWRITTEN = STEPS.replace("hs = {-1: np.zeros(H)}", "h = np.zeros(H)").replace("hs[t - 1]", "h")


def _composed(text: str) -> list[str]:
    return list(compose(read_script(textwrap.dedent(text), "script.py").module).lines)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SAMPLES, id="a loop over samples"),
        pytest.param(STEPS, id="a loop over time with its states in a dictionary"),
        pytest.param(
            STEPS.replace("hs = {-1: np.zeros(H)}", "hs = np.zeros((T + 1, H))")
            .replace("hs[t]", "hs[t + 1]").replace("hs[t - 1]", "hs[t]"),
            id="a loop over time with its states in an array",
        ),
        pytest.param(
            SAMPLES.replace("W + b)", "W) + b").replace("out - y[i]", "out - y[i] * 1.5"),
            id="a loop whose rounds make temporaries",
        ),
        pytest.param(
            SAMPLES.replace("range(N):", "range(N):\n        if i % 2 == 0:\n            continue"),
            id="a loop that leaves rounds out",
        ),
        pytest.param(
            SAMPLES.replace("X[i] @ W", "row @ W").replace("y[i]", "wanted")
            .replace("for i in range(N)", "for row, wanted in zip(X, y)"),
            id="a loop over pairs",
        ),
    ],
)  # fmt: skip
def test_what_a_loop_makes_is_taken_back_by_a_loop(text: str) -> None:
    made = compose(read_script(text, "script.py").module)
    assert any(line.startswith("for ") for line in made.lines)
    assert report_of(made.text, "script.py").verdict is Verdict.CORRECT


def test_the_rounds_of_time_are_taken_in_the_opposite_order_and_sums_are_made_before() -> None:
    lines = _composed(STEPS)
    assert "for t in reversed(range(T)):" in lines
    start = lines.index("for t in reversed(range(T)):")
    assert lines.index("dWh = np.zeros_like(Wh)") < start
    assert "    dWh += np.outer(dhs_in, hs[t - 1])" in lines[start:]
    assert "    dhs[t - 1] += Wh.T @ dhs_in" in lines[start:]


def test_rounds_that_know_nothing_of_one_another_keep_their_order_and_make_again_what_is_lost() -> (
    None
):
    lines = _composed(SAMPLES)
    start = lines.index("for i in range(N):")
    assert lines[start + 1] == "    out = np.tanh(X[i] @ W + b)"
    assert lines[0] == "dloss = 1 / N"


def test_the_loss_of_a_function_is_taken_back_in_the_function() -> None:
    text = (
        HEAD
        + """\
X, y = np.random.randn(N, D), np.random.randint(0, K, N)
W = np.random.randn(D, K) * 0.1
def hinge(W, X, y):
    loss = 0.0
    for i in range(N):
        scores = X[i].dot(W)
        for j in range(K):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
    loss /= N
    return loss
for epoch in range(100):
    loss = hinge(W, X, y)
"""
    )
    made = compose(read_script(text, "script.py").module)
    assert made.after.span.told == "line 16"
    assert "    dW += np.outer(X[i], dscores)" in made.lines


def test_indices_that_may_repeat_are_added_one_by_one() -> None:
    text = (
        HEAD
        + """\
ids, y = np.random.randint(0, H, N), np.random.randn(N, D)
table = np.random.randn(H, D) * 0.1
scale = np.ones(D)
for epoch in range(100):
    total = 0.0
    for k in range(3):
        picked = table[ids] * scale
        total += np.sum((picked - y) ** 2)
    loss = total / 3
"""
    )
    assert "    np.add.at(dtable, ids, dpicked * scale)" in _composed(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            OVERWRITTEN.replace("hs[t]", "h").replace("T = 30, 7, 9, 3, 6", "T = 30, 7, 9, 3, 40"),
            id="that only the last round keeps",
        ),
        pytest.param(
            OVERWRITTEN.replace("hs[t]", "h").replace("h = np.zeros(H)\n", "h, kept = np.zeros(H), []\n")
            + "        kept.append(h)\n",
            id="that are appended to another list",
        ),
    ],
)  # fmt: skip
def test_states_are_kept_by_the_forward_pass_once_more(text: str) -> None:
    lines = compose(read_script(text, "script.py").module, ["Wx", "Wh", "Wy", "bh"]).lines
    assert "    hs[t + 1] = h" in lines
    assert "    dWh += np.outer(dh_in, hs[t])" in lines
