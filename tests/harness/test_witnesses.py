"""The two witnesses against each other and against derivatives that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.harness import autograd, differences
from gradlint.harness.graph import LossGraph
from gradlint.tracing import LEAF, Trace

torch = pytest.importorskip("torch")


class Maker:
    """Makes a trace by hand."""

    def __init__(self) -> None:
        self.trace = Trace()

    def leaf(self, value: Any) -> int:
        return self.trace.add(LEAF, (), {}, np.asarray(value), None)

    def __call__(self, op: str, *inputs: int, **params: Any) -> int:
        from gradlint import ops

        values = [self.trace.value(i) for i in inputs]
        return self.trace.add(op, inputs, params, ops.apply(op, *values, **params), None)


ELEMENTWISE = ("tanh", "sigmoid", "exp", "sin", "square", "negative")
layers = st.lists(st.sampled_from(ELEMENTWISE), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(kinds=layers, width=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_autograd_and_differences_agree_on_random_networks(
    kinds: list[str], width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    make = Maker()
    value = make.leaf(rng.normal(size=(5, width)))
    roots = [make.leaf(0.5 * rng.normal(size=(width, width))) for _ in kinds]
    for kind, root in zip(kinds, roots, strict=True):
        value = make(kind, make("tanh", make("matmul", value, root)))
    graph = LossGraph.between(make.trace, roots, make("sum", value))
    gradients = autograd.gradients(torch, graph, "cpu")
    for root in roots:
        for found in differences.directional(graph, root, seed):
            claimed = float(np.sum(gradients[root] * found.direction))
            assert claimed == pytest.approx(found.slope, rel=1e-3, abs=1e-9)


def test_no_slope_is_believed_at_a_kink() -> None:
    make = Maker()
    root = make.leaf(np.zeros(3))
    graph = LossGraph.between(make.trace, [root], make("sum", make("abs", root)))
    slopes = differences.directional(graph, root, 0)
    assert all(abs(s.slope) < 1e-6 for s in slopes), "a central difference at |0| is 0 or unknown"


def test_a_loss_that_does_not_depend_on_a_parameter_has_no_gradient() -> None:
    make = Maker()
    used, unused = make.leaf(np.ones(2)), make.leaf(np.ones(3))
    graph = LossGraph.between(make.trace, [used, unused], make("sum", make("square", used)))
    found = autograd.gradients(torch, graph, "cpu")
    assert found[used].tolist() == [2, 2]
    assert found[unused].tolist() == [0, 0, 0]


def test_integers_and_floats_are_mixed_as_numpy_mixes_them() -> None:
    make = Maker()
    data, root = make.leaf(np.array([[1, 2], [3, 4]])), make.leaf(np.ones((2, 1)))
    graph = LossGraph.between(make.trace, [root], make("sum", make("matmul", data, root)))
    assert autograd.gradients(torch, graph, "cpu")[root].tolist() == [[4], [6]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["double", "single"])
def test_what_is_made_a_float_is_one_of_the_precision_that_is_computed_in(dtype: Any) -> None:
    make = Maker()
    counts, root = make.leaf(np.array([[1, 2], [3, 4]])), make.leaf(np.ones((2, 1)))
    floats = make("copy", counts, dtype="float"), make("copy", root, dtype="float64")
    graph = LossGraph.between(make.trace, [root], make("sum", make("matmul", *floats)))
    before = torch.get_default_dtype()
    assert autograd.gradients(torch, graph, "cpu", dtype)[root].tolist() == [[4], [6]]
    assert torch.get_default_dtype() is before


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device")
def test_cuda_gives_the_gradient_that_the_cpu_gives() -> None:
    make = Maker()
    root = make.leaf(np.linspace(-1, 1, 12).reshape(3, 4))
    graph = LossGraph.between(make.trace, [root], make("sum", make("tanh", root)))
    on_cpu, on_cuda = (autograd.gradients(torch, graph, d)[root] for d in ("cpu", "cuda"))
    np.testing.assert_allclose(on_cuda, on_cpu, rtol=1e-12)
