"""The record of one walk through a script: every tensor operation with its value and its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing.facts import SiteKey

Array = npt.NDArray[Any]

LEAF = "leaf"
CONSTANT = "constant"


@dataclass(slots=True, eq=False)
class TraceNode:
    """One operation: `op` applied to the nodes `inputs` gave `value` (any shape, float64 or integer).

    A leaf has no inputs; a constant is a leaf that stands in the text as a number and has no name.
    """

    id: int
    op: str
    inputs: tuple[int, ...]
    params: dict[str, Any]
    value: Any
    expr: s.Expr | None
    statement: s.Stmt | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        value = self.value
        return value.shape if type(value) is np.ndarray else np.shape(value)

    @property
    def is_leaf(self) -> bool:
        return not self.inputs


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """A value was bound to a place: a name, an attribute, an item. Ids are None for opaque values.

    `place` is how the user writes it, with indices by value (`weights[0]`); `old` is what stood there.
    """

    place: str
    old: int | None
    new: int | None
    statement: s.Stmt
    time: int
    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A value was printed or appended to a history: what people show is often the loss."""

    node: int
    name: str
    expr: s.Expr


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A parameter moved: `old` became `new`, and the movement depends on `old` through `change`.

    `change` lists the added terms with their factors where the update is a sum; it is empty where the
    movement is known by value only (an item of an array).
    """

    place: str
    old: int
    new: int
    change: tuple[tuple[float, int], ...]
    statement: s.Stmt

    @property
    def made_of(self) -> tuple[int, ...]:
        """The terms of the movement; what it came to where it is known by value only."""
        return tuple(node for _, node in self.change) or (self.new,)


@dataclass(frozen=True, slots=True, eq=False)
class Claimed:
    """A function handed out a gradient: `value` is that of the objective in the node `of`.

    `loose`: it may differ by a constant factor, as it does where the mean is taken elsewhere.
    """

    place: str
    name: str
    of: int
    value: int
    statement: s.Stmt
    loose: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """A call broke a contract of the library that will make it: the code of the rule, and why."""

    code: str
    text: str
    statement: s.Stmt


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """The number whose gradients were handed out: the node that made it and what a reader calls it.

    `outputs` are the nodes that it was made from, each with the cotangent that it was multiplied by.
    """

    node: int
    name: str
    statement: s.Stmt
    outputs: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """A value that the interpreter does not know: why, and where it came from.

    `kind` is "unknown", "shape" (an operation whose shapes do not fit), "autograd" (a `.grad`) or "long" (a
    walk that was given up).
    """

    reason: str
    span: Span
    kind: str = "unknown"


@dataclass(slots=True, eq=False)
class Trace:
    """All that one walk saw, in order; node ids are positions in `nodes` and so also times.

    `keys` says at which site a node was made, which holds across walks; `rounds` says when the first
    round of each training loop began, `ends` when it was first left, by the identity of the loop.
    `additions` are sums that are no updates as far as one walk can tell; `counts` are the most rounds
    that each loop made, `called` the functions that ran, by the identity of their statements; `numbers`
    are the parameters that were given a number, each with the name of its function. `inputs` says
    which leaves are made inputs; `claimed` and `objective` are what a call of the script's own
    functions gave, where nothing in the script calls them; `handed_back` is when a made cotangent was
    handed to a backward pass, `upstream` what the script calls those, by their nodes. `lazy` are the zeros
    that are made only where there is nothing yet, as the state of an optimiser is.
    `shrinks` says by how much of itself weight decay made a parameter smaller, and in which statement.
    `cut` is the first loop that was left before its end.
    `dropped` are the divisions of which Python 2 leaves nothing.
    """

    nodes: list[TraceNode] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    additions: list[Update] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    failures: list[Opaque] = field(default_factory=list)
    keys: dict[int, SiteKey] = field(default_factory=dict)
    rounds: list[tuple[s.Stmt, int]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    called: set[int] = field(default_factory=set)
    numbers: set[tuple[str, str]] = field(default_factory=set)
    inputs: dict[int, str] = field(default_factory=dict)
    claimed: list[Claimed] = field(default_factory=list)
    objective: Objective | None = None
    handed_back: int | None = None
    upstream: dict[int, str] = field(default_factory=dict)
    lazy: set[int] = field(default_factory=set)
    shrinks: dict[int, tuple[float, s.Stmt]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    unread: list[Opaque] = field(default_factory=list)
    denied: list[s.Assert] = field(default_factory=list)
    dropped: list[s.BinOp] = field(default_factory=list)
    stopped: Opaque | None = None
    cut: Opaque | None = None
    _sites: dict[SiteKey, int] = field(default_factory=dict)
    _stored: dict[int | None, list[Store]] = field(default_factory=dict)
    _latest: dict[str, int | None] = field(default_factory=dict)
    _indexed: int = 0
    _arrays: dict[int, frozenset[int]] = field(default_factory=dict)
    _integers: dict[int, dict[int, int]] = field(default_factory=dict)
    _made_from: dict[tuple[frozenset[int], int], frozenset[int]] = field(default_factory=dict)

    def add(
        self,
        op: str,
        inputs: tuple[int, ...],
        params: dict[str, Any],
        value: Any,
        expr: s.Expr | None,
        statement: s.Stmt | None = None,
    ) -> int:
        """Record one operation and return its id."""
        node = TraceNode(len(self.nodes), op, inputs, params, value, expr, statement)
        self.nodes.append(node)
        return node.id

    def copy(self) -> Trace:
        """A trace that may go on without this one; it has the same nodes."""
        made = Trace(**{name: _copied(getattr(self, name)) for name in _FIELDS})
        made._sites = self._sites.copy()
        return made

    def at(self, key: SiteKey) -> int | None:
        """The node that was made at the site `key`, or None."""
        return self._sites.get(key)

    def mark(self, node: int, key: SiteKey) -> None:
        """Note that `node` is made at the site `key`."""
        self.keys[node] = key
        self._sites.setdefault(key, node)

    def stores_of(self, node: int) -> list[Store]:
        """The stores of the value of `node`, in order."""
        self._index_stores()
        return self._stored.get(node, [])

    def holds(self, place: str, node: int) -> bool:
        """Whether the value that was last stored in `place` is that of `node`."""
        self._index_stores()
        return self._latest.get(place) == node

    def _index_stores(self) -> None:
        for store in self.stores[self._indexed :]:
            self._stored.setdefault(store.new, []).append(store)
            self._latest[store.place] = store.new
        self._indexed = len(self.stores)

    def value(self, node: int) -> Any:
        return self.nodes[node].value

    def depends(self, nodes: Iterable[int], on: int) -> bool:
        """Whether any of `nodes` was computed from node `on`."""
        stack = [n for n in nodes if n >= on]
        seen: set[int] = set()  # written so: to call set[int] makes an alias each time
        while stack:
            node = stack.pop()
            if node == on:
                return True
            if node not in seen:
                seen.add(node)
                stack += [i for i in self.nodes[node].inputs if i >= on]
        return False

    def made_from(self, sources: frozenset[int]) -> frozenset[int]:
        """`sources` and all nodes that were computed from any of them; kept while the trace is as long."""
        key = (sources, len(self.nodes))
        if key not in self._made_from:
            reached = set(sources)
            for node in self.nodes[min(sources, default=len(self.nodes)) :]:
                if not reached.isdisjoint(node.inputs):
                    reached.add(node.id)
            self._made_from[key] = frozenset(reached)
        return self._made_from[key]

    def integers_below(self, node: int) -> Mapping[int, int]:
        """The integer literals, by identity, that `node` was computed from."""
        stack = [node]
        while stack:
            entry = self.nodes[stack[-1]]
            missing = [i for i in entry.inputs if i not in self._integers]
            if missing:
                stack += missing
                continue
            parts = [self._integers[i] for i in reversed(entry.inputs)]
            if isinstance(entry.expr, s.Constant) and type(entry.expr.value) is int:
                parts.insert(0, {id(entry.expr): entry.expr.value})
            filled = [part for part in parts if part]
            self._integers[stack.pop()] = filled[0] if len(filled) == 1 else _joined(filled)
        return self._integers[node]

    def arrays_below(self, node: int) -> frozenset[int]:
        """The leaves with more than one element that `node` was computed from, and arrays made of numbers."""
        if node in self._arrays:
            return self._arrays[node]
        stack = [node]
        while stack:
            entry = self.nodes[stack[-1]]
            missing = [i for i in entry.inputs if i not in self._arrays]
            if missing:
                stack += missing
                continue
            sets = {self._arrays[i] for i in entry.inputs}
            below = sets.pop() if len(sets) == 1 else frozenset[int]().union(*sets)
            begins = not below and np.size(entry.value) > 1
            self._arrays[stack.pop()] = frozenset([entry.id]) if begins else below
        return self._arrays[node]

    def ancestors(
        self, nodes: Iterable[int], since: int = 0, beyond: Collection[int] = ()
    ) -> Iterator[int]:
        """`nodes` and all they were computed from, leaving out what is older than `since`.

        Nor are the nodes `beyond`, or what only these were computed from.
        """
        stack, seen = [n for n in nodes if n >= since], set(beyond)
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            yield node
            stack += [i for i in self.nodes[node].inputs if i >= since]

    def descendants(self, nodes: Collection[int]) -> set[int]:
        """`nodes` and all that was computed from them."""
        found = set(nodes)
        for node in self.nodes[min(found) :] if found else ():
            if not found.isdisjoint(node.inputs):
                found.add(node.id)
        return found


_FIELDS = tuple(field.name for field in fields(Trace) if not field.name.startswith("_"))


def _joined(parts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    return {site: size for part in parts for site, size in part.items()}


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict | set) else value
