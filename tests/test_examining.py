"""What nothing calls is examined piece by piece: one that fails takes nothing else with it."""

from __future__ import annotations

import pytest

from gradlint.driving.layers import LayerDrive
from gradlint.tracing.statements import Interpreter

from .analysing import problems, report_of
from .driving.judging import NUMPY

TWO = (
    NUMPY
    + """
class Scale:
    def forward(self, x):
        return {unlike}x

    def backward(self, dout):
        return 3 * dout

def square_forward(x):
    return x ** 2, x

def square_backward(dout, x):
    return {slope} * x * dout
"""
)


@pytest.fixture
def failing_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(drive: LayerDrive, m: Interpreter) -> None:
        raise ZeroDivisionError("a mistake of gradlint's own")

    monkeypatch.setattr(LayerDrive, "__call__", fail)


@pytest.mark.usefixtures("failing_layers")
def test_a_failure_in_one_drive_leaves_only_that_unread() -> None:
    found = report_of(TWO.format(slope=2, unlike="(3) * "))
    assert found.verdict.value == "unverified"
    assert found.reason is not None
    assert found.reason.startswith("Scale.backward() could not be judged by itself: internal error")
    assert found.reason.endswith("please report (line 3)")
    assert [row.static.value for row in found.gradients] == ["equal"]


@pytest.mark.usefixtures("failing_layers")
def test_what_is_wrong_beside_a_failure_is_told() -> None:
    found = report_of(TWO.format(slope=3, unlike="3.0 * "))
    assert found.verdict.value == "suspect" and problems(found)


SHOWN = (
    NUMPY
    + """
def cell_forward(xt, a_prev, parameters):
    Wa, Wx, ba = parameters["Wa"], parameters["Wx"], parameters["ba"]
    a_next = np.tanh(np.dot(Wa, a_prev) + np.dot(Wx, xt) + ba)
    return a_next, (a_next, a_prev, xt, parameters)

xt = np.random.randn(3, 10)
a_prev = np.random.randn(5, 10)
parameters = {"Wa": np.random.randn(5, 5), "Wx": np.random.randn(5, 3), "ba": np.random.randn(5, 1)}
a_next, cache = cell_forward(xt, a_prev, parameters)
print(a_next[4])

def cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dz = (1 - a_next ** 2) * da_next
    dWa = np.dot(dz, a_prev.T)
    dWx = np.dot(dz, xt.T)
    dba = np.sum(dz, axis=1, keepdims=True)
    da_prev = np.dot(parameters["Wa"].T, dz)
    return da_prev, dWa, dWx, dba

gradients = cell_backward(np.random.randn(5, 10), cache)
"""
)


def test_functions_that_a_script_only_shows_are_judged() -> None:
    found = report_of(SHOWN)
    assert found.verdict.value == "correct", found.reason
    assert {row.name for row in found.gradients} == {"da_prev", "dWa", "dWx", "dba"}


def test_a_slip_in_a_function_that_is_only_shown_is_found() -> None:
    found = report_of(SHOWN.replace("(1 - a_next ** 2)", "(1 - a_next)"))
    assert found.verdict.value == "wrong"


CHARACTERS = (
    NUMPY
    + """
with open("input.txt") as f:
    data = f.read()
chars = sorted(set(data))
V, H = len(chars), 100
Wx, Wh, Wy = np.random.randn(H, V), np.random.randn(H, H), np.random.randn(V, H)
bh = np.zeros((H, 1))

def loss_of(inputs, targets, hprev):
    xs, hs, ps = {{}}, {{}}, {{}}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1] + bh)
        y = Wy @ hs[t]
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWx, dWh, dWy, dbh = map(np.zeros_like, (Wx, Wh, Wy, bh))
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWy += dy @ hs[t].T
        dz = (1 - hs[t] ** 2) * (Wy.T @ dy + dhnext)
        dWx += dz @ xs[t].T
        dWh += dz @ {state}.T
        dbh += dz
        dhnext = Wh.T @ dz
    return loss, dWx, dWh, dWy, dbh, hs[len(inputs) - 1]
"""
)


def test_a_function_is_held_to_the_parameters_of_its_module() -> None:
    found = report_of(CHARACTERS.format(state="hs[t - 1]"))
    assert found.verdict.value == "correct", found.reason
    assert {row.of for row in found.gradients} == {"Wx", "Wh", "Wy", "bh"}


def test_a_slip_against_a_parameter_of_the_module_is_found() -> None:
    found = report_of(CHARACTERS.format(state="hs[t]"))
    assert found.verdict.value == "wrong"
