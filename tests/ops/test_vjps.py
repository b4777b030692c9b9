"""Every entry of the table, at every sample, against torch autograd and central differences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from gradlint.ops import OPS, Op, OpError, Sample, vjp

RNG = np.random.default_rng(7)
STEP = 1e-6
# torch warns of a broadcast target, and that the mean of kl_div is not its mathematical one.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def _cases(ops: Iterable[Op]) -> list[Any]:
    return [
        pytest.param(op, sample, id=f"{op.name} at its sample {i + 1}")
        for op in ops
        for i, sample in enumerate(op.samples)
    ]


CASES = _cases(OPS.values())
SMOOTH = _cases(op for op in OPS.values() if op.differentiable)


def _tensors(torch: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    made = [torch.tensor(np.asarray(x)) for x in inputs]
    return tuple(t.requires_grad_() if t.is_floating_point() else t for t in made)


def _parts(value: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(v) for v in (value if isinstance(value, (list, tuple)) else [value])]


def _differentiable_inputs(op: Op, inputs: tuple[Any, ...]) -> list[int]:
    is_float = [np.asarray(x).dtype.kind == "f" for x in inputs]
    return [i for i in range(len(inputs)) if is_float[i] and op.vjp_of(i) is not None]


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_the_value_is_that_of_torch(op: Op, sample: Sample) -> None:
    torch = pytest.importorskip("torch")
    expected = op.torch(torch, *_tensors(torch, sample.inputs), **sample.params)
    parts = expected if isinstance(expected, (list, tuple)) else [expected]
    found = _parts(op.evaluate(*sample.inputs, **sample.params))
    for mine, theirs in zip(found, parts, strict=True):
        assert mine.shape == tuple(theirs.shape)
        np.testing.assert_allclose(mine, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("op", "sample"), SMOOTH)
def test_the_vjp_is_that_of_torch_autograd(op: Op, sample: Sample) -> None:
    torch = pytest.importorskip("torch")
    tensors = _tensors(torch, sample.inputs)
    value = op.torch(torch, *tensors, **sample.params)
    out = op.evaluate(*sample.inputs, **sample.params)
    g = RNG.normal(size=np.shape(out))
    value.backward(torch.tensor(g))
    for i in _differentiable_inputs(op, sample.inputs):
        found = vjp(op, i, g, out, sample.inputs, sample.params)
        expected = np.zeros_like(found) if tensors[i].grad is None else tensors[i].grad.numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("op", "sample"), SMOOTH)
def test_the_vjp_is_that_of_central_differences(op: Op, sample: Sample) -> None:
    inputs, params = sample.inputs, sample.params
    out = op.evaluate(*inputs, **params)
    g = RNG.normal(size=np.shape(out))
    for i in _differentiable_inputs(op, inputs):
        direction = RNG.normal(size=np.shape(inputs[i]))
        ends = [
            op.evaluate(
                *inputs[:i], inputs[i] + sign * STEP * direction, *inputs[i + 1 :], **params
            )
            for sign in (1, -1)
        ]
        slope = np.sum(g * (ends[0] - ends[1])) / (2 * STEP)
        along = np.sum(vjp(op, i, g, out, inputs, params) * direction)
        assert along == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.samples], ids=lambda op: op.name)
def test_evaluation_leaves_its_inputs_alone(op: Op) -> None:
    for sample in op.samples:
        inputs = tuple(np.array(x) for x in sample.inputs)
        out = op.evaluate(*inputs, **sample.params)
        for i in _differentiable_inputs(op, inputs):
            vjp(op, i, np.ones(np.shape(out)), out, inputs, sample.params)
        for before, after in zip(sample.inputs, inputs, strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("op", list(OPS.values()), ids=lambda op: op.name)
def test_every_entry_has_a_sample(op: Op) -> None:
    assert op.samples


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.linear], ids=lambda op: op.name)
def test_a_linear_entry_is_linear_in_each_input(op: Op) -> None:
    for sample in op.samples:
        for i in _differentiable_inputs(op, sample.inputs):
            before, x, after = sample.inputs[:i], sample.inputs[i], sample.inputs[i + 1 :]
            values = [op.evaluate(*before, k * x, *after, **sample.params) for k in (1, 2, 3)]
            first, second, third = (np.asarray(v) for v in values)
            np.testing.assert_allclose(second - first, third - second, atol=1e-12)


@pytest.mark.parametrize(
    "op", [op for op in OPS.values() if op.elementwise], ids=lambda op: op.name
)
def test_an_elementwise_entry_keeps_the_broadcast_shape(op: Op) -> None:
    for sample in op.samples:
        shape = np.broadcast_shapes(*(np.shape(x) for x in sample.inputs))
        assert np.shape(op.evaluate(*sample.inputs, **sample.params)) == shape


def test_a_cotangent_of_the_wrong_shape_is_refused() -> None:
    x = np.ones((3, 4))
    with pytest.raises(OpError, match="sum: a cotangent of shape"):
        vjp(OPS["sum"], 0, np.ones(3), x.sum(), (x,), {})


def test_a_comparison_has_no_derivative() -> None:
    x = np.ones(3)
    with pytest.raises(OpError, match="greater has no derivative in its argument 1"):
        vjp(OPS["greater"], 0, x, x > 0, (x, 0), {})


@pytest.mark.filterwarnings("error")
def test_no_warning_at_points_outside_the_domain() -> None:
    x = np.array([-1.0, 0.0, 800.0])
    for name in ("exp", "log", "sqrt", "sigmoid", "reciprocal", "softplus"):
        out = OPS[name].evaluate(x)
        vjp(OPS[name], 0, np.ones(3), out, (x,), {})
