"""GL120: backward passes that hand nothing out, and those that do so in one way or another."""

from __future__ import annotations

import pytest

from gradlint.checking import check_text
from gradlint.model import FileReport
from gradlint.settings import CheckOptions

LAYER = '''import numpy as np


class Scale:
    def __init__(self, n):
        self.gain = np.ones(n)
        self.prev = None

    def forward(self, x):
        self.x = x
        return x * self.gain

    def backward(self, dout):
        """Shapes as in forward."""
'''
KEPT = (
    "dx = dout * self.gain\n        return dx",
    "dgain = np.sum(dout * self.x, axis=0)\n        self.dgain, dx = dgain, dout * self.gain",
    "dx = dout * self.gain\n        dout[:] = dx",
    "dx = dout * self.gain\n        dout *= self.gain",
    "dx = dout * self.gain\n        out = self.prev.backward(dx)",
    "dx = dout * self.gain\n        np.copyto(dout, dx)",
    "pass",
)


def checked(body: str) -> FileReport:
    return check_text(LAYER + f"        {body}\n", "scale.py", CheckOptions(run=False))


def test_what_is_bound_to_local_names_alone_is_lost() -> None:
    report = checked("dgain = np.sum(dout * self.x, axis=0)\n        dx = dout * self.gain")
    (found,) = report.findings
    assert (found.code, found.span.line) == ("GL120", 16)
    assert "dgain and dx are lost" in found.message


@pytest.mark.parametrize("body", KEPT)
def test_what_somebody_may_see_is_not(body: str) -> None:
    assert not [f for f in checked(body).findings if f.code == "GL120"]
