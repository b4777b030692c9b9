"""A loss that is added up over time steps or samples is the loss after the last of them."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_of

_SUMMED = """
import numpy as np
rng = np.random.default_rng(0)
x, y, w = rng.normal(size=(6, 4)), rng.normal(size=6), rng.normal(size=4)
for epoch in range(50):
    loss, dw = 0.0, np.zeros(4)
    for i in range({forward}):
        loss += (x[i] @ w - y[i]) ** 2
    for i in range({backward}):
        dw += 2 * (x[i] @ w - y[i]) * x[i]
    {penalty}
    w -= 0.01 * dw
    print(loss)
"""


def test_a_gradient_that_leaves_out_the_last_term_is_no_gradient_of_the_loss() -> None:
    found = report_of(_SUMMED.format(forward="6", backward="6 - 1", penalty="pass"))
    assert found.verdict in (Verdict.WRONG, Verdict.SUSPECT)


def test_a_penalty_that_is_added_to_the_loss_belongs_to_it() -> None:
    found = report_of(_SUMMED.format(forward="6", backward="6", penalty="loss += 0.1 * w @ w"))
    assert [f.code for f in found.findings] == ["GL203"]


@pytest.mark.parametrize("penalty", ["pass", "loss /= 6; dw /= 6", "loss = loss / 6"])
def test_a_sum_with_all_its_terms_is_silent(penalty: str) -> None:
    found = report_of(_SUMMED.format(forward="6", backward="6", penalty=penalty))
    assert not [f for f in found.findings if f.severity.value != "note"]
    assert found.verdict is Verdict.CORRECT


def test_losses_of_samples_that_are_stepped_one_by_one_are_losses_of_their_own() -> None:
    found = report_of("""
        import numpy as np
        rng = np.random.default_rng(0)
        x, y, w = rng.normal(size=(6, 4)), rng.normal(size=6), rng.normal(size=4)
        for epoch in range(50):
            loss = 0.0
            for i in range(6):
                error = x[i] @ w - y[i]
                loss += error ** 2
                w -= 0.01 * 2 * error * x[i]
            print(loss)
    """)
    assert not [f for f in found.findings if f.severity.value != "note"]
    assert found.verdict is Verdict.CORRECT
