"""Made-up training scripts of any depth, with a right backward pass written by hand."""

from __future__ import annotations

from collections.abc import Callable

Maker = Callable[[int], str]


def numpy_layers(layers: int) -> str:
    """A network of `layers` tanh layers in numpy, trained by gradient descent."""
    every = range(1, layers + 1)
    setup = [f"w{i} = np.random.randn(16, 16) * 0.1" for i in every]
    forward = [f"    h{i} = np.tanh(h{i - 1}.dot(w{i}))" for i in every]
    backward = []
    for i in reversed(every):
        backward.append(f"    d{i} = g{i} * (1 - h{i} ** 2)")
        backward.append(f"    grad_w{i} = h{i - 1}.T.dot(d{i})")
        if i > 1:
            backward.append(f"    g{i - 1} = d{i}.dot(w{i}.T)")
    updates = [f"    w{i} -= 1e-3 * grad_w{i}" for i in every]
    return _joined(
        ["import numpy as np", "h0 = np.random.randn(64, 16)", "y = np.random.randn(64, 16)"],
        setup,
        ["for step in range(100):"],
        forward,
        [f"    loss = np.square(h{layers} - y).sum()", f"    g{layers} = 2 * (h{layers} - y)"],
        backward,
        updates,
    )


def torch_layers(layers: int) -> str:
    """The same network in torch, its slopes multiplied in place."""
    every = range(1, layers + 1)
    setup = [f"w{i} = torch.randn(16, 16) * 0.1" for i in every]
    forward, backward = [], []
    for i in every:
        forward += [f"    z{i} = h{i - 1}.mm(w{i})", f"    h{i} = torch.tanh(z{i})"]
    for i in reversed(every):
        backward += [f"    d{i} = g{i}.clone()", f"    d{i} *= 1 - h{i}.pow(2)"]
        backward.append(f"    grad_w{i} = h{i - 1}.t().mm(d{i})")
        if i > 1:
            backward.append(f"    g{i - 1} = d{i}.mm(w{i}.t())")
    updates = [f"    w{i} -= 1e-3 * grad_w{i}" for i in every]
    return _joined(
        ["import torch", "h0 = torch.randn(64, 16)", "y = torch.randn(64, 16)"],
        setup,
        ["for step in range(100):"],
        forward,
        [f"    loss = (h{layers} - y).pow(2).sum()", f"    g{layers} = 2.0 * (h{layers} - y)"],
        backward,
        updates,
    )


def _joined(*parts: list[str]) -> str:
    return "\n".join(line for part in parts for line in part) + "\n"


MAKERS: dict[str, Maker] = {"numpy": numpy_layers, "torch": torch_layers}
