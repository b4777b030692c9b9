"""`gradlint explain --backward`: what is written is right, reads like the script, and is refused else."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from gradlint import cli
from gradlint.composing import NoSuchParameter, Underivable, aim_at, compose
from gradlint.composing.inserting import old_backward, replaced
from gradlint.composing.steps import steps_of
from gradlint.model import Verdict
from gradlint.reading import read_script

from ..analysing import report_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
STRIPPED = (
    "activation_elu_leaky",
    "data_iris_softmax",
    "data_loadtxt_regression",
    "data_table_columns",
    "data_torchvision_batches",
    "dropout_kept_mask",
    "loss_bce_with_logits",
    "loss_contrastive_pairs",
    "loss_cosine",
    "loss_huber",
    "magics_in_a_script",
    "norm_batch_fused",
    "norm_batch_staged",
    "norm_layer",
    "numpy_adagrad",
    "numpy_clipped_gradient",
    "numpy_constant_in_learning_rate",
    "numpy_cubic_fit",
    "numpy_dropout_mask_kept",
    "numpy_frozen_first_layer",
    "numpy_l2_both_sides",
    "numpy_lasso_both_sides",
    "numpy_logistic_regression",
    "numpy_minibatches",
    "numpy_params_dict",
    "numpy_params_dict_all_stepped",
    "numpy_planar_tanh",
    "numpy_rates_of_their_own",
    "numpy_regression_theta",
    "numpy_scale_late",
    "numpy_softmax_global_shift",
    "numpy_softmax_integer_labels",
    "numpy_softmax_squared_full_jacobian",
    "numpy_swish_cache_copied",
    "numpy_tanh_comentarios",
    "numpy_tied_autoencoder",
    "numpy_two_losses",
    "numpy_weight_list_every_layer",
    "python2_logistic",
    "python2_true_division",
    "rnn_state_lists",
    "start_first_layer_at_zero",
    "start_output_at_zero_xor",
    "three_layer",
    "torch_binary_cross_entropy",
    "torch_constant_in_learning_rate",
    "torch_leaky_where",
    "torch_linear_bias",
    "torch_log_softmax_onehot",
    "torch_softmax_labels",
    "torch_two_layer_mean",
)
"""Of the right fixtures those of which it can be written. Of the others most compute no loss, but for
a note in their steps; the rest needs a loop over samples, time or places, or a scatter."""
KEPT_STEPS = (
    "numpy_adagrad",
    "numpy_momentum",
    "numpy_xor_sigmoid",
    "three_layer",
    "numpy_softmax_onehot",
    "numpy_adam_rates_folded",
    "numpy_nesterov_rewritten",
    "numpy_rmsprop",
    "functions_closures",
)

FORWARD = """\
import numpy as np

N, D, H, K = 40, 7, 11, 3
X, Y = np.random.randn(N, D), np.random.randn(N, K)
W1, b1 = np.random.randn(D, H) * 0.1, np.zeros(H)
W2, b2 = np.random.randn(H, K) * 0.1, np.zeros(K)
lr = 0.05
for epoch in range(200):
    h = np.tanh(np.dot(X, W1) + b1)
    out = np.dot(h, W2) + b2
    loss = np.sum((out - Y) ** 2) / N
    print(epoch, loss)
