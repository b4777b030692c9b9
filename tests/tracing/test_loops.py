"""Which loops are walked for one round and which in full, and the sizes that arrays are given."""

from __future__ import annotations

import numpy as np

from gradlint.reading import read_module
from gradlint.tracing import Trace, explore

from ..analysing import last_value, moved, trace_of
from .running import assert_walks_as_it_runs

REGRESSION = """\
import numpy as np
X, y, w = np.random.randn(40, 3), np.random.randn(40), np.zeros(3)
for epoch in range(200):
    e = X @ w - y
    g = X.T @ e
    w -= 0.1 * g
"""


def _times(trace: Trace, place: str) -> int:
    return sum(store.place == place for store in trace.stores)


def test_a_training_loop_is_walked_once() -> None:
    trace = trace_of(REGRESSION)
    assert (_times(trace, "g"), len(trace.rounds), moved(trace)) == (1, 1, ["w"])


def test_a_training_loop_with_while_is_walked_once() -> None:
    text = REGRESSION.replace("for epoch in range(200)", "n = 0\nwhile n < 200") + "    n += 1\n"
    trace = trace_of(text)
    assert (_times(trace, "g"), moved(trace), trace.stopped) == (1, ["w"], None)


def test_a_loop_until_convergence_is_walked_once() -> None:
    text = REGRESSION.replace("for epoch in range(200)", "e = y\nwhile np.abs(e).max() > 1e-9")
    trace = trace_of(text)
    assert (_times(trace, "g"), moved(trace)) == (1, ["w"])


def test_an_endless_training_loop_with_a_break_is_walked_once() -> None:
    text = REGRESSION.replace("for epoch in range(200)", "while True")
    text += "    if np.abs(g).max() < 1e-9:\n        break\n"
    assert moved(trace_of(text)) == ["w"]


def test_a_training_loop_inside_a_function_is_walked_once() -> None:
    head, _, body = REGRESSION.partition("for epoch")
    inner = "".join(f"    {line}\n" for line in ("for epoch" + body).splitlines())
    trace = trace_of(f"{head}def train(X, y, w):\n{inner}    return w\nw2 = train(X, y, w)\n")
    assert (_times(trace, "g"), moved(trace)) == (1, ["w"])


def test_a_loop_that_accumulates_is_walked_in_full() -> None:
    trace = trace_of("""
        import numpy as np
        X, y, w = np.random.randn(40, 3), np.random.randn(40), np.zeros(3)
        for epoch in range(200):
            g = np.zeros(3)
            for i in range(40):
                g += (X[i] @ w - y[i]) * X[i]
            w -= 0.1 * g / 40
    """)
    rows = last_value(trace, "X").shape[0]
    assert _times(trace, "g") == 1 + rows
    assert len(trace.rounds) == 1


def test_the_gradient_of_an_accumulating_loop_is_that_of_all_samples() -> None:
    assert_walks_as_it_runs(
        """
        import numpy as np
        X = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]])
        y = np.array([1.0, 0.0, 2.0])
        v = np.array([0.5, -0.25])
        g = np.zeros(2)
        for i in range(len(X)):
            g += (X[i] @ v - y[i]) * X[i]
        a = g * 1
        """,
        "a",
    )


def test_samples_inside_epochs_are_one_step_each() -> None:
    trace = trace_of("""
        import numpy as np
        X, y, w = np.random.randn(40, 3), np.random.randn(40), np.zeros(3)
        for epoch in range(200):
            for i in range(40):
                e = X[i] @ w - y[i]
                w -= 0.1 * e * X[i]
    """)
    assert (_times(trace, "e"), len(trace.rounds)) == (1, 2)


def test_loops_over_layers_inside_a_step_are_walked_in_full() -> None:
    trace = trace_of("""
        import numpy as np
        sizes = [6, 5, 4]
        W = [np.random.randn(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
        x = np.random.randn(9, 6)
        for step in range(100):
            acts = [x]
            for k in range(len(W)):
                acts.append(np.tanh(acts[-1] @ W[k]))
            d = acts[-1]
            for k in reversed(range(len(W))):
                d = d * (1 - acts[k + 1] ** 2)
                g = acts[k].T @ d
                d = d @ W[k].T
                W[k] -= 0.1 * g
    """)
    assert (_times(trace, "g"), moved(trace)) == (2, ["W[1]", "W[0]"])


def test_a_parameter_starts_at_random_whatever_the_script_starts_it_with() -> None:
    root = trace_of(REGRESSION).updates[0].old
    trace = trace_of(REGRESSION)
    assert np.all(trace.value(root) != 0)


def test_two_training_loops_one_after_the_other_are_both_walked() -> None:
    tail = REGRESSION.partition("import numpy as np\n")[2].replace("w", "u").replace("g", "h")
    tail = tail.replace("ranhe", "range")
    trace = trace_of(REGRESSION + tail)
    assert (moved(trace), len(trace.rounds)) == (["w", "u"], 2)


def _sizes(text: str) -> tuple[str, dict[str, tuple[int, ...]]]:
    found = explore(read_module(text, "script.py"))
    arrays = [x for x in found.trace.stores if x.new is not None]
    shapes = {x.place: np.shape(found.trace.value(x.new)) for x in arrays if x.new is not None}
    return found.sizing, shapes


def test_named_sizes_become_small_and_pairwise_different() -> None:
    text = "import numpy as np\nN, D, H = 64, 1000, 1000\n"
    text += "x = np.zeros((N, D))\nw = np.zeros((D, H))\ny = x @ w\n"
    sizing, shapes = _sizes(text)
    assert sizing == "distinct"
    assert len({*shapes["x"], *shapes["w"]}) == 3
    assert max(*shapes["x"], *shapes["w"]) < 20


def test_sizes_that_only_fit_when_equal_are_kept_equal() -> None:
    text = "import numpy as np\nx = np.zeros((64, 784))\nw = np.zeros((784, 10))\ny = x @ w\n"
    sizing, shapes = _sizes(text)
    assert sizing == "by value"
    assert shapes["x"][1] == shapes["w"][0] < 20
    assert shapes["y"] == (shapes["x"][0], shapes["w"][1])


def test_sizes_that_hang_together_otherwise_stay_as_they_are() -> None:
    text = "import numpy as np\nx = np.zeros((6, 28))\ny = x.reshape(3, 56)\nz = y @ np.zeros((56, 2))\n"
    sizing, shapes = _sizes(text)
    assert (sizing, shapes["z"]) == ("own", (3, 2))


def test_literal_data_keep_their_size() -> None:
    text = "import numpy as np\nX = np.array([[0, 1], [1, 0], [1, 1]])\nw = np.zeros((2, 7))\ny = X @ w\n"
    _, shapes = _sizes(text)
    assert shapes["y"][0] == 3 and shapes["X"] == (3, 2)


def test_one_and_two_are_never_changed() -> None:
    _, shapes = _sizes(
        "import numpy as np\nx = np.zeros((50, 1))\nw = np.zeros((1, 2))\ny = x @ w\n"
    )
    assert (shapes["x"][1], shapes["y"][1]) == (1, 2)


def test_data_far_from_one_are_brought_near() -> None:
    text = "import numpy as np\nx = np.array([1000.0, 2500.0])\ny = np.exp(-x)\n"
    assert np.all(last_value(trace_of(text), "y") > 1e-3)
