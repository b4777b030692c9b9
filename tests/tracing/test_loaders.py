"""Loops over the batches of a loader are training loops like others."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gradlint.reading import read_module
from gradlint.tracing import Exploration, explore

LOOP = """
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from torchvision import datasets

    {source}
    w = torch.zeros({columns}, 1)
    for x, y in {over}:
        error = x.reshape(x.shape[0], -1) @ w - y.reshape(-1, 1)
        loss = (error ** 2).sum()
        w -= 0.1 * 2 * x.reshape(x.shape[0], -1).t() @ error
"""
TENSORS = "data = TensorDataset(torch.randn(40, 3), torch.randn(40))"


def explored(source: str, columns: str = "3", over: str = "DataLoader(data, 8)") -> Exploration:
    text = dedent(LOOP).format(source=source, columns=columns, over=over)
    return explore(read_module(text, "a.py"))


@pytest.mark.parametrize(
    "source, columns, over",
    [
        pytest.param(TENSORS, "3", "DataLoader(data, 8)", id="tensors"),
        pytest.param(TENSORS, "3", "DataLoader(dataset=data, batch_size=8)", id="by keyword"),
        pytest.param("data = datasets.MNIST('d')", "784", "DataLoader(data)", id="grey pictures"),
        pytest.param(
            "data = datasets.CIFAR10('d')", "3072", "DataLoader(data)", id="coloured pictures"
        ),
    ],
)
def test_a_batch_has_inputs_and_targets(source: str, columns: str, over: str) -> None:
    found = explored(source, columns, over)
    assert found.trace.stopped is None
    assert len(found.trace.updates) == 1
    assert len(found.facts.training_loops) == 1


def test_what_a_loader_of_something_else_gives_is_not_known() -> None:
    found = explored("data = something()")
    assert found.trace.stopped is not None or not found.trace.updates


def test_labels_are_classes() -> None:
    found = explored("data = datasets.KMNIST('d')", "784")
    forms = {key.rpartition(".")[2]: form for key, form in found.facts.inputs.forms.items()}
    assert (forms["targets"].filling, forms["targets"].below) == ("labels", 10)
    assert forms["images"].rank == 4
