"""The health of trainings by torch's own autograd: what a network with an optimiser shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from gradlint.harness.job import training_job
from gradlint.harness.result import RunResult
from gradlint.health import HealthOptions, Thresholds, diagnose
from gradlint.health.symptom import Symptom
from gradlint.reading import read_module
from gradlint.training import trains_by_autograd
from tests.harness.conftest import Send

NETWORK = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.manual_seed(0)
    x, y = torch.randn(60, 4), torch.randn(60, 1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(4, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            return self.out(F.relu(self.hidden(x)))

    net = Net()
    # start
    lr = 0.05
    optimiser = torch.optim.SGD(net.parameters(), lr=lr)
    for epoch in range(60):
        loss = F.mse_loss(net(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
"""
ADAM = NETWORK.replace(
    "torch.optim.SGD(net.parameters(), lr=lr)", "torch.optim.Adam(net.parameters())"
)
BY_HAND = """
    import torch

    torch.manual_seed(0)
    x, y = torch.randn(40, 6), torch.randn(40, 2)
    w1 = (0.4 * torch.randn(6, 10)).requires_grad_()
    w2 = (0.3 * torch.randn(10, 2)).requires_grad_()
    for t in range(50):
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        loss.backward()
        with torch.no_grad():
            for w in (w1, w2):
                w -= 1e-3 * w.grad
                w.grad = None
"""
TWO_LOSSES = """
    import torch
    from torch import nn

    torch.manual_seed(0)
    maker = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    judge = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Sigmoid())
    a = torch.optim.Adam(maker.parameters(), 1e-3)
    b = torch.optim.Adam(judge.parameters(), 1e-3)
    ones, zeros, bce = torch.ones(32, 1), torch.zeros(32, 1), nn.BCELoss()
    for t in range(40):
        true, made = torch.randn(32, 2) + 2, maker(torch.randn(32, 3))
        b.zero_grad()
        (bce(judge(true), ones) + bce(judge(made.detach()), zeros)).backward()
        b.step()
        a.zero_grad()
        bce(judge(made), ones).backward()
        a.step()
"""

Watched = Callable[[str], tuple[RunResult, list[Symptom]]]


@pytest.fixture
def watched(sent: Send, tmp_path: Path) -> Watched:
    def run(source: str) -> tuple[RunResult, list[Symptom]]:
        path = tmp_path / "script.py"
        path.write_text(dedent(source), encoding="utf-8")
        module = read_module(dedent(source), str(path))
        assert trains_by_autograd(module)
        result = sent([training_job(module, limit=100.0, health=HealthOptions(60, 100.0))])
        assert result.status == "ok", result.detail
        return result, [s for one in result.health for s in diagnose(one, Thresholds())]

    return run


@contextmanager
def _single_threaded() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(NETWORK, id="a network and SGD"),
        pytest.param(ADAM, id="a network and Adam"),
        pytest.param(BY_HAND, id="tensors that are stepped by hand"),
        pytest.param(TWO_LOSSES, id="two networks with a loss each"),
        pytest.param(NETWORK.replace("F.relu(", "F.dropout("), id="dropout and no activation"),
    ],
)
def test_a_training_that_goes_well_shows_nothing(source: str, watched: Watched) -> None:
    result, symptoms = watched(source)
    assert symptoms == []
    assert result.iterations == len(result.health[0].losses) > 30


def test_layers_and_parameters_are_seen_by_their_names(watched: Watched) -> None:
    (health,) = watched(NETWORK)[0].health
    assert [p.name for p in health.parameters if len(p.shape) == 2] == [
        "hidden.weight",
        "out.weight",
    ]
    assert {p.name for p in health.parameters} >= {"hidden.bias", "out.bias"}
    assert [(x.kind, x.hidden, x.feeding) for x in health.layers] == [
        ("relu", True, ("hidden.weight",))
    ]
    assert (health.loss, health.parameters[0].shape) == ("loss", (16, 4))


@pytest.mark.parametrize(
    ("change", "code", "line", "words"),
    [
        pytest.param(
            "for p in net.parameters(): nn.init.zeros_(p)", "GL705", "self.hidden =", "16 units",
            id="weights that all start at zero",
        ),
        pytest.param(
            "nn.init.constant_(net.hidden.bias, -8.0)", "GL703", "F.relu", "from the start",
            id="a bias that really starts at -8",
        ),
    ],
)  # fmt: skip
def test_a_bad_start_is_told(
    change: str, code: str, line: str, words: str, watched: Watched
) -> None:
    source = NETWORK.replace("# start", change)
    (symptom,) = watched(source)[1]
    assert symptom.code == code and words in symptom.message
    assert line in dedent(source).splitlines()[symptom.span.line - 1]


def test_a_learning_rate_that_is_too_large_is_told_in_its_line(watched: Watched) -> None:
    source = NETWORK.replace("lr = 0.05", "lr = 5.0")
    told = {s.code: s for s in watched(source)[1]}
    assert set(told) & {"GL701", "GL703"} and "GL711" in told
    assert dedent(source).splitlines()[told["GL711"].span.line - 1] == "lr = 5.0"
    assert "lr is 5," in told["GL711"].message


def test_gradients_that_vanish_behind_many_sigmoids_are_told(watched: Watched) -> None:
    layers = "nn.Sequential(*[nn.Sequential(nn.Linear(4, 4), nn.Sigmoid()) for _ in range(6)])"
    source = NETWORK.replace("nn.Linear(4, 16)", layers).replace(
        "nn.Linear(16, 1)", "nn.Linear(4, 1)"
    )
    assert "GL706" in [s.code for s in watched(source.replace("F.relu(", "("))[1]]


def test_watching_does_not_change_what_the_script_computes(watched: Watched) -> None:
    """Each loss tells of all the steps before it, bit for bit."""
    alone: dict[str, list[float]] = {"losses": []}
    told = "optimiser.step()\n        losses.append(loss.item())"
    with _single_threaded():
        exec(dedent(ADAM.replace("optimiser.step()", told)), alone)
    assert list(watched(ADAM)[0].health[0].losses) == alone["losses"]


def test_a_backward_that_the_script_defines_itself_is_not_torch_s() -> None:
    own = "import torch\ndef backward(x):\n    return x\nnet.backward()\n"
    assert not trains_by_autograd(read_module(own, "script.py"))
    assert not trains_by_autograd(read_module("import numpy\nloss.backward()\n", "script.py"))
