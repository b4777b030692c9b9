"""`explain --backward` where loops append to lists, go over the weights, or overwrite what they need."""

from __future__ import annotations

import textwrap

import pytest

from gradlint.composing import Underivable, compose
from gradlint.composing.itemising import itemised
from gradlint.composing.itemising.keeping import kept
from gradlint.reading import read_script


def _module(text: str):  # type: ignore[no-untyped-def]
    return read_script(textwrap.dedent(text), "script.py").module


def _itemised(text: str) -> list[str] | None:
    module = _module(text)
    found = itemised(module, module.body)
    return None if found is None else found.text.splitlines()


STATES = """\
import numpy as np
T, H = 6, 9
inputs, targets = np.random.randn(T, 4, 3), np.random.randn(T, 4, 2)
Wx, Wh, Wy = np.random.randn(3, H), np.random.randn(H, H), np.random.randn(H, 2)
for step in range(2):
    states, outs = [np.zeros((4, H))], []
    loss = 0.0
    for t in range(T):
        states.append(np.tanh(inputs[t] @ Wx + states[-1] @ Wh))
        outs.append(states[-1] @ Wy)
        loss += 0.5 * np.sum((outs[-1] - targets[t]) ** 2)
"""


def test_states_in_a_list_are_taken_back_by_their_numbers() -> None:
    made = compose(_module(STATES))
    assert list(made.lines)[-7:] == [
        "    douts[t] += outs[t] - targets[t]",
        "    dstates[t + 1] += douts[t] @ Wy.T",
        "    dWy += states[t + 1].T @ douts[t]",
        "    dstates_in = dstates[t + 1] * (1 - states[t + 1] ** 2)",
        "    dWx += inputs[t].T @ dstates_in",
        "    dstates[t] += dstates_in @ Wh.T",
        "    dWh += states[t].T @ dstates_in",
    ]
    assert set(made.parameters) == {"Wx", "Wh", "Wy"}


def test_a_loop_over_the_weights_gets_the_gradients_in_lists_and_steps_by_a_loop() -> None:
    made = compose(
        _module("""\
        import numpy as np
        x, y = np.random.randn(5, 30), np.random.randn(2, 30)
        weights = [np.random.randn(7, 5), np.random.randn(2, 7)]
        lr = 0.1
        for step in range(2):
            acts = [x]
            for w in weights:
                acts.append(np.tanh(w @ acts[-1]))
            loss = np.sum((acts[-1] - y) ** 2)
        """)
    )
    assert "for k in reversed(range(len(weights))):" in made.lines
    assert "    dacts[k] += weights[k].T @ dacts_in" in made.lines
    assert made.steps == (
        "for k in range(len(weights)):",
        "    weights[k] -= lr * dweights[k]",
    )


def test_what_a_loop_overwrites_is_kept_in_a_list_by_the_forward_pass_once_more() -> None:
    made = compose(
        _module("""\
        import numpy as np
        inputs, y = np.random.randn(5, 4, 3), np.random.randn(4, 2)
        W, V = np.random.randn(12, 9), np.random.randn(9, 2)
        for step in range(2):
            h = np.zeros((4, 9))
            for x in inputs:
                h = np.tanh(np.hstack((x, h)) @ W)
            loss = np.sum((h @ V - y) ** 2)
        """)
    )
    assert made.lines[0].startswith("# The forward pass once more")
    assert made.lines[2:6] == (
        "hs = [h] + [None] * len(inputs)",
        "for k in range(len(inputs)):",
        "    h = np.tanh(np.hstack((inputs[k], hs[k])) @ W)",
        "    hs[k + 1] = h",
    )
    assert "    dhs[k] += (dh_in @ W.T)[:, inputs.shape[2]:]" in made.lines
    assert "dhs[-1] += (2 * (hs[-1] @ V - y)) @ V.T" in made.lines


def test_no_step_makes_a_name_of_the_module_one_of_the_function_around_the_loss() -> None:
    text = """\
        import numpy as np
        x, y = np.random.randn(40, 3), np.random.randn(40, 2)
        w, lr = np.random.randn(3, 2), 0.1

        def run():
            out = x @ w
            loss = np.sum((out - y) ** 2)
            return loss

        run()
        """
    assert compose(_module(text)).steps == ()
    own = compose(_module(text.replace("def run():", "def run(w):").replace("run()", "run(w)")))
    assert own.steps == ("w -= lr * dw",)


def test_single_numbers_in_lists_of_lists_are_refused_before_each_is_tried() -> None:
    with pytest.raises(
        Underivable, match=r"the 8 parameters \(net\[0\]\[0\]\['w'\]\[0\] and others\)"
    ):
        compose(
            _module("""\
            import random
            net = [[{"w": [random.random(), random.random()]} for _ in range(2)] for _ in range(2)]
            for epoch in range(2):
                x = [0.5, -0.3]
                for layer in net:
                    x = [unit["w"][0] * x[0] + unit["w"][1] * x[1] for unit in layer]
                loss = (x[0] - 1) ** 2 + x[1] ** 2
            """)
        )


@pytest.mark.parametrize(
    ("head", "count", "number"),
    [
        pytest.param("for t in range(n):", "n", "t", id="by its number"),
        pytest.param("for t in range(n + 1):", "(n + 1)", "t", id="a sum of rounds"),
        pytest.param("for t in range(1, n):", "(n - 1)", "t - 1", id="from one on"),
        pytest.param("for t, x in enumerate(xs):", "len(xs)", "t", id="with its number"),
        pytest.param("for x, y in zip(xs, ys):", "len(xs)", "k", id="without a number"),
    ],
)
def test_rounds_are_counted_as_the_loop_counts_them(head: str, count: str, number: str) -> None:
    lines = _itemised(f"hs = []\n{head}\n    hs.append(t)\n")
    assert lines is not None
    assert lines[0] == f"hs = [0.0] * {count}"
    assert lines[2] == f"    hs[{number}] = t"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("hs = []\nfor t in range(n):\n    if t:\n        hs.append(t)\n", id="not always"),
        pytest.param("hs = []\nfor t in range(n):\n    hs.append(t)\n    hs.append(t)\n", id="twice"),
        pytest.param("hs = list(a)\nfor t in range(n):\n    hs.append(t)\n", id="of unknown length"),
        pytest.param("hs = []\nfor t in range(n):\n    hs.append(sum(hs))\n", id="read as a whole"),
        pytest.param(
            "hs = []\nfor t in range(n):\n    if t > 3:\n        break\n    hs.append(t)\n",
            id="a loop that may end early",
        ),
        pytest.param("hs = []\nfor t in make():\n    hs.append(t)\n", id="over what is no place"),
        pytest.param(
            "hs = []\nfor x in xs:\n    x = x + 1\n    hs.append(x)\n", id="an item that is bound anew"
        ),
    ],
)  # fmt: skip
def test_a_list_of_which_the_length_is_not_plain_stays_as_it_is(text: str) -> None:
    assert _itemised(text) is None


def test_what_is_read_behind_a_loop_is_the_last_that_was_kept() -> None:
    lines = ["for t in range(n):", "    h = f(h, t)", "y = h @ v", "h = 0", "z = h"]
    assert kept(lines, {"hs"}) == [
        "hs_ = [h] + [None] * n",
        "for t in range(n):",
        "    h = f(hs_[t], t)",
        "    hs_[t + 1] = h",
        "y = hs_[-1] @ v",
        "h = 0",
        "z = h",
    ]
