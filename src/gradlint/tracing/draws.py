"""Random draws: made-up values of the shape and the range that the script asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.driven import Driven
from gradlint.tracing.leaves import Maker, given_shape, known, makes, shape_of
from gradlint.tracing.values import Generator, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

DISTRIBUTIONS = {
    "beta": 2, "binomial": 2, "chisquare": 1, "dirichlet": 1, "exponential": 1, "f": 2, "gamma": 2,
    "geometric": 1, "gumbel": 2, "laplace": 2, "logistic": 2, "lognormal": 2, "multinomial": 2,
    "multivariate_normal": 2, "negative_binomial": 2, "pareto": 1, "poisson": 1, "power": 1,
    "rayleigh": 1, "standard_cauchy": 0, "standard_exponential": 0, "standard_gamma": 1,
    "standard_t": 1, "triangular": 3, "vonmises": 2, "wald": 2, "weibull": 1, "zipf": 1,
}  # fmt: skip
"""numpy's other distributions, with the number of parameters that stand before `size`."""


def _drawn(m: Machine, value: Any, library: str) -> Traced:
    if np.ndim(value) == 0 and library == "numpy":
        return m.leaf(float(value), "python")
    return m.leaf(np.asarray(value), library)


def _standard(library: str, draw: Callable[[np.random.Generator], Callable[..., Any]]) -> Maker:
    return lambda m, *shape, **kw: _drawn(
        m, draw(m.rng)(size=given_shape(m, shape, kw)), library
    )  # fmt: skip


for _name in ("randn", "standard_normal"):
    known(f"numpy.random.{_name}")(_standard("numpy", lambda rng: rng.normal))
known("torch.randn")(_standard("torch", lambda rng: rng.normal))
for _name in ("rand", "random", "random_sample", "ranf", "sample"):
    known(f"numpy.random.{_name}")(_standard("numpy", lambda rng: rng.uniform))
known("torch.rand")(_standard("torch", lambda rng: rng.uniform))


def _distribution(name: str, count: int) -> Maker:
    def draw(m: Machine, *args: Any, **kw: Any) -> Any:
        size = kw.pop("size", args[count] if len(args) > count else None)
        named = {k: plain(v) for k, v in kw.items()}
        shape = None if size is None else shape_of(m, size)
        value = getattr(m.rng, name)(*plain(list(args[:count])), **named, size=shape)
        return _sampled(m, value, (*args[:count], *kw.values()), "numpy")

    return draw


def _sampled(m: Machine, value: Any, parameters: Iterable[Any], library: str) -> Any:
    """A draw whose distribution was computed: it depends on that, and has no slope in it."""
    known = m.facts.parameters
    for made in parameters:
        if not isinstance(made, Traced) or not made.shape or m.trace.nodes[made.id].is_leaf:
            continue
        above = m.trace.ancestors([made.id])
        if isinstance(m.module, Driven) or any(m.trace.keys.get(node) in known for node in above):
            return m.apply("sampled", [made], {"drawn": np.asarray(value)}, library)
    return _drawn(m, value, library)


for _name, _count in DISTRIBUTIONS.items():
    known(f"numpy.random.{_name}")(_distribution(_name, _count))


@known("numpy.random.normal", "torch.normal")
def _normal(m: Machine, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, **kw: Any) -> Any:
    loc, scale = kw.get("mean", loc), kw.get("std", scale)
    shape = (
        shape_of(m, size) if size is not None else np.broadcast_shapes(*map(_shape, (loc, scale)))
    )
    drawn = m.rng.normal(plain(loc), np.abs(plain(scale)), shape)
    return _drawn(m, drawn, "torch" if "mean" in kw else "numpy")


def _shape(value: Any) -> tuple[int, ...]:
    return np.shape(plain(value))


