"""Trainings that follow one another are told apart."""

from __future__ import annotations

from gradlint.claims.phases import later_steps, phase
from gradlint.reading import read_script
from gradlint.tracing import Trace, explore, retrace

_START = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
"""
_LOOP = """
w = rng.normal(size=(3, 1))
for step in range(10):
    w -= 0.1 * x.T @ (x @ w - y)
"""
_STEP = """
v = rng.normal(size=(3, 1))
v -= 0.1 * x.T @ (x @ v - y)
"""


def _traced(text: str) -> Trace:
    module = read_script(_START + text, "script.py").module
    return retrace(module, explore(module).facts).trace


def _phases(text: str) -> list[int]:
    trace = _traced(text)
    return [phase(trace, update) for update in trace.updates]


def test_a_step_after_a_loop_is_a_training_of_its_own() -> None:
    assert _phases(_LOOP + _STEP) == [0, 1]


def test_a_step_of_something_else_before_a_loop_is_a_training_of_its_own() -> None:
    assert _phases(_STEP + _LOOP) == [0, 1]


def test_single_steps_of_what_was_made_anew_are_trainings_of_their_own() -> None:
    assert _phases(_STEP + _STEP.replace("v", "u")) == [0, 1]


def test_steps_of_parameters_made_before_are_one_training() -> None:
    both = "a, b = rng.normal(size=(3, 1)), rng.normal(size=1)\ne = x @ a + b - y\n"
    assert _phases(both + "a -= 0.1 * x.T @ e\nb -= 0.1 * e.sum(axis=0)\n") == [0, 0]


def test_a_step_of_the_same_parameter_after_its_loop_is_a_later_one() -> None:
    trace = _traced(_LOOP + "w -= 0.1 * x.T @ (x @ w - y)\n")
    assert [update.place for update in later_steps(trace)] == ["w"]


def test_an_epoch_loop_over_batches_is_one_training() -> None:
    text = """
w, b = rng.normal(size=(3, 1)), rng.normal(size=1)
for epoch in range(5):
    for i in range(0, 5, 2):
        e = x[i:i + 2] @ w + b - y[i:i + 2]
        w -= 0.1 * x[i:i + 2].T @ e
        b -= 0.1 * e.sum(axis=0)
"""
    assert set(_phases(text)) == {0}
