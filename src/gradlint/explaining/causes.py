"""Why a tensor gets the gradient that it gets: the lines of the forward pass that use it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from gradlint.deriving.fused import is_error, one_hots
from gradlint.deriving.goal import Goal
from gradlint.deriving.places import label_names, labels_of
from gradlint.deriving.slopes import activations
from gradlint.explaining.lesson import Cause, Line
from gradlint.explaining.rules_of_thumb import BROADCAST, rule_of, under_logarithm
from gradlint.reading import syntax as s

_MOST_RULES = 3


class Causes:
    """Looks from tensors towards the loss; `stops` are the nodes that have a gradient of their own.

    `over` are the nodes above what the script computes.
    """

    def __init__(
        self, goal: Goal, names: Mapping[int, str], stops: Collection[int],
        line: Callable[[s.Stmt], Line], over: Collection[int] = (),
    ) -> None:  # fmt: skip
        self.goal, self.names, self.stops, self.line = goal, names, stops, line
        self.slopes = activations(goal.trace, goal.truth, names)
        self.consumers: dict[int, list[tuple[int, int]]] = {}
        for node in sorted(set(goal.truth.of) - set(over)):
            for argnum, source in enumerate(goal.trace.nodes[node].inputs):
                self.consumers.setdefault(source, []).append((node, argnum))

    def of(self, node: int) -> tuple[Cause, ...]:
        """A cause for each line that uses the tensor; those of one line are told together."""
        group = self.goal.alike(node)
        found: dict[Line, tuple[str, list[str]]] = {}
        for member in sorted(group, reverse=True):
            if member in self.slopes:
                self._activate(member, found)
                break
            for consumer, argnum in self.consumers.get(member, []):
                if consumer not in group:
                    self._follow(consumer, argnum, member, found)
        causes = (Cause(line, makes, self._few(rules)) for line, (makes, rules) in found.items())
        return tuple(causes)

    def _activate(self, node: int, found: dict[Line, tuple[str, list[str]]]) -> None:
        """An activation is one thing, of however many operations it is made."""
        slope = self.slopes[node]
        statement = self.goal.trace.nodes[slope.made].statement
        rule = rule_of(slope.kind, 0, False)
        if statement is not None and rule is not None:
            found[self.line(statement)] = self.names[slope.made], [rule]
            if slope.made not in self.stops:
                self._go_on(node, slope.made, found)

    def _go_on(self, node: int, made: int, found: dict[Line, tuple[str, list[str]]]) -> None:
        """What is done with an activation that has no gradient of its own: its loss, say."""
        for consumer, argnum in self.consumers.get(made, []):
            self._follow(consumer, argnum, made, found)
        rules = [rules for _, rules in found.values()]
        if rule_of("log", 0, False) in rules[-1] and self._leaves_error(node, made):
            rules[-1][:] = [under_logarithm(self.names[made])]

    def _leaves_error(self, node: int, made: int) -> bool:
        """Whether the gradient of `node` is what was `made` of it, less a target, up to a constant."""
        goal, wanted = self.goal, self.goal.truth.of[node]
        targets = {
            name: goal.trace.value(n) for n, name in self.names.items() if n not in goal.truth.of
        }
        labels = labels_of(goal.trace, label_names(goal.trace))
        targets |= one_hots(np.shape(wanted), labels, {}, "")
        return any(is_error(wanted, goal.trace.value(made), one) for one in targets.values())

    def _few(self, rules: list[str]) -> tuple[str, ...]:
        """The rules in the order of the way back, each once."""
        return tuple(dict.fromkeys(reversed(rules)))[:_MOST_RULES]

    def _follow(
        self, node: int, argnum: int, source: int, found: dict[Line, tuple[str, list[str]]]
    ) -> None:
        """Add the operations from `source` up to the next tensor that has a gradient of its own."""
        statement = self.goal.trace.nodes[node].statement
        if statement is None:
            return
        _makes, rules = found.setdefault(self.line(statement), (self._made_by(node), []))
        for _ in range(12):
            entry = self.goal.trace.nodes[node]
            wide = self.goal.trace.nodes[source].shape != entry.shape
            spread = wide and entry.op in ("add", "subtract", "multiply", "divide")
            rule = rule_of(entry.op, argnum, spread and self.goal.trace.nodes[source].shape != ())
            if rule is not None:
                rules.append(rule)
            above = self.consumers.get(node, [])
            if node in self.stops or node == self.goal.truth.loss or len(above) != 1:
                return
            source, (node, argnum) = node, above[0]
            if rule == BROADCAST:
                return

    def _made_by(self, node: int) -> str:
        """The tensor (or the loss) that a consumer ends in."""
        for _ in range(12):
            if node in self.names:
                return self.names[node]
            above = self.consumers.get(node, [])
            if not above:
                break
            node = above[0][0]
        return self.goal.loss
