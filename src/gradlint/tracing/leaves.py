"""Calls that make arrays out of nothing: random draws, zeros, ranges, literal data.

Each maker takes the machine and the arguments of the call, with traced integers where literals
stood, so that a literal that becomes a dimension is known as one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.values import Generator, LibraryPath, Opaque, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

Maker = Callable[..., Any]
_MAKERS: dict[str, Maker] = {}
LARGEST_DATUM = 20.0
"""Literal data beyond this saturate a sigmoid at weights of size one; they are scaled to `USUAL_DATUM`."""
USUAL_DATUM = 2.0


def maker(path: str) -> Maker | None:
    """The maker for the function at a dotted path, or None."""
    return _MAKERS.get(path)


def makes(*paths: str) -> Callable[[Maker], Maker]:
    """Register a maker under dotted paths."""

    def register(function: Maker) -> Maker:
        for path in paths:
            _MAKERS[path] = function
        return function

    return register


def shape_of(m: Machine, size: Any) -> tuple[int, ...]:
    """A shape from an argument: an integer, a tuple or list of integers, or None for rank 0."""
    if size is None:
        return ()
    parts = size if isinstance(size, list | tuple) else [size]
    for part in parts:
        _note_dimension(m, part)
    found = tuple(int(v) for v in plain(list(parts)))
    m.spend(int(np.prod(found, dtype=float)))
    return found


def _note_dimension(m: Machine, value: Any) -> None:
    if not isinstance(value, Traced):
        return
    for node_id in m.trace.ancestors([value.id]):
        node = m.trace.nodes[node_id]
        if isinstance(node.expr, s.Constant) and type(node.expr.value) is int:
            m.facts.dimensions.setdefault(id(node.expr), node.expr.value)


def _shape(m: Machine, shape: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, ...]:
    size = kwargs.get("size", kwargs.get("shape"))
    if size is None and len(shape) == 1 and isinstance(shape[0], list | tuple):
        size = shape[0]
    return shape_of(m, shape if size is None else size)


def _library(path_hint: str) -> str:
    return "torch" if path_hint.startswith("torch") else "numpy"


def _drawn(m: Machine, value: Any, library: str) -> Traced:
    if np.ndim(value) == 0 and library == "numpy":
        return m.leaf(float(value), "python")
    return m.leaf(np.asarray(value), library)


def _register_draws() -> None:
    def normal(library: str) -> Maker:
        return lambda m, *shape, **kw: _drawn(m, m.rng.normal(size=_shape(m, shape, kw)), library)

    def uniform(library: str) -> Maker:
        return lambda m, *shape, **kw: _drawn(m, m.rng.uniform(size=_shape(m, shape, kw)), library)

    for name in ("randn", "standard_normal"):
        makes(f"numpy.random.{name}")(normal("numpy"))
    makes("torch.randn")(normal("torch"))
    for name in ("rand", "random", "random_sample", "ranf", "sample"):
        makes(f"numpy.random.{name}")(uniform("numpy"))
    makes("torch.rand")(uniform("torch"))
    makes("random.random")(lambda m: m.leaf(float(m.rng.uniform()), "python"))
    makes("random.gauss", "random.normalvariate")(
        lambda m, mu=0.0, sigma=1.0: m.leaf(float(m.rng.normal(plain(mu), plain(sigma))), "python")
    )
    makes("random.uniform")(
        lambda m, a, b: m.leaf(float(m.rng.uniform(plain(a), plain(b))), "python")
    )

    def constant(library: str, value: float) -> Maker:
        return lambda m, *shape, **kw: m.leaf(
            np.full(_shape(m, shape[:1] if library == "numpy" else shape, kw), value), library
        )

    for name, value in (("zeros", 0.0), ("ones", 1.0), ("empty", 0.0)):
        makes(f"numpy.{name}")(constant("numpy", value))
        makes(f"torch.{name}")(constant("torch", value))
        for library in ("numpy", "torch"):
            makes(f"{library}.{name}_like")(
                lambda m, a, _value=value, _library=library, **kw: _like(m, a, _value, _library)
            )


def _like(m: Machine, a: Any, value: float, library: str) -> Any:
    if isinstance(a, Opaque):
        return a
    shape = np.shape(plain(a))
    return m.leaf(np.full(shape, value), library)


_register_draws()


@makes("numpy.random.normal", "torch.normal")
def _normal(m: Machine, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kw: Any) -> Any:
    loc, scale = kw.get("mean", loc), kw.get("std", scale)
    drawn = m.rng.normal(plain(loc), np.abs(plain(scale)), shape_of(m, size))
    return _drawn(m, drawn, "torch" if "mean" in kw else "numpy")


@makes("numpy.random.uniform")
def _uniform(m: Machine, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    return _drawn(m, m.rng.uniform(plain(low), plain(high), shape_of(m, size)), "numpy")


def _integers(m: Machine, low: Any, high: Any, size: Any, library: str) -> Any:
    first, last = (0, plain(low)) if high is None else (plain(low), plain(high))
    drawn = m.rng.integers(int(first), max(int(last), int(first) + 1), shape_of(m, size))
    if np.ndim(drawn) == 0 and library == "numpy":
        return m.leaf(int(drawn), "python")
    return m.leaf(np.asarray(drawn), library)


@makes("numpy.random.randint", "numpy.random.integers")
def _randint(m: Machine, low: Any, high: Any = None, size: Any = None, dtype: Any = None) -> Any:
    return _integers(m, low, high, size, "numpy")


@makes("numpy.random.random_integers")
def _random_integers(m: Machine, low: Any, high: Any = None, size: Any = None) -> Any:
    last = plain(low if high is None else high) + 1
    return _integers(m, 1 if high is None else low, last, size, "numpy")


@makes("torch.randint")
def _torch_randint(m: Machine, low: Any, high: Any, size: Any = None, **kw: Any) -> Any:
    if size is None:
        low, high, size = 0, low, high
    return _integers(m, low, high, size, "torch")


@makes("random.randint", "random.randrange")
def _python_randint(m: Machine, a: Any, b: Any = None) -> Any:
    return _integers(m, a, b, None, "numpy")


@makes("numpy.random.permutation", "torch.randperm")
def _permutation(m: Machine, n: Any, **kw: Any) -> Any:
    if isinstance(n, Traced) and n.shape:
        order = m.leaf(m.rng.permutation(n.shape[0]), n.library)
        return m.apply("getitem", [n], {"index": order.value}, n.library)
    return m.leaf(m.rng.permutation(int(plain(n))), "numpy")


@makes("numpy.random.choice")
def _choice(m: Machine, a: Any, size: Any = None, replace: Any = True, p: Any = None) -> Any:
    pool = plain(a) if np.ndim(plain(a)) else np.arange(int(plain(a)))
    drawn = m.rng.choice(pool, shape_of(m, size), bool(plain(replace)))
    return m.leaf(drawn, "numpy") if np.ndim(drawn) else m.leaf(drawn.item(), "python")


@makes("numpy.random.binomial")
def _binomial(m: Machine, n: Any, p: Any, size: Any = None) -> Any:
    return _drawn(m, m.rng.binomial(int(plain(n)), float(plain(p)), shape_of(m, size)), "numpy")


@makes("numpy.random.seed", "torch.manual_seed", "random.seed", "numpy.random.shuffle",
       "random.shuffle", "torch.set_default_dtype", "numpy.set_printoptions", "numpy.seterr")  # fmt: skip
def _nothing(m: Machine, *args: Any, **kw: Any) -> None:
    return None


@makes("torch.device", "torch.no_grad", "torch.enable_grad", "torch.set_grad_enabled", "numpy.errstate",
       "torch.Generator", "torch.autograd.set_detect_anomaly", "warnings.filterwarnings",
       "torch.cuda.is_available", "time.time", "time.perf_counter", "torch.cuda.synchronize")  # fmt: skip
def _setting(m: Machine, *args: Any, **kw: Any) -> Any:
    return LibraryPath("a setting")


@makes("numpy.random.default_rng", "numpy.random.RandomState")
def _generator(m: Machine, *args: Any, **kw: Any) -> Generator:
    return Generator("numpy.random")


@makes("numpy.full", "torch.full")
def _full(m: Machine, shape: Any, fill_value: Any, **kw: Any) -> Any:
    return m.leaf(np.full(shape_of(m, shape), plain(fill_value), dtype=float), "numpy")


@makes("numpy.full_like", "torch.full_like")
def _full_like(m: Machine, a: Any, fill_value: Any, **kw: Any) -> Any:
    return _like(m, a, plain(fill_value), getattr(a, "library", "numpy"))


@makes("torch.randn_like", "torch.rand_like")
def _randn_like(m: Machine, a: Any, **kw: Any) -> Any:
    return m.leaf(m.rng.normal(size=np.shape(plain(a))), "torch")


@makes("numpy.eye", "numpy.identity")
def _eye(m: Machine, N: Any, M: Any = None, **kw: Any) -> Any:
    rows = shape_of(m, N)[0]
    return m.leaf(np.eye(rows, rows if M is None else int(plain(M))), "numpy")


@makes("torch.eye")
def _torch_eye(m: Machine, n: Any, k: Any = None, **kw: Any) -> Any:
    return m.leaf(np.eye(int(plain(n)), None if k is None else int(plain(k))), "torch")


@makes("numpy.arange", "torch.arange")
def _arange(m: Machine, *bounds: Any, **kw: Any) -> Any:
    if len(bounds) == 1:
        shape_of(m, bounds[0])
    return m.leaf(
        np.arange(
            *plain(list(bounds)),
            **{k: plain(v) for k, v in kw.items() if k in ("start", "stop", "step")},
        ),
        "numpy",
    )


@makes("numpy.linspace", "torch.linspace")
def _linspace(m: Machine, start: Any, stop: Any = None, num: Any = 50, **kw: Any) -> Any:
    stop, num = kw.get("end", stop), kw.get("steps", num)
    (count,) = shape_of(m, num)
    return m.leaf(np.linspace(plain(start), plain(stop), count), "numpy")


@makes("numpy.array", "numpy.asarray", "numpy.matrix", "numpy.mat", "numpy.ascontiguousarray",
       "numpy.asanyarray", "numpy.asfarray")  # fmt: skip
def _array(m: Machine, data: Any, *args: Any, **kw: Any) -> Any:
    return _data(m, data, "numpy", int(plain(kw.get("ndmin", 0))))


@makes("torch.tensor", "torch.as_tensor", "torch.from_numpy")
def _tensor(m: Machine, data: Any, *more: Any, **kw: Any) -> Any:
    if isinstance(data, Traced) and data.is_python and isinstance(data.value, int) and more:
        return m.leaf(np.zeros(shape_of(m, [data, *more])), "torch")
    return _data(m, data, "torch", 0)


def _data(m: Machine, data: Any, library: str, rank: int) -> Any:
    if isinstance(data, Opaque):
        return data
    made = (
        m.apply("copy", [data], {}, library)
        if isinstance(data, Traced)
        else m.tensor_of(data, library)
    )
    if isinstance(made, Opaque):
        return made
    value = np.asarray(made.value)
    node = m.trace.nodes[made.id]
    if node.is_leaf and value.size and value.dtype.kind in "if":
        peak = float(np.max(np.abs(value)))
        if peak > LARGEST_DATUM:
            made.value = node.value = value * (USUAL_DATUM / peak)
    if rank > made.value.ndim:
        return m.apply("reshape", [made], {"shape": (1,) * (rank - made.value.ndim) + made.shape})
    return made