@known("numpy.random.uniform")
def _uniform(m: Machine, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    shape = (
        shape_of(m, size) if size is not None else np.broadcast_shapes(*map(_shape, (low, high)))
    )
    return _drawn(m, m.rng.uniform(plain(low), plain(high), shape), "numpy")


@known("torch.randn_like", "torch.rand_like")
def _randn_like(m: Machine, a: Any, **kw: Any) -> Any:
    return m.leaf(m.rng.normal(size=np.shape(plain(a))), "torch")


@known("torch.bernoulli")
def _bernoulli(m: Machine, p: Any, **kw: Any) -> Any:
    drawn = (m.rng.uniform(size=_shape(p)) < plain(p)).astype(float)
    return _sampled(m, drawn, [p], "torch")


@known("torch.multinomial")
def _multinomial(m: Machine, p: Any, num_samples: Any, *args: Any, **kw: Any) -> Any:
    count, shape = int(plain(num_samples)), _shape(p)
    rows = [m.rng.permutation(shape[-1])[:count] for _ in range(int(np.prod(shape[:-1])))]
    return m.leaf(np.reshape(rows, (*shape[:-1], count)), "torch")


# Integers and orders


_ROWS = 3


def _integers(m: Machine, low: Any, high: Any, size: Any, library: str) -> Any:
    first, last = (0, plain(low)) if high is None else (plain(low), plain(high))
    if (
        size is None
    ):  # most single draws pick a row of data, of which fewer are there than the text says
        last = min(int(last), int(first) + _ROWS)
    drawn = m.rng.integers(int(first), max(int(last), int(first) + 1), shape_of(m, size))
    if np.ndim(drawn) == 0 and library == "numpy":
        return m.leaf(int(drawn), "python")
    return m.leaf(np.asarray(drawn), library)


@known("numpy.random.randint", "numpy.random.integers")
def _randint(
    m: Machine, low: Any, high: Any = None, size: Any = None, dtype: Any = None, **kw: Any
) -> Any:
    return _integers(m, low, high, size, "numpy")


@known("numpy.random.random_integers")
def _random_integers(m: Machine, low: Any, high: Any = None, size: Any = None) -> Any:
    last = plain(low if high is None else high) + 1
    return _integers(m, 1 if high is None else low, last, size, "numpy")


@known("torch.randint")
def _torch_randint(m: Machine, low: Any, high: Any, size: Any = None, **kw: Any) -> Any:
    if size is None:
        low, high, size = 0, low, high
    return _integers(m, low, high, size, "torch")


@known("torch.randint_like")
def _randint_like(m: Machine, a: Any, low: Any, high: Any = None, **kw: Any) -> Any:
    return _integers(m, low, high, list(_shape(a)), "torch")


@known("random.randint", "random.randrange")
def _python_randint(m: Machine, a: Any, b: Any = None, *step: Any) -> Any:
    return _integers(m, a, b, None, "numpy")


@known("numpy.random.permutation", "numpy.random.permuted", "torch.randperm")
def _permutation(m: Machine, n: Any, **kw: Any) -> Any:
    if isinstance(n, list | tuple | range):
        return [n[int(i)] for i in m.rng.permutation(len(n))]
    if isinstance(n, Traced) and n.shape:
        order = m.leaf(m.rng.permutation(n.shape[0]), n.library)
        return m.apply("getitem", [n], {"index": order.value}, n.library)
    return m.leaf(m.rng.permutation(int(plain(n))), "numpy")


@known("numpy.random.choice")
def _choice(
    m: Machine, a: Any, size: Any = None, replace: Any = True, p: Any = None, **kw: Any
) -> Any:
    pool = plain(a) if np.ndim(plain(a)) else np.arange(int(plain(a)))
    drawn = m.rng.choice(pool, shape_of(m, size), bool(plain(replace)))
    return m.leaf(drawn, "numpy") if np.ndim(drawn) else m.leaf(drawn.item(), "python")


# Python's own module


@known("random.random")
def _random(m: Machine) -> Any:
    return m.leaf(float(m.rng.uniform()), "python")


@known("random.gauss", "random.normalvariate")
def _gauss(m: Machine, mu: Any = 0.0, sigma: Any = 1.0) -> Any:
    return m.leaf(float(m.rng.normal(plain(mu), plain(sigma))), "python")


@known("random.uniform", "random.triangular")
def _between(m: Machine, a: Any = 0.0, b: Any = 1.0, *mode: Any) -> Any:
    return m.leaf(float(m.rng.uniform(plain(a), plain(b))), "python")


@known("random.expovariate")
def _expovariate(m: Machine, rate: Any = 1.0) -> Any:
    return m.leaf(float(m.rng.exponential(1 / plain(rate))), "python")


@known("random.choice")
def _one_of(m: Machine, values: Any) -> Any:
    return _pool(m, values)[int(m.rng.integers(len(_pool(m, values))))]


@known("random.choices")
def _some_of(m: Machine, values: Any, weights: Any = None, k: Any = 1, **kw: Any) -> Any:
    pool = _pool(m, values)
    return [pool[int(i)] for i in m.rng.integers(0, len(pool), int(plain(k)))]


@known("random.sample")
def _sample(m: Machine, values: Any, k: Any) -> Any:
    pool = _pool(m, values)
    return [pool[int(i)] for i in m.rng.permutation(len(pool))[: int(plain(k))]]


def _pool(m: Any, values: Any) -> list[Any]:
    found: list[Any] | None = m.items(values)
    if not found:
        raise ValueError("what is drawn from is not known")
    return found


@known("torch.Tensor.bernoulli")
def _bernoulli_of(m: Machine, p: Any, **kw: Any) -> Any:
    return _bernoulli(m, p)


@makes("numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator")
def _generator(m: Machine, *args: Any, **kw: Any) -> Generator:
    return Generator("numpy.random")


@makes("random.Random")
def _python_generator(m: Machine, *args: Any, **kw: Any) -> Generator:
    return Generator("random")
