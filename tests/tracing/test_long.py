"""What would take too long is made smaller, and what is still too long says where."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict
from gradlint.reading import read_module
from gradlint.reading.walking import constants
from gradlint.tracing import Exploration, explore
from gradlint.tracing.checks import says_check
from gradlint.tracing.sizes import tight_sizes

from ..analysing import report_of

RECURRENT = """\
import numpy as np
data = [i % 12 for i in range(600)]
V, H, steps = 12, 30, 250
W = np.random.randn(H, H) * 0.01
U = np.random.randn(H, V) * 0.01
O = np.random.randn(V, H) * 0.01

def run(inputs, targets):
    xs, hs, es = {{}}, {{-1: np.zeros((H, 1))}}, {{}}
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(U @ xs[t] + W @ hs[t - 1])
        goal = np.zeros((V, 1))
        goal[targets[t]] = 1
        es[t] = O @ hs[t] - goal
        loss += 0.5 * np.sum(es[t] ** 2)
    dU, dW, dO = np.zeros_like(U), np.zeros_like(W), np.zeros_like(O)
    carry = np.zeros((H, 1))
    for t in reversed(range(len(inputs))):
        dO += es[t] @ hs[t].T
        da = (O.T @ es[t] + carry) * (1 - hs[t] ** 2)
        dU += da @ xs[t].T
        dW += da @ hs[t - 1].T
        carry = W.T @ da
    return loss, dU, dW, dO

def gradient_check():
    for i in range(100):
        for j in range(30):
            print(run(data[:steps], data[1:steps + 1])[0])

{check}
p = 0
while p < 100000:
    loss, dU, dW, dO = run(data[p:p + steps], data[p + 1:p + steps + 1])
    U -= 0.1 * dU
    W -= 0.1 * dW
    O -= 0.1 * dO
    p += steps
"""


def explored(text: str) -> Exploration:
    return explore(read_module(text, "script.py"))


def test_the_steps_of_a_long_unrolled_loop_are_made_fewer() -> None:
    found = explored(RECURRENT.format(check=""))
    assert found.trace.stopped is None and not found.trace.failures
    assert len(found.trace.updates) == 3
    assert max(found.trace.counts.values()) < 20


def test_a_gradient_check_is_left_out() -> None:
    assert len(explored(RECURRENT.format(check="gradient_check()")).trace.updates) == 3


def test_what_a_check_gives_is_needed_where_it_is_used() -> None:
    text = "def check_gradients():\n    return 3.0\nx = check_gradients()\n"
    assert [store.place for store in explored(text).trace.stores] == ["x"]


ENDLESS = """\
x = 1.0
for row in "a" * 150:
    for column in "b" * 150:
        for pixel in "c" * 150:
            x = x + 0.5
"""


def test_a_loop_that_stays_too_long_is_named() -> None:
    stopped = explored(ENDLESS).trace.stopped
    assert stopped is not None and stopped.kind == "long"
    assert "the loop in line" in stopped.reason


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        pytest.param("a, b = 250, 1000", {250: 3, 1000: 5}, id="smaller ones get smaller sizes"),
        pytest.param("a, b = 250, 250", {250: 3}, id="equal ones get equal sizes"),
        pytest.param("a, b = 28, 784", {28: 3, 784: 9}, id="a square stays a square"),
        pytest.param("a, b = 32, 3072", {32: 3, 3072: 27}, id="and so does it with colours"),
        pytest.param("a, b = 3, 4", {3: 3, 4: 4}, id="none is larger than its own"),
        pytest.param("a, b = 1, 2", {}, id="one and two stay"),
    ],
)
def test_tight_sizes(text: str, sizes: dict[int, int]) -> None:
    module = read_module(text, "script.py")
    literals = {id(c): c.value for c in constants(module.everything) if type(c.value) is int}
    found = tight_sizes(module, literals)
    assert {literals[site]: small for site, small in found.items()} == sizes
    assert set(tight_sizes(module, literals, distinct=False)) == set(found)


@pytest.mark.parametrize(
    ("place", "is_check"),
    [
        ("gradCheck", True), ("net.check_gradients", True), ("gradient_check", True),
        ("check_numerical_grad", True), ("basicGradCheck", True), ("check_shapes", False),
        ("gradient", False), ("numerical_gradient", False), ("checkpoint", False), ("train", False),
    ],
)  # fmt: skip
def test_a_gradient_check_is_known_by_its_name(place: str, is_check: bool) -> None:
    assert says_check(place) is is_check


def test_of_a_long_array_only_the_rows_that_are_walked_are_taken() -> None:
    """Nobody's epochs are a reason to wait."""
    trace = explored(
        "import numpy as np\nx, w = np.arange(3.0), np.ones(3)\n"
        "for epoch in np.arange(0, 50000):\n    w -= 0.1 * (w - x) * (1 + 0 * epoch)\n"
    ).trace
    assert trace.updates
    assert len(trace.nodes) < 200


def test_a_generator_that_never_ends_gives_a_few_batches() -> None:
    found = report_of("""
import numpy as np

def batches(words):
    while True:
        counts = {}
        for word in words:
            counts[word] = counts.get(word, 0) + 1
        x = np.random.uniform(-1, 1, (7, 1))
        yield x, counts["a"] * x

w = np.zeros((1, 1))
for x, y in batches("a b c d".split() * 20):
    error = x @ w - y
    loss = np.mean(error ** 2)
    w -= 0.1 * x.T @ error / 7
""")
    assert (found.verdict, found.reason) == (Verdict.CORRECT, None)
