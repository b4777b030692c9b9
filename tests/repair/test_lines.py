"""Lines that stand twice, and steps that are rightly made twice."""

from __future__ import annotations

from gradlint.model import Verdict

from ..analysing import mended, report_of

_CLASS = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))

class Net:
    def __init__(self):
        self.w1, self.w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
        self.gw1, self.gw2 = np.zeros((3, 5)), np.zeros((5, 2))

    def back(self):
        h = np.tanh(x @ self.w1)
        g = h @ self.w2 - y
        self.loss = 0.5 * np.sum(g ** 2)
        self.gw2 += h.T @ g
        self.gh = g @ self.w2.T * (1 - h ** 2)

    def first(self):
        self.gw1 += x.T @ self.gh

    def step(self):
        self.w1 -= 0.1 * self.gw1
        self.w2 -= 0.1 * self.gw2

net = Net()
for i in range(100):
    net.gw1, net.gw2 = np.zeros((3, 5)), np.zeros((5, 2))
    net.back()
    net.first()
    net.step()
"""


def test_a_call_that_is_made_twice_is_taken_out() -> None:
    (found,) = report_of(_CLASS.replace("    net.first()\n", "    net.first()\n" * 2)).findings
    assert (found.code, found.span.line) == ("GL108", 29)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == ""


def test_what_shares_its_line_is_not_taken_out() -> None:
    (found,) = report_of(
        _CLASS.replace("    net.first()\n", "    net.first(); net.first()\n")
    ).findings
    assert found.fix is None or "net.first()" in found.fix.edits[0].content


def test_each_once_is_silent() -> None:
    report = report_of(_CLASS)
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


_WHOLE = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))

class Net:
    def __init__(self):
        self.w1, self.w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))

    def train(self):
        h = np.tanh(x @ self.w1)
        p = h @ self.w2
        self.loss = np.mean((p - y) ** 2)
        g = 2 * (p - y) / y.size
        gw2 = h.T @ g
        gw1 = x.T @ (g @ self.w2.T * (1 - h ** 2))
        self.w1 -= 0.1 * gw1
        self.w2 -= 0.1 * gw2

net = Net()
for i in range(100):
    net.train()
    net.train()
"""


def test_two_whole_steps_in_a_row_are_no_mistake() -> None:
    report = report_of(_WHOLE)
    assert report.findings == ()
    assert report.verdict in (Verdict.CORRECT, Verdict.UNVERIFIED)


_DELTAS = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w, v = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
for step in range(100):
    h = np.tanh(x @ w)
    loss = 0.5 * np.sum((h @ v - y) ** 2)
    d = h @ v - y
    dv = h.T @ d
    d = d @ v.T * (1 - h ** 2)
    dw = x.T @ d
    v -= 0.1 * dv
    w -= 0.1 * dw
"""


def test_a_gradient_that_is_read_before_the_next_line_has_carried_it_on() -> None:
    carried, used = "    d = d @ v.T * (1 - h ** 2)\n", "    dw = x.T @ d\n"
    text = _DELTAS.replace("(3, 5)", "(3, 2)").replace("(5, 2)", "(2, 2)")
    assert report_of(text).verdict is Verdict.CORRECT
    found = report_of(text.replace(carried + used, used + carried))
    assert [f.code for f in found.findings] == ["GL302"]
    assert mended(found) == report_of(text).text
