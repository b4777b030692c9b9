"""The gradients that a script holds already: which of its variables is the gradient of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.names import gradient_of, last_part
from gradlint.claims.optimisers import began
from gradlint.deriving.goal import Goal
from gradlint.judging import compare
from gradlint.judging.case import counterpart
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject
from gradlint.tracing import Store, Trace, retrace

_PROPORTIONAL = (Agreement.EQUAL, Agreement.SCALED, Agreement.OPPOSITE)


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What the script says is the gradient of a forward tensor: the variable `place`, or a step (None).

    `ratio` is the constant by which it is the true one when all that is wrong is mended, None where it
    is none even then; `values` are those of the script as it stands, one a point, None where unknown.
    `sources` are the nodes that its statements read.
    """

    place: str | None
    ratio: float | None
    statements: tuple[s.Stmt, ...]
    values: tuple[Any, ...]
    sources: frozenset[int]


@dataclass(frozen=True, slots=True)
class Match:
    """A store whose value is the true gradient of a node, up to `ratio`."""

    node: int
    store: Store
    ratio: float


def written_gradients(subject: Subject, goal: Goal, names: dict[int, str]) -> dict[int, Written]:
    """What the script has by the forward nodes (of the goal's first walk) that it belongs to."""
    search = _Search(subject, goal, names)
    return search.steps() | search.variables()


class _Search:
    def __init__(self, subject: Subject, goal: Goal, names: dict[int, str]) -> None:
        self.subject, self.goal, self.names = subject, goal, names
        self.case = subject.case
        self.stands = [point.trace for point in self.case.points]
        self.mended = _mended(subject) if subject.repairs else self.stands
        self.claims = dict(zip(self.case.points[0].roots, self.case.claims, strict=True))
        self.nodes = [
            n for n in goal.path
            if not goal.is_trivial(n) and (n in names or goal.trace.nodes[n].op != "negative")
        ]  # fmt: skip
        self.stores = list(self._backward_stores())
        self.after, self.before = _Occurrences(self.mended), _Occurrences(self.stands)
        self.right = subject.judgement is None or subject.judgement.explained

    def _backward_stores(self) -> Iterator[Store]:
        """The stores of numbers that are no part of the forward pass and no step."""
        trace = self.mended[0]
        forward = {self.goal.trace.keys[n] for n in self.goal.behind if n in self.goal.trace.keys}
        moved = {update.new for update in trace.updates}
        start = began(trace)
        for store in trace.stores:
            if store.new is None or store.new < start or store.new in moved:
                continue
            is_float = np.asarray(trace.value(store.new)).dtype.kind == "f"
            if is_float and "..." not in store.place and trace.keys.get(store.new) not in forward:
                yield store

    def variables(self) -> dict[int, Written]:
        """The variables that are right by value, then those that only say so."""
        result: dict[int, Written] = {}
        taken: set[int] = set()
        known: set[int] = set()
        for match in sorted(self._matches(), key=self._rank):
            if match.node not in known and id(match.store) not in taken:
                parts = self._parts(match.store)
                taken |= {id(part) for part in parts}
                known |= self.goal.alike(match.node)
                result[match.node] = self._written(match.store, match.ratio, parts)
        for node in () if self.right else self.nodes:
            if node not in known and (store := self._by_name(node, taken)) is not None:
                taken.add(id(store))
                result[node] = self._written(store, None, self._parts(store))
        return {node: self._trimmed(entry, result.values()) for node, entry in result.items()}

    def _trimmed(self, entry: Written, others: Iterable[Written]) -> Written:
        """Without the statements that made another tensor's gradient, which is then changed in place."""
        before = {
            statement for other in others
            if other.place == entry.place and other is not entry
            and len(other.statements) < len(entry.statements)
            for statement in other.statements
        }  # fmt: skip
        kept = tuple(statement for statement in entry.statements if statement not in before)
        if not kept or len(kept) == len(entry.statements):
            return entry
        return replace(entry, statements=kept, sources=_sources(self.stands[0], kept))

    def steps(self) -> dict[int, Written]:
        """The gradients that a step computes without a name of their own."""
        judgement, found = self.subject.judgement, dict[int, Written]()
        for i, root in enumerate(self.case.points[0].roots):
            claim = self.case.claims[i]
            if root is None or judgement is None:
                continue
            others = (counterpart(claim, point.claims) for point in self.case.points)
            values = tuple(None if other is None else other.value for other in others)
            statements = tuple(dict.fromkeys(update.statement for update in claim.updates))
            ratio = judgement.comparisons[i].scale
            sign = -1.0 if _is_added(claim) else 1.0
            values = tuple(None if value is None else sign * value for value in values)
            sources = _sources(self.stands[0], statements)
            ratio = None if ratio is None else sign * ratio
            found[root] = Written(None, ratio, statements, values, sources)
        return found

    def _matches(self) -> Iterator[Match]:
        for node in self.nodes:
            for store in self.stores:
                ratio = self._ratio(node, store)
                alone = np.size(self.goal.truth.of[node]) == 1
                if ratio is not None and (not alone or self._says(store, node)):
                    yield Match(node, store, ratio)

    def _rank(self, match: Match) -> tuple[bool, bool, bool, bool, int]:
        node, claim = match.node, self.claims.get(match.node)
        consumed = claim is not None and _is_name_of(match.store, claim)
        unnamed = node not in self.names
        odd = abs(match.ratio - 1) > 1e-6
        return not consumed, not self._says(match.store, node), unnamed, odd, -node

    def _by_name(self, node: int, taken: set[int]) -> Store | None:
        shape = self.goal.trace.nodes[node].shape
        said = [
            store for store in self.stores
            if id(store) not in taken and self._says(store, node)
            and np.shape(self.mended[0].value(store.new or 0)) == shape
        ]  # fmt: skip
        return said[-1] if said else None

    def _says(self, store: Store, node: int) -> bool:
        """Whether the name says it: that of the tensor, or that which a step consumes."""
        claim = self.claims.get(node)
        if claim is not None and _is_name_of(store, claim):
            return True
        of, own = gradient_of(store.place), self.names.get(node)
        return of is not None and own is not None and of.lower() == last_part(own).lower()

    def _ratio(self, node: int, store: Store) -> float | None:
        if self.goal.trace.nodes[node].shape != np.shape(self.mended[0].value(store.new or 0)):
            return None
        pairs: list[tuple[Any, Any]] = []
        where = self.after.where(store)
        for k, true in enumerate(self.goal.truths):
            there, value = self.goal.at(node, k), self.after.value(where, k)
            if there not in true.of or np.shape(value) != np.shape(true.of[there]):
                return None
            pairs.append((value, true.of[there]))
            if k == 0 and compare(pairs).agreement not in _PROPORTIONAL:
                return None
        compared = compare(pairs)
        steady = max(compared.scales, default=0) - min(compared.scales, default=0)
        if compared.agreement not in _PROPORTIONAL or steady > 1e-6 * abs(compared.scale or 0):
            return None
        return compared.scale

    def _parts(self, store: Store) -> list[Store]:
        return list(_versions(self.mended[0], store))

    def _written(self, store: Store, ratio: float | None, parts: list[Store]) -> Written:
        statements = tuple(dict.fromkeys(part.statement for part in parts))
        where = self.after.where(store)
        values = tuple(self.before.value(where, k) for k in range(len(self.stands)))
        sources = _sources(self.stands[0], statements)
        return Written(store.place, ratio, statements, values, sources)


