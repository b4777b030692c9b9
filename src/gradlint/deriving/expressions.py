"""Writing down what a gradient should be: the chain rule in the names and style of the script.

A cotangent that the script has under a name is called by that name, found by value; what has no name
is written out, down to the loss. So the derivation of `w1` reads `x.t().mm(grad_h)` where the script
has a right `grad_h`, and goes further back where it has not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.deriving.constants import added, times
from gradlint.deriving.fused import error_of, one_hots
from gradlint.deriving.slopes import Slope
from gradlint.judging import Truth
from gradlint.ops import Dialect, Text, Writer, as_text, write_primal, write_vjp
from gradlint.ops.matrix_text import for_matrices
from gradlint.reading import syntax as s
from gradlint.tracing import CONSTANT, Store, Trace, TraceNode
from gradlint.tracing.operators import as_written

LONGEST = 160
"""Characters beyond which an expression explains nothing; it is left out."""

_NAME = r"[^\W\d]\w*"

_DEEPEST = 40
_EXACT = 12
"""Characters of a number that somebody may have written; one that was divided by a size has more."""
_MOST_MEANINGS = 3
"""How often a derivation is begun anew without the names that it took for two tensors."""
_HALF_OF_TWO = re.compile(
    r"(?<!/ )(?<!\*\* )(?<![\w.])0\.5 \* ((?:[^\W\d]\w* \* )?)2 \* (?=[^\W\d(])"
)
"""The derivative of half a square, of which nobody writes the numbers."""
UNKNOWN = "\0"
"""Stands for a value that cannot be written, and must not be needed."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """An expression for a gradient, and the names that it uses."""

    text: str
    uses: tuple[str, ...]


class TooLong(Exception):
    """There is no expression, or none that is short enough to explain anything."""


@dataclass(eq=False)
class Deriver:
    """Writes cotangents of one truth.

    `given` says by which names cotangents go, with the constant by which each is the true one; without
    it they are looked up by value among `cotangents`. `slopes` are those of activations by the nodes
    that they were taken of; `labels` are arrays of integers that may pick classes.
    """

    trace: Trace
    truth: Truth
    writer: Writer
    names: dict[int, str]
    cotangents: list[tuple[str, Any]]
    own: dict[int, int]
    sizes: dict[int, str]
    scale: float = 1.0
    given: Mapping[int, tuple[str, float]] | None = None
    slopes: Mapping[int, Slope] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    meant: dict[str, set[int]] = field(default_factory=dict)
    spoken: dict[str, set[int]] = field(default_factory=dict)
    written: dict[int, Text] = field(default_factory=dict)

    @cached_property
    def consumers(self) -> Mapping[int, list[tuple[int, int]]]:
        """What uses each node on the way to the loss, and as which of its inputs."""
        return _consumers(self.trace, self.truth.loss)

    def gradient(self, node: int, depth: int, named: bool = True) -> Text:
        """The cotangent of `node` as text."""
        if node == self.truth.loss:
            return times(as_text(1), self.scale, self.sizes)
        if depth > _DEEPEST:
            raise TooLong
        if named and (found := self._by_name(node)) is not None:
            return found.with_shape(self.trace.nodes[node].shape)
        if (known := self.fused(node)) is not None:
            return known.with_shape(self.trace.nodes[node].shape)
        if node in self.slopes and not self._is_direct(node):
            return self._through_slope(self.slopes[node], depth)
        parts = [
            self._through(c, i, depth + 1)
            for c, i in self.consumers.get(node, [])
            if c in self.truth.of and ops.OPS[self.trace.nodes[c].op].vjp_of(i) is not None
        ]
        if not parts:
            raise TooLong
        total = added(parts)
        if len(total.text) > LONGEST:
            raise TooLong
        return total

    def _through_slope(self, slope: Slope, depth: int) -> Text:
        shape = self.trace.nodes[slope.made].shape
        g, made = self.gradient(slope.made, depth + 1), self.value(slope.made, depth)
        return slope.written(self.writer, g, made, shape).with_shape(shape)

    def _is_direct(self, node: int) -> bool:
        """Whether an activation is one operation on a tensor with a name: its own slope reads best."""
        made = self.trace.nodes[self.slopes[node].made]
        return node in self.names and node in made.inputs

    def _through(self, consumer: int, argnum: int, depth: int) -> Text:
        entry = self.trace.nodes[consumer]
        g = self.gradient(consumer, depth)
        shapes = [self.trace.nodes[i].shape for i in entry.inputs]
        inputs = [self._exponent(entry, i) or self._if_needed(i, depth) for i in entry.inputs]
        out = self._if_needed(consumer, depth)
        text = write_vjp(
            self.writer,
            ops.OPS[entry.op],
            argnum,
            g,
            out,
            inputs,
            entry.params,
            entry.shape,
            shapes,
        )
        if text is None or len(text.text) > LONGEST or UNKNOWN in text.text:
            raise TooLong
        return text

    def _exponent(self, entry: TraceNode, node: int) -> Text | None:
        """A number that something is raised to: it is no size, even if one is as large."""
        made = self.trace.nodes[node]
        if entry.op != "power" or made.op != CONSTANT or np.ndim(made.value):
            return None
        return as_text(made.value)

    def _if_needed(self, node: int, depth: int) -> Text:
        """A forward value as text; one that cannot be written must not be needed."""
        try:
            return self.value(node, depth)
        except (TooLong, ops.OpError, ValueError, TypeError, IndexError):
            return Text(UNKNOWN, shape=self.trace.nodes[node].shape)

    def _by_name(self, node: int) -> Text | None:
        """The cotangent by a name that it goes by, with the constant that it carries."""
        if self.given is None:
            name, ratio = self._named_cotangent(node), self.scale
        else:
            name, ratio = self.given.get(node, (None, 1.0))
        if name is None:
            return None
        self.used[name] = None
        self.spoken.setdefault(name, set()).add(node)
        return times(Text(name), self.scale / ratio, self.sizes)

    def _named_cotangent(self, node: int) -> str | None:
        wanted = self.scale * np.asarray(self.truth.of.get(node, np.nan))
        if wanted.size <= 1 and not np.all(np.isfinite(wanted)):
            return None
        alike = self._cotangents.get(wanted.shape, ())
        return next((name for name, value in alike if _is_same(value, wanted)), None)

    @cached_property
    def _cotangents(self) -> dict[tuple[int, ...], list[tuple[str, Any]]]:
        """The cotangents that have a name, by their shapes."""
        found: dict[tuple[int, ...], list[tuple[str, Any]]] = {}
        for name, value in self.cotangents:
            found.setdefault(np.shape(value), []).append((name, value))
        return found

    def fused(self, node: int) -> Text | None:
        """`output - target` where that is the cotangent of something that the output was made from."""
        wanted = self.truth.of.get(node)
        if wanted is None:
            return None
        shape = np.shape(wanted)
        if np.size(wanted) < 2:
            return None  # one number is a multiple of any other
        outputs = {
            name: self.trace.value(n)
            for n, name in self._outputs.get(shape, ()) if self._is_after(n, node)
        }  # fmt: skip
        labels = one_hots(shape, self.labels, self.sizes, self.writer.dialect.module)
        targets = self._targets | labels if labels else self._targets
        found = error_of(self.scale * np.asarray(wanted), outputs, targets, self.sizes)
        if found is not None:
            words = re.findall(_NAME, found.text)
            self.used |= dict.fromkeys(words)
            near = {name: n for n, name in self._outputs.get(shape, ()) if self._is_after(n, node)}
            for word in words:
                self._mean(word, near.get(word, self._target_nodes.get(word)))
        return found

    def _mean(self, name: str, node: int | None) -> None:
        if node is not None:
            self.meant.setdefault(name, set()).add(node)

    @property
    def ambiguous(self) -> set[str]:
        """The names that were written for tensors, or cotangents, which are not the same."""
        values = {name: [self.trace.value(n) for n in found] for name, found in self.meant.items()}
        others = {name: [self.truth.of[n] for n in found] for name, found in self.spoken.items()}
        return {name for kind in (values, others) for name, found in kind.items() if _differ(found)}

    @cached_property
    def _outputs(self) -> dict[tuple[int, ...], list[tuple[int, str]]]:
        """The named nodes that have a cotangent, by their shapes."""
        found: dict[tuple[int, ...], list[tuple[int, str]]] = {}
        for node, name in self.names.items():
            if node in self.truth.of:
                found.setdefault(self.trace.nodes[node].shape, []).append((node, name))
        return found

    @cached_property
    def _targets(self) -> dict[str, Any]:
        """What the loss was made from beside what has a cotangent, by name."""
        return {name: self.trace.value(n) for name, n in self._target_nodes.items()}

    @cached_property
    def _target_nodes(self) -> dict[str, int]:
        behind = _behind(self.trace, self.truth.loss)
        return {name: n for n, name in self.names.items() if n not in self.truth.of and n in behind}

    def _is_after(self, output: int, node: int) -> bool:
        """Whether `output` less a target is looked for as the cotangent of `node`."""
        return output > node

    def _number(self, value: Any) -> Text:
        """A number; a small size, or twice one, is written as the script's own."""
        if isinstance(value, int) and not isinstance(value, bool):
            if value in self.own:
                return self.writer.size(value)
            if value % 2 == 0 and value // 2 in self.own and value > 8:
                return 2 * self.writer.size(value // 2)
        if isinstance(value, float) and len(repr(value)) > _EXACT:
            return self._part(value) or as_text(as_written(value))
        return as_text(as_written(value) if isinstance(value, float) else value)

    def _part(self, value: float) -> Text | None:
        """`1 / n` or `1 / (2 * n)` for a number that was computed from a size."""
        for size in self.own:
            if np.isclose(value * size, 1, rtol=1e-12):
                return as_text(1) / self.writer.size(size)
            if np.isclose(value * size, 0.5, rtol=1e-12):
                return as_text(1) / (2 * self.writer.size(size))
        return None

    def value(self, node: int, depth: int) -> Text:
        """A forward value as text: its name, a number, or the operation that makes it."""
        if node not in self.written:
            self.written[node] = self._value(node, depth)
        return self.written[node]

    def _value(self, node: int, depth: int) -> Text:
        entry = self.trace.nodes[node]
        if node in self.names:
            self.used[self.names[node]] = None
            self._mean(self.names[node], node)
            return Text(self.names[node], shape=entry.shape)
        if isinstance(entry.expr, s.Constant) and isinstance(entry.expr.value, int | float):
            return as_text(entry.expr.value)
        if (entry.op == CONSTANT or entry.is_leaf) and np.ndim(entry.value) == 0:
            return self._number(entry.value)
        if entry.is_leaf or depth > _DEEPEST:
            raise TooLong
        inner = [self._exponent(entry, i) or self.value(i, depth + 1) for i in entry.inputs]
        text = write_primal(self.writer, ops.OPS[entry.op], inner, entry.params)
        if text is None or len(text.text) > LONGEST:
            raise TooLong
        return text.with_shape(entry.shape)


def _differ(values: Sequence[Any]) -> bool:
    """Whether not all arrays are equal."""
    return not all(np.array_equal(values[0], other) for other in values[1:])


def _is_same(value: Any, wanted: Any) -> bool:
    """Whether two arrays of one shape are equal; most differ in their first number already."""
    first, other = value.flat[0], wanted.flat[0]
    near = abs(first - other) <= 1e-9 * abs(other)
    return bool(near) and np.allclose(value, wanted, rtol=1e-9, atol=0)


def values_of(stores: Iterable[Store], values: Trace) -> list[tuple[str, Any]]:
    """What each place was given, in the order of the stores."""
    return [(store.place, values.value(store.new)) for store in stores if store.new is not None]


def handed_in(trace: Trace) -> list[tuple[str, Any]]:
    """What the script calls the cotangents that were made for it, with their values."""
    return [(name, trace.value(node)) for node, name in trace.upstream.items()]


@lru_cache(maxsize=2)
def _consumers(trace: Trace, loss: int) -> Mapping[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for node in sorted(trace.ancestors([loss])):
        for argnum, source in enumerate(trace.nodes[node].inputs):
            found.setdefault(source, []).append((node, argnum))
    return found


@lru_cache(maxsize=2)
def _behind(trace: Trace, loss: int) -> frozenset[int]:
    return frozenset(trace.ancestors([loss]))


@lru_cache(maxsize=2)
def _names(trace: Trace) -> dict[int, str]:
    """The first name that each node was given."""
    return {
        store.new: store.place
        for store in reversed(trace.stores)
        if store.new is not None and store.place.isidentifier()
    }


def derive(
    trace: Trace,
    true: Truth,
    node: int,
    cotangents: Iterable[tuple[str, Any]],
    dialect: Dialect,
    own: dict[int, int],
    scale: float = 1.0,
    named_sizes: Mapping[int, str] | None = None,
    places: Mapping[int, str] | None = None,
) -> Derivation | None:
    """The expression of `scale` times d loss / d `node`, or None where it has no short one.

    `trace` is the walk that the truth was computed on; `cotangents` are the variables, with their
    values, that may serve as names for cotangents; `own` gives the script's own size for a small one,
    `named_sizes` its name; `places` are items and attributes that may stand for nodes without a name.
    """
    names = dict(places or {}) | _names(trace)
    written = [(place, value) for place, value in cotangents if np.size(value) > 1]
    for _ in range(_MOST_MEANINGS):
        sizes = {int(trace.value(n)): name for n, name in names.items() if _is_size(trace.value(n))}
        texts = {small: str(size) for small, size in own.items()} | sizes | dict(named_sizes or {})
        writer = Writer(dialect, size_name=texts.get)
        deriver = Deriver(trace, true, writer, names, written, own, texts, scale)
        found = _short(deriver, node)
        if found is None or not deriver.ambiguous:
            return found
        names = {n: name for n, name in names.items() if name not in deriver.ambiguous}
        written = [one for one in written if one[0] not in deriver.ambiguous]
    return None


def _short(deriver: Deriver, node: int) -> Derivation | None:
    try:
        found = deriver.gradient(node, 0, named=False)
    except (TooLong, ops.OpError, ValueError, TypeError, IndexError, RecursionError):
        return None
    if len(found.text) > LONGEST:
        return None
    words = set(re.findall(_NAME, found.text))
    text = for_matrices(_HALF_OF_TWO.sub(r"\1", found.text), deriver.writer.dialect)
    return Derivation(text, tuple(name for name in deriver.used if name in words))


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 3
