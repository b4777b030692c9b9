"""The whole backward pass, one statement a tensor, from the loss down to the parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from gradlint.composing.aim import Aim
from gradlint.composing.naming import Naming
from gradlint.composing.reversing.moments import items_of, scopes_of
from gradlint.composing.reversing.scopes import binds
from gradlint.composing.target import Underivable
from gradlint.deriving.goal import Goal
from gradlint.deriving.places import label_names
from gradlint.deriving.stepwise import Formula, Stepwise, in_order, mentions, spread
from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_MOST = 80
"""Statements; a longer backward pass is one that a loop should make."""
_TOO_LONG = "it would be too long to be written out: a loop has to make it"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = text`, the gradient of a parameter (then `parameter` is its place) or of what is on the way."""

    name: str
    text: str
    parameter: str | None = None


@dataclass(eq=False)
class Program:
    """Writes the gradients of `aim` with the names that are visible behind the loss."""

    aim: Aim
    naming: Naming
    chosen: dict[int, str] = field(default_factory=dict)

    @property
    def goal(self) -> Goal:
        return self.aim.goal

    @cached_property
    def roots(self) -> dict[int, str]:
        return {node: place for place, node in self.goal.parameters.items()}

    @cached_property
    def names(self) -> dict[int, str]:
        """What the code can call the forward tensors, names of their own first."""
        places = sorted(
            self.aim.visible,
            key=lambda p: (
                self._is_left_over(p),
                not p.isidentifier(),
                not p.startswith("self."),
                len(p),
            ),
        )
        found = items_of(self.aim) | dict(self._numbers())
        for place in places:
            if self.aim.visible[place].id in self.goal.behind:
                found.setdefault(self.aim.visible[place].id, place)
        return found

    def _numbers(self) -> Iterator[tuple[int, str]]:
        """The plain numbers that an operation reads by a name or an item: `p - y` for a `y` out of a list."""
        goal = self.goal
        there = {id(n) for n in descend(scopes_of(self.aim).block)}
        for node in goal.trace.nodes:
            match node.expr:
                case s.BinOp(left=left, right=right) if (
                    len(node.inputs) == 2 and id(right) in there
                ):
                    for expr, one in zip((left, right), node.inputs, strict=True):
                        constant = goal.trace.nodes[one].op == "constant"
                        if constant and isinstance(expr, s.Name | s.Subscript):
                            yield one, goal.module.excerpt(expr.span)

    @cached_property
    def sizes(self) -> dict[int, str]:
        """How the code can write a size: by a name that holds it, else as that of an array."""
        visible = self.aim.visible.items()
        numbers = [
            (place, tensor.value) for place, tensor in visible
            if type(tensor.value) is int and tensor.value > 2 and not self._is_counter(place)
        ]  # fmt: skip
        numbers.sort(key=lambda known: not known[0].isidentifier())
        found = {value: place for place, value in reversed(numbers)}
        for place, tensor in visible:
            for axis, size in enumerate(tensor.shape if place.isidentifier() else ()):
                if size > 2:
                    found.setdefault(size, f"{place}.shape[{axis}]")
        return found

    @cached_property
    def writer(self) -> Stepwise:
        labels = label_names(self.goal.trace) & set(self.aim.visible)
        dialect = Dialect.from_source(self.goal.module.text)
        own = {size: size for size in self.sizes}
        return Stepwise(self.goal, dialect, self.names, self.sizes, own, frozenset(labels))

    def _is_left_over(self, place: str) -> bool:
        """Whether a name is what a loop that is over went through last: `w` of `for w in weights`."""
        loops = [x.statement for x in self.goal.trace.stores if x.place == place]
        return bool(loops) and all(
            isinstance(one, s.For) and not any(n is self.aim.after for n in descend(one.body))
            for one in loops
        )

    def _is_counter(self, place: str) -> bool:
        """Whether a name is that of a loop's rounds, and no size."""
        return place in self._counters

    @cached_property
    def _counters(self) -> set[str]:
        loops = (n for n in descend(self.goal.module.body) if isinstance(n, s.For))
        return {name for loop in loops for name in binds(loop)}

    def assignments(self) -> list[Assignment]:
        """All statements in order.

        Raises:
            Underivable: one of them has no written form, or there are too many.
        """
        nodes = self._wanted()
        if len(nodes) > _MOST:
            raise Underivable(_TOO_LONG)
        for _ in range(_MOST):
            failed = self._failed(nodes)
            if not failed:
                return self._needed(self._written(in_order(self.goal, nodes)))
            spared = self._spared(nodes, failed)
            if spared is not None:
                nodes = spared
                continue
            last = in_order(self.goal, failed)[0]
            more = set(self._above(last)) - nodes
            if not more or len(nodes) > _MOST:
                raise Underivable(self._why(last))
            nodes |= more
        raise Underivable(_TOO_LONG)

    def _spared(self, nodes: set[int], failed: set[int]) -> set[int] | None:
        """`nodes` without those that cannot be written, where the parameters do not need them."""
        while failed and not failed & set(self.roots):
            nodes = nodes - failed
            failed = self._failed(nodes)
        return None if failed else nodes

    def _needed(self, made: list[Assignment]) -> list[Assignment]:
        """Without the gradients that nothing is derived from."""
        kept: list[Assignment] = []
        for one in reversed(made):
            if one.parameter is not None or any(mentions(x.text, one.name) for x in kept):
                kept.append(one)
        return kept[::-1]

    def _wanted(self) -> set[int]:
        """The parameters, the tensors with a name, and what several gradients are made from."""
        nodes = set(self.roots)
        for node in self.goal.inner:
            group = self.goal.alike(node)
            if node == max(group) and (self._name_of(group) or self._is_shared(group)):
                nodes.add(node)
        return nodes

    def _name_of(self, group: frozenset[int]) -> str | None:
        stored = (self.names.get(n) or self._stored(n) for n in sorted(group, reverse=True))
        return next((name for name in stored if name), None)

    def _stored(self, node: int) -> str | None:
        """A name that a tensor has somewhere, even if the code behind the loss cannot see it."""
        places = (x.place for x in self.goal.trace.stores_of(node))
        return next((place for place in places if place.isidentifier()), None)

    def _is_shared(self, group: frozenset[int]) -> bool:
        """Whether different tensors are reached below a tensor without a name, each by another way."""
        below = [
            self._ends(i) for n in group for i in self.goal.trace.nodes[n].inputs
            if i in self.goal.truth.of and i not in group
        ]  # fmt: skip
        return len(below) > 1 and len({frozenset(ends) for ends in below}) > 1

    def _ends(self, node: int) -> set[int]:
        """The nearest tensors with a name, or parameters, that a node was made from."""
        found, stack, seen = set[int](), [node], set[int]()
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            if current in self.roots or self._name_of(self.goal.alike(current)):
                found.add(max(self.goal.alike(current)))
            else:
                stack += [
                    i for i in self.goal.trace.nodes[current].inputs if i in self.goal.truth.of
                ]
        return found

    def _given(self, nodes: set[int]) -> dict[int, tuple[str, float]]:
        return spread(self.goal, {n: (self.name(n), 1.0) for n in nodes if n not in self.roots})

    def name(self, node: int) -> str:
        """The name of a gradient, the same whenever it is asked for."""
        if node not in self.chosen:
            self.chosen[node] = self._new_name(node)
        return self.chosen[node]

    def _new_name(self, node: int) -> str:
        if node in self.roots:
            return self.naming.of(self.roots[node])
        group = self.goal.alike(node)
        own = self._name_of(group)
        if own is not None:
            return self.naming.of(own)
        made = next((x.made for n in group if (x := self.writer.slopes.get(n))), None)
        if made is not None:
            return self.naming.before(self.names[made])
        later = (n for n in sorted(self.goal.truth.of) if n > node and n in self.names)
        made = next((n for n in later if self.goal.trace.depends([n], node)), None)
        return self.naming.before("loss" if made is None else self.names[made])

    def _failed(self, nodes: set[int]) -> set[int]:
        """Those of `nodes` that cannot be written from the others."""
        given = self._given(nodes)
        return {n for n in nodes if self._formula(n, given) is None}

    def _formula(self, node: int, given: dict[int, tuple[str, float]]) -> Formula | None:
        return self.writer.formula(node, given, whole=True)

    def _above(self, node: int) -> Iterator[int]:
        """The nearest nodes without a name between a node and the loss."""
        top = max(self.goal.alike(node))
        for other in sorted(self.goal.inner):
            if any(i in self.goal.alike(top) for i in self.goal.trace.nodes[other].inputs):
                yield max(self.goal.alike(other))

    def _written(self, order: list[int]) -> list[Assignment]:
        given = self._given(set(order))
        found = []
        for node in order:
            formula = self._formula(node, given)
            assert formula is not None
            found.append(Assignment(self.name(node), formula.text, self.roots.get(node)))
        return found

    def _why(self, node: int) -> str:
        statement = self.goal.trace.nodes[max(self.goal.alike(node))].statement
        where = "" if statement is None else f" ({statement.span.told})"
        place = self.roots.get(node) or self._name_of(self.goal.alike(node)) or "what is computed"
        uses = [n for n in self.goal.truth.of if node in self.goal.trace.nodes[n].inputs]
        if len(uses) > 4:
            return f"the gradient of {place} is a sum of {len(uses)} terms, which a loop has to make{where}"
        return f"the gradient of {place} has no short written form{where}"