"""


def _module(text: str, path: str = "script.py"):  # type: ignore[no-untyped-def]
    return read_script(textwrap.dedent(text), path).module


def _lines(text: str) -> list[str]:
    return list(compose(_module(text)).lines)


def _stripped(name: str) -> tuple[str, list[str]]:
    """The text of a fixture without its backward pass and its steps, and its parameters."""
    path = FIXTURES / f"{name}.py"
    module = _module(path.read_text(encoding="utf-8"), str(path))
    aim = aim_at(module)
    steps = steps_of(aim, module)
    moving = dict.fromkeys(u.statement for c in aim.case.claims for u in c.updates)
    old = old_backward(aim, [*steps.nameless, *moving], steps.containers)
    return replaced(module, old, aim.target.statement, [], []), list(aim.goal.parameters)


@pytest.mark.parametrize("name", STRIPPED)
def test_a_right_script_without_its_backward_pass_gets_an_equal_one(name: str) -> None:
    bare, parameters = _stripped(name)
    found = report_of(compose(_module(bare, f"{name}.py")).text, f"{name}.py")
    right = {row.of for row in found.gradients if row.static.value == "equal"}
    assert right >= set(parameters)
    assert found.verdict is Verdict.CORRECT, found.reason


@pytest.mark.parametrize("name", KEPT_STEPS)
def test_steps_that_are_there_stay_and_get_what_they_take(name: str) -> None:
    path = FIXTURES / f"{name}.py"
    text = compose(_module(path.read_text(encoding="utf-8"), str(path))).text
    assert report_of(text, str(path)).verdict is Verdict.CORRECT


def test_the_code_is_in_the_names_the_spelling_and_the_habit_of_the_script() -> None:
    assert _lines(FORWARD) == [
        "dout = 2 * (out - Y) / N",
        "db2 = np.sum(dout, axis=0)",
        "dW2 = np.dot(h.T, dout)",
        "dh = np.dot(dout, W2.T)",
        "dh_in = dh * (1 - h ** 2)",
        "db1 = np.sum(dh_in, axis=0)",
        "dW1 = np.dot(X.T, dh_in)",
    ]


def test_the_steps_take_the_rate_that_the_script_has() -> None:
    made = compose(_module(FORWARD))
    assert made.steps == ("W1 -= lr * dW1", "b1 -= lr * db1", "W2 -= lr * dW2", "b2 -= lr * db2")
    assert compose(_module(FORWARD.replace("lr = 0.05\n", ""))).steps == ()


def test_the_names_that_steps_wait_for_are_given() -> None:
    text = FORWARD + "    W1 -= lr * grad_first\n    W2 -= lr * grad_second\n"
    text += "    b1 -= lr * bias_first\n    b2 -= lr * bias_second\n"
    made = compose(_module(text))
    assert {"grad_first", "grad_second", "bias_first", "bias_second"} <= {
        line.partition(" = ")[0] for line in made.lines
    }
    assert made.steps == ()


def test_the_names_beside_parameters_in_a_loop_of_steps_are_given() -> None:
    pairs = "((W1, first), (b1, second), (W2, third), (b2, fourth))"
    made = compose(_module(f"{FORWARD}    for p, g in {pairs}:\n        p -= lr * g\n"))
    assert {"first", "second", "third", "fourth"} <= {x.partition(" = ")[0] for x in made.lines}
    assert made.steps == ()


def test_what_is_drawn_and_not_called_like_a_weight_may_be_left_out() -> None:
    text = FORWARD.replace(
        "    out =", "    keep = np.random.rand(40, 11) < 0.5\n    h = h * keep\n    out ="
    )
    assert [x.partition(" = ")[0] for x in compose(_module(text)).lines][-1] == "dW1"


def test_a_layer_that_was_added_gets_its_gradients_too() -> None:
    old = """\
    import torch
    N, D, H, K = 30, 8, 12, 4
    x, y = torch.randn(N, D), torch.randn(N, K)
    w1, w2, w3 = torch.randn(D, H), torch.randn(H, H), torch.randn(H, K)
    for t in range(100):
        h = x.mm(w1).clamp(min=0)
        g = h.mm(w2).clamp(min=0)
        y_pred = g.mm(w3)
        loss = (y_pred - y).pow(2).sum()
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w3 = g.t().mm(grad_y_pred)
        grad_w1 = x.t().mm(grad_y_pred.mm(w3.t()) * (h > 0))
        w1 -= 1e-4 * grad_w1
        w3 -= 1e-4 * grad_w3
    """
    made = compose(_module(old))
    assert "grad_w2 = h.t().mm(grad_g_in)" in made.lines
    assert made.steps == ("w2 -= 0.001 * grad_w2",) or made.steps == ()


def test_a_rank_one_loss_is_spread_over_what_it_was_summed_from() -> None:
    text = """\
    import numpy as np
    X = np.random.randn(25, 6)
    W, b = np.random.randn(6, 1), np.zeros(1)
    for i in range(50):
        out = X @ W + b
        loss = np.mean(out)
    """
    assert _lines(text)[0] == "dout = np.ones_like(out) / X.shape[0]"


def test_what_the_old_backward_pass_changed_in_place_is_taken_as_it_was() -> None:
    text = """\
    import numpy as np
    X, labels = np.random.randn(30, 6), np.random.randint(0, 4, 30)
    W = np.random.randn(6, 4)
    for i in range(100):
        e = np.exp(X @ W)
        p = e / np.sum(e, axis=1, keepdims=True)
        loss = np.mean(-np.log(p[range(30), labels]))
        d = p
        d[range(30), labels] -= 1
        W -= 0.1 * (X.T @ d) / 30
    """
    assert _lines(text) == ["dW = X.T @ ((p - np.eye(W.shape[1])[labels]) / X.shape[0])"]


def test_data_and_settings_are_no_parameters() -> None:
    text = FORWARD.replace("X, Y =", "A, T =").replace("np.dot(X, W1)", "np.dot(A, W1)")
    text = text.replace("(out - Y) ** 2) / N", "(out - T) ** 2) / N + wd * np.sum(W1 ** 2)")
    parameters = aim_at(_module(text.replace("lr = 0.05", "lr, wd = 0.05, 1e-3"))).goal.parameters
    assert list(parameters) == ["W1", "b1", "W2", "b2"]


def test_parameters_can_be_named() -> None:
    made = compose(_module(FORWARD), ["W2"])
    assert [line.partition(" = ")[0] for line in made.lines] == ["dout", "dW2"]
    with pytest.raises(NoSuchParameter) as raised:
        compose(_module(FORWARD), ["W3"])
    assert raised.value.known == ["W1", "b1", "W2", "b2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("print('hello')\n", "no line stores a loss", id="a script without a loss"),
        pytest.param(
            "import numpy as np\nX = np.random.randn(5, 3)\nloss = np.sum(X)\n",
            "no parameter", id="a loss without parameters",
        ),
        pytest.param(
            FORWARD.replace("np.sum((out - Y) ** 2) / N", "np.sort(out).cumsum()[3]"),
            "no short written form", id="an operation whose derivative is not written",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Underivable, match=why):
        compose(_module(text))


def test_the_command_prints_code_that_can_be_pasted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text(FORWARD, encoding="utf-8")
    assert cli.run(["explain", str(path), "--backward"]) == 0
    code = capsys.readouterr().out
    lines = FORWARD.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "loss =" in line) + 1
    pasted = "".join([*lines[:at], code, *lines[at:]])
    assert report_of(pasted).verdict is Verdict.CORRECT


def test_the_command_refuses_with_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text("loss = 3\n", encoding="utf-8")
    assert cli.run(["explain", str(path), "--backward"]) == 1
    assert "no backward pass is written" in capsys.readouterr().err
