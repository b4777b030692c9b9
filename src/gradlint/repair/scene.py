"""What repairs look at: the suspect statements, the tensors that they can name, the forward pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.claims import Claim, claims_of
from gradlint.claims.optimisers import began
from gradlint.judging import Case, Comparison, Judgement
from gradlint.judging.case import counterpart
from gradlint.judging.groups import reference_group
from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.reading.free_names import bound_names
from gradlint.reading.walking import descend
from gradlint.reading.writing import write
from gradlint.repair.building import right_side
from gradlint.repair.directions import Directions
from gradlint.repair.replaying import Replay
from gradlint.repair.slopes import Slope, find_slopes
from gradlint.tracing import Trace, Traced, TraceNode, record, retrace
from gradlint.tracing.recording import Recorder
from gradlint.tracing.sizes import own_sizes


@dataclass(frozen=True, slots=True)
class Named:
    """A tensor that a statement can name: how it is written, its node and its value."""

    place: str
    node: int
    value: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)


@dataclass(eq=False)
class Scene:
    """A judged case with some claims wrong; `overrides` are repairs that were accepted already.

    `searched` are statements, by identity, that were searched in vain: then what right claims were made
    from is suspect too, since a sum can be right whose parts are exchanged.
    """

    case: Case
    judgement: Judgement
    overrides: dict[int, Any] = field(default_factory=dict)
    searched: frozenset[int] = frozenset()

    @property
    def module(self) -> s.Module:
        return self.case.module

    @cached_property
    def trace(self) -> Trace:
        """The trace at the first point, with the accepted repairs in place."""
        if not self.overrides:
            return self.case.trace
        return retrace(self.module, self.case.facts, 0, self.overrides).trace

    @cached_property
    def claims(self) -> list[Claim]:
        """The claims of the case as they stand in `trace`; a claim that is gone there is left out."""
        found = claims_of(self.trace)
        pairs = [counterpart(claim, found) for claim in self.case.claims]
        return [
            now if now is not None else was
            for now, was in zip(pairs, self.case.claims, strict=True)
        ]

    @cached_property
    def wrong(self) -> list[Comparison]:
        """The comparisons of the claims that are not right at the constant of the most."""
        group = reference_group(self.judgement.comparisons)
        return [c for i, c in enumerate(self.judgement.comparisons) if i not in group]

    @cached_property
    def wrong_claims(self) -> list[Claim]:
        """The claims of `wrong`."""
        group = reference_group(self.judgement.comparisons)
        return [claim for i, claim in enumerate(self.claims) if i not in group]

    @cached_property
    def cotangents(self) -> Directions:
        """The true cotangents at the first point."""
        return Directions(self.judgement.truths[0].of.values())

    @cached_property
    def own_sizes(self) -> dict[int, int]:
        """The script's own size for each small one."""
        return own_sizes(self.module, self.case.facts.sizes)

    @cached_property
    def dialect(self) -> Dialect:
        return Dialect.from_source(self.module.text)

    @cached_property
    def owners(self) -> dict[int, s.Stmt]:
        """The innermost statement around each expression, by identity."""
        found: dict[int, s.Stmt] = {}
        for node in descend(self.module.everything):
            if isinstance(node, s.Stmt):
                for inner in descend(node):
                    found[id(inner)] = node
                    if isinstance(inner, s.Stmt) and inner is not node:
                        continue
        return found

    def reads(self, place: str) -> int:
        """How often a name stands in the script where it is not bound; 0 for what is no plain name."""
        return self._reads[place]

    @cached_property
    def _reads(self) -> Counter[str]:
        nodes = list(descend(self.module.everything))
        found = Counter(n.id for n in nodes if isinstance(n, s.Name))
        found.subtract(name for n in nodes for name in bound_names(n))
        return found

    @cached_property
    def blocks(self) -> dict[int, s.Block]:
        """The block that each statement stands in, by the statement's identity."""
        found: dict[int, s.Block] = {
            id(one): file.body for file in self.module.files() for one in file.body
        }
        for node in descend(self.module.everything):
            for block in (getattr(node, "body", ()), getattr(node, "orelse", ())):
                if isinstance(block, tuple):
                    found |= {id(one): block for one in block if isinstance(one, s.Stmt)}
        return found

    @cached_property
    def loops(self) -> dict[int, list[s.For]]:
        """The loops around each statement, by the statement's identity, the innermost last."""
        found: dict[int, list[s.For]] = {}
        for node in descend(self.module.everything):
            if isinstance(node, s.For):
                for inner in descend(node.body):
                    if isinstance(inner, s.Stmt):
                        found.setdefault(id(inner), []).append(node)
        return found

    @cached_property
    def applied(self) -> dict[str, list[s.Call]]:
        """The calls on the way to the loss that apply an activation, by what they are applied to."""
        point = self.case.points[0]
        made = (point.frozen.nodes[n] for n in sorted(self.judgement.truths[0].of))
        calls = {id(node.expr): node.expr for node in made if _is_activation(node)}
        found: dict[str, dict[str, s.Call]] = {}
        for call in calls.values():
            if isinstance(call, s.Call) and len(call.args) == 1 and call.args[0].keyword is None:
                argument = call.args[0].value
                if isinstance(argument, s.Name | s.Attribute | s.Subscript):
                    found.setdefault(self.text(argument), {})[self.text(call)] = call
        return {argument: list(calls.values()) for argument, calls in found.items()}

    @cached_property
    def made_at(self) -> dict[int, int]:
        """The last node that each expression made, or that a call returned, by its identity."""
        called = {
            id(store.statement.value): store.new for store in self.trace.stores
            if store.new is not None and isinstance(store.statement, s.Assign)
            and isinstance(store.statement.value, s.Call) and _is_one(store.statement.targets)
        }  # fmt: skip
        return called | {
            id(node.expr): node.id for node in self.trace.nodes if node.expr is not None
        }

    def value(self, expr: s.Expr) -> Any:
        """The value that an expression of an operation had last, or None."""
        node = self.made_at.get(id(expr))
        return None if node is None else self.trace.value(node)

    @cached_property
    def slopes(self) -> list[Slope]:
        """The slopes of the activations of the forward pass."""
        reached: set[int] = {claim.root for claim in self.case.claims}
        for node in self.trace.nodes:
            if any(i in reached for i in node.inputs):
                reached.add(node.id)
        items = {
            (named.place, named.node)
            for statement in self.suspects for named in self.named(statement)
            if named.node in reached and "[" in named.place
        }  # fmt: skip
        return find_slopes(self.trace, reached, sorted(items))

    def activation_pair(self, first: int, second: int) -> bool:
        """Whether two nodes are the input and the output of one activation."""
        return any({slope.node, slope.before} == {first, second} for slope in self.slopes)

    def text(self, node: s.Expr) -> str:
        """An expression as the user wrote it, or as it would be written."""
        return write(node, self.module)

    def named(self, statement: s.Stmt) -> list[Named]:
        """The tensors and numbers that `statement` can name, nearest scope first."""
        return self._visible.get(id(statement), [])

    @cached_property
    def _visible(self) -> dict[int, list[Named]]:
        return {
            statement: [_named(place, tensor) for place, tensor in names.items()]
            for statement, names in self._recorded.visible.items()
        }

    @cached_property
    def replay(self) -> Replay:
        """The record of a walk by which candidates can be refuted."""
        return Replay(self._recorded, self.claims, self.suspects)

    @cached_property
    def _recorded(self) -> Recorder:
        watched = frozenset(id(one) for one in (*self.suspects, *self.keeping))
        values = (right_side(one) for one in self.suspects if not isinstance(one, s.ExprStmt))
        wanted = frozenset(id(value) for value in values if value is not None)
        return record(self.module, self.case.facts, self.overrides, watched, wanted)

    @cached_property
    def forward(self) -> set[int]:
        """The nodes that the loss was made from, and the parameters and data before the training."""
        from gradlint.repair.suspicion import forward

        return forward(self) | set(range(began(self.trace)))

    @cached_property
    def read(self) -> set[str]:
        """The names that are read anywhere."""
        bound = {
            id(target) for node in descend(self.module.everything) if isinstance(node, s.Assign)
            for target in node.targets
        }  # fmt: skip
        names = (n for n in descend(self.module.everything) if isinstance(n, s.Name))
        return {n.id for n in names if id(n) not in bound}

    @cached_property
    def suspects(self) -> list[s.Stmt]:
        """The statements in which the mistake may stand, nearest the loss first."""
        from gradlint.repair.suspicion import suspects

        return [one for one in suspects(self) if id(one) not in self.searched]

    def doubting(self) -> Scene:
        """The scene once its suspects were searched in vain."""
        return replace(self, searched=frozenset(id(one) for one in self.suspects))

    @cached_property
    def keeping(self) -> list[s.Stmt]:
        """The statements that keep values from which wrong claims were computed."""
        from gradlint.repair.keeping import keeping_statements

        return keeping_statements(self)


def _is_one(targets: tuple[s.Expr, ...]) -> bool:
    """Whether what a statement computes is bound as it is, and not taken apart."""
    return len(targets) == 1 and not isinstance(targets[0], s.Sequence)


def _is_activation(node: TraceNode) -> bool:
    return len(node.inputs) == 1 and ops.OPS[node.op].elementwise and node.op != "copy"


def _named(place: str, tensor: Traced) -> Named:
    return Named(place, tensor.id, tensor.value)
