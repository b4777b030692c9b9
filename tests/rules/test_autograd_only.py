"""Files in which torch derives, and functions in which a gradient is written that nothing judges."""

import pytest

from gradlint.model import Verdict
from gradlint.reading import read_script
from gradlint.rules.autograd_only import leaves_to_autograd
from gradlint.rules.unjudged import unjudged
from tests.analysing import report_of

TRAINING = """
import torch
from torch import nn, optim
from models import Network

network = Network().cuda()
steps = optim.SGD(network.parameters(), lr=0.1)
for images, labels in load("train"):
    steps.zero_grad()
    loss = nn.functional.cross_entropy(network(images), labels)
    loss.backward()
    steps.step()
"""
OWN = """
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x
    @staticmethod
    def backward(ctx, grad):
        return 2 * grad
"""


def _leaves(text: str) -> bool:
    return leaves_to_autograd(read_script(text, "train.py").module)


def test_a_training_by_torch_alone_is_not_applicable() -> None:
    assert _leaves(TRAINING)
    assert report_of(TRAINING).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TRAINING + OWN, id="an own autograd function"),
        pytest.param(
            TRAINING.replace("loss.backward()", "network.backward(dy)"), id="own backward"
        ),
        pytest.param(TRAINING + "W = W - 0.1 * W.grad\n", id="an own step along .grad"),
        pytest.param(TRAINING + "dW = X.T @ (X @ W - y)\n", id="an own gradient"),
        pytest.param(
            TRAINING.replace("import torch\n", "").replace("from torch", "from tiny"), id="no torch"
        ),
    ],
)
def test_a_training_with_something_of_its_own_is_not_left_to_torch(text: str) -> None:
    assert not _leaves(text)


def _unjudged(text: str, covered: tuple[str, ...] = ()) -> list[str]:
    return list(unjudged(read_script(text, "loss.py").module, covered))


def test_a_gradient_in_a_function_that_was_not_judged_is_told() -> None:
    text = "def cost(theta, x, y):\n    theta_grad = x.T @ (x @ theta - y)\n    return theta_grad\n"
    told = ["theta_grad is computed in cost(), which could not be judged (line 2)"]
    assert _unjudged(text) == told
    assert _unjudged(text, ("cost",)) == []


@pytest.mark.parametrize("value", ["grads['w']", "dw / (scale + 1e-8)", "rng.normal(size=w.shape)"])
def test_a_gradient_that_is_only_passed_on_is_not(value: str) -> None:
    assert _unjudged(f"def step(w, dw, grads, scale):\n    dw = {value}\n    return w - dw\n") == []


def test_one_difference_alone_may_be_a_step_in_space() -> None:
    text = "def grid(x):\n    dx = (x[-1] - x[0]) / 10\n    return dx\n"
    module = read_script(text, "grid.py").module
    assert list(unjudged(module, ())) and not list(unjudged(module, (), least=2))
