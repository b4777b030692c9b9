"""What a walk that was given up says of gradients: nothing."""

from __future__ import annotations

from gradlint.model import Verdict
from tests.analysing import problems, report_of

RECURRENT = """
import numpy as np
W, b = np.random.randn(4, 4), np.zeros((4, 1))
mW, mb = np.zeros_like(W), np.zeros_like(b)
x, y = np.random.randn(4, 1), np.random.randn(4, 1)
LETTERS = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
for it in range(100):
    h = np.tanh(W @ x + b)
    loss = 0.5 * np.sum((h - y) ** 2)
    dh = (h - y) * (1 - h ** 2)
    for p, g, m in zip([W, b], [dh @ x.T, dh], [mW, mb]):
        m += g * g
        p -= 0.1 * g / np.sqrt(m + 1e-8)
    for a in LETTERS:
        for b in LETTERS + LETTERS:
            noise = x[0, 0] + 1 + x[1, 0] + 2 + x[2, 0]
"""


def test_a_walk_that_was_given_up_accuses_nothing() -> None:
    found = report_of(RECURRENT)
    assert problems(found) == []
    assert found.verdict is Verdict.UNVERIFIED
