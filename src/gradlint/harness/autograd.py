"""The first witness: torch's reverse mode over the script's own forward pass at its own values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from gradlint.harness.graph import LossGraph
from gradlint.harness.kinks import Move, apart, mover, on_kinks


def gradients(
    torch: Any, graph: LossGraph, device: str, dtype: Any = None, move: Move | None = None
) -> dict[int, Any]:
    """d loss / d root for each root, as float64 arrays; computed in `dtype` (float64 if None).

    `move` moves inputs off their kinks.

    Raises RuntimeError, TypeError or ValueError where torch cannot compute one of the operations.
    """
    with torch.enable_grad(), _default(torch, dtype or torch.float64):
        leaves, loss = evaluated(torch, graph, graph.start(), device, dtype, move)
        if loss.requires_grad:
            loss.backward()
    return {
        root: _array(leaf.grad) if leaf.grad is not None else np.zeros(tuple(leaf.shape))
        for root, leaf in zip(graph.roots, leaves, strict=True)
    }


@contextmanager
def _default(torch: Any, dtype: Any) -> Iterator[None]:
    """What an operation makes of integers or of nothing is of the same precision as all else."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def kinked(torch: Any, graph: LossGraph, device: str) -> dict[int, Any]:
    """Which items of each gradient depend on the slope that is taken at a kink; empty if there is none.

    Raises as `gradients` does.
    """
    moves = on_kinks(graph)
    if not moves:
        return {}
    above, below = (
        gradients(torch, graph, device, move=mover(moves, side)) for side in (1.0, -1.0)
    )
    return {root: apart(above[root], below[root]) for root in graph.roots}


def evaluated(
    torch: Any, graph: LossGraph, values: Mapping[int, Any], device: str = "cpu", dtype: Any = None,
    move: Move | None = None,
) -> tuple[list[Any], Any]:  # fmt: skip
    """Leaves with `values`, in the order of the roots, and the loss (of rank 0) computed from them."""
    dtype = dtype or torch.float64
    leaves = {
        root: torch.tensor(values[root], dtype=dtype, device=device, requires_grad=True)
        for root in graph.roots
    }
    loss = graph.run(
        leaves,
        lambda op, inputs, params: _apply(torch, op, inputs, params),
        lambda value: _constant(torch, value, device, dtype),
        None if move is None else partial(move, torch),
    )
    return list(leaves.values()), loss.reshape(())


def _apply(torch: Any, op: Any, inputs: list[Any], params: dict[str, Any]) -> Any:
    """One operation; integers that torch does not mix with floats, as numpy does, become floats."""
    try:
        return op.torch(torch, *inputs, **params)
    except (RuntimeError, TypeError):
        kinds = [x for x in inputs if x.dtype.is_floating_point]
        if not kinds or len(kinds) == len(inputs):
            raise
        return op.torch(torch, *(x.to(kinds[0].dtype) for x in inputs), **params)


def _constant(torch: Any, value: Any, device: str, dtype: Any) -> Any:
    array = np.asarray(value)
    if array.dtype.kind == "f":
        return torch.tensor(array, dtype=dtype, device=device)
    return torch.tensor(array, device=device)


def _array(tensor: Any) -> Any:
    return tensor.detach().cpu().double().numpy()
