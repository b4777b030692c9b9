"""Each spelling, called in the real library, gives what bind and evaluate give."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gradlint.ops import OPS, Sample, Spelling
from gradlint.ops.signature import REQUIRED
from gradlint.ops.spelling import SPELLINGS, Bound

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
Call = tuple[list[Any], dict[str, Any]]


def _on_numbers(spelling: Spelling) -> bool:
    return spelling.path.startswith(("math.", "builtins."))


def _samples(spelling: Spelling) -> list[Sample]:
    samples = list(OPS[spelling.op].samples)
    if _on_numbers(spelling):
        samples += [Sample(tuple(0.7 for _ in s.specs)) for s in samples[:1]]
    return samples


def _call(spelling: Spelling, sample: Sample) -> Call | None:
    """The arguments of a call that means the sample, None where the signature cannot say it."""
    inputs, params = list(sample.inputs), dict(sample.params)
    params.pop("part", None)
    if any(
        params.pop(k, v) != v
        for k, v in spelling.fixed.items()
        if not isinstance(params.get(k), np.ndarray)
    ):
        return None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for p in spelling.parameters:
        if p.spread or (p.star and p.is_input):
            args += [inputs] if p.spread else inputs
            inputs = []
        elif (
            p.is_input
            and inputs
            and (
                p.default not in (REQUIRED, None)
                or kwargs
                or len(args) < spelling.parameters.index(p)
            )
        ):
            kwargs[p.name] = inputs.pop(0)
        elif p.is_input and inputs:
            args.append(inputs.pop(0))
        elif p.canonical in params:
            value = params.pop(p.canonical)
            if p.star:
                args += value if isinstance(value, tuple) else [value]
            elif kwargs or len(args) < spelling.parameters.index(p):
                kwargs[p.name] = value
            else:
                args.append(value)
        elif p.default is REQUIRED and not p.star:
            return None
    return None if inputs or params else (args, kwargs)


def _resolve(path: str, modules: Mapping[str, Any]) -> Any:
    head, *rest = path.split(".")
    found = modules[head]
    for name in rest:
        found = getattr(found, name)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def _run(bound: Bound) -> Any:
    if bound.parts:
        return [_run(part) for part in bound.parts]
    out = bound.op.evaluate(*bound.inputs, **bound.params)
    if bound.result == "rows":
        return list(out)
    if bound.result != "values_indices":
        return out
    assert bound.indices is not None
    return [out, OPS[bound.indices].evaluate(*bound.inputs, **bound.params)]


def _assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for mine, theirs in zip(found, expected, strict=True):
            _assert_same(mine, theirs)
    else:
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def _usable(call: Call, scalar: bool) -> bool:
    arrays = [a for a in call[0] if isinstance(a, np.ndarray) and a.ndim]
    return not (scalar and arrays)


def _calls(spelling: Spelling) -> list[Call]:
    scalar = _on_numbers(spelling)
    made = (_call(spelling, sample) for sample in _samples(spelling))
    return [call for call in made if call is not None and _usable(call, scalar)]


def _agree(spelling: Spelling, real: Callable[..., Any], convert: Callable[[Any], Any]) -> int:
    """How many calls of the spelling the library accepts, each held against ours."""
    count = 0
    for args, kwargs in _calls(spelling):
        given = [convert(np.array(v) if isinstance(v, np.ndarray) else v) for v in args]
        try:
            value = real(*given, **{k: convert(v) for k, v in kwargs.items()})
        except (TypeError, ValueError, RuntimeError, IndexError):
            continue
        value = given[0] if spelling.in_place and value is None else value
        _assert_same(_run(spelling.bind(args, kwargs)), _plain(value))
        count += 1
    return count


def _to_tensor(torch: Any) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], np.ndarray):
            return type(value)(convert(v) for v in value)
        return torch.tensor(value) if isinstance(value, np.ndarray) else value

    return convert


# Gone from newer numpy, in need of a GPU, of less precision, of another order or unit of arguments:
# held against formulas instead.
APART = {"numpy.asfarray", "numpy.float_", "numpy.ndarray.itemset", "torch.Tensor.cuda"}
APART |= {"numpy.float16", "numpy.half", "torch.Tensor.half", "torch.Tensor.bfloat16"}
APART |= {
    "torch.nn.functional.batch_norm",
    "torch.Tensor.where",
    "torch.as_strided",
    "torch.Tensor.as_strided",
}
APART |= {"torch.Tensor.char", "torch.Tensor.byte"}
APART |= {f"numpy.uint{bits}" for bits in (8, 16, 32, 64)}
FUNCTIONS = [s for s in SPELLINGS.values() if not s.is_property and s.path not in APART]
NUMPY = [s for s in FUNCTIONS if s.path.startswith(("numpy.", "math.", "builtins."))]
TORCH = [s for s in FUNCTIONS if s.path.startswith("torch.") and not s.in_place]


@pytest.mark.parametrize("spelling", NUMPY, ids=lambda s: s.path)
def test_a_numpy_spelling_means_what_numpy_does(spelling: Spelling) -> None:
    modules = {"numpy": np, "math": math, "builtins": builtins}
    real = _resolve(spelling.path, modules)
    assert _agree(spelling, real, lambda value: value)


@pytest.mark.parametrize("spelling", TORCH, ids=lambda s: s.path)
def test_a_torch_spelling_means_what_torch_does(spelling: Spelling) -> None:
    torch = pytest.importorskip("torch")
    real = _resolve(spelling.path, {"torch": torch})
    assert _agree(spelling, real, _to_tensor(torch))