def _is_added(claim: Claim) -> bool:
    """Whether the step adds what it computes: that is minus the gradient."""
    terms = [factor for update in claim.updates for factor, _ in update.change]
    return bool(terms) and all(factor > 0 for factor in terms)


def _is_name_of(store: Store, claim: Claim) -> bool:
    return claim.gradient is not None and last_part(store.place) == last_part(claim.name)


def _sources(trace: Trace, statements: tuple[s.Stmt, ...]) -> frozenset[int]:
    """The nodes that the statements read."""
    made = {id(statement) for statement in statements}
    return frozenset(i for n in trace.nodes if id(n.statement) in made for i in n.inputs)


def _versions(trace: Trace, last: Store) -> Iterator[Store]:
    """The stores that made what `last` stored: those before that it was changed from, then itself."""
    before = last.old
    for store in reversed(trace.stores):
        same = store.new == before and store.place == last.place
        if same and before is not None and _changes(trace, last.new, before):
            yield from _versions(trace, store)
            break
    yield last


def _changes(trace: Trace, new: int | None, old: int) -> bool:
    """Whether `new` is `old` with something done to it, and not another value under its name."""
    return new is not None and new != old and trace.depends([new], old)


def _mended(subject: Subject) -> list[Trace]:
    """The walks at all points with all repairs in place."""
    overrides = {k: v for r in subject.repairs for k, v in r.candidate.overrides.items()}
    case = subject.case
    return [
        retrace(case.module, case.facts, seed, overrides).trace for seed in range(len(case.points))
    ]


class _Occurrences:
    """Which of the values that a statement stored under one place a store is, in every walk."""

    def __init__(self, traces: list[Trace]) -> None:
        self.traces = traces
        self.listed = [_by_statement(trace) for trace in traces]

    def value(self, where: tuple[int, str, int], point: int) -> Any:
        """The value of the store `where` (statement, place, number) at a point, or None."""
        statement, place, number = where
        found = self.listed[point].get((statement, place), [])
        node = found[number].new if number < len(found) else None
        return None if node is None else self.traces[point].value(node)

    def where(self, store: Store) -> tuple[int, str, int]:
        """Where `store`, of the first walk, is looked up."""
        key = id(store.statement), store.place
        return *key, next(i for i, x in enumerate(self.listed[0][key]) if x is store)


def _by_statement(trace: Trace) -> dict[tuple[int, str], list[Store]]:
    found: dict[tuple[int, str], list[Store]] = {}
    for store in trace.stores:
        found.setdefault((id(store.statement), store.place), []).append(store)
    return found
