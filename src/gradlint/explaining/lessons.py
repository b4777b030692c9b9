"""From what the analysis found out to a lesson: what each gradient is, why, and what the user wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from gradlint.deriving.constants import times
from gradlint.deriving.goal import Goal
from gradlint.deriving.habits import Habit, habit_of
from gradlint.deriving.places import forward_names, label_names
from gradlint.deriving.stepwise import Formula, Stepwise, in_order, spread
from gradlint.explaining.causes import Causes
from gradlint.explaining.handed import above_outputs, handed_gradients
from gradlint.explaining.lesson import Check, Line, Shape, Step
from gradlint.explaining.local import local_comparisons
from gradlint.explaining.shapes import Shapes
from gradlint.explaining.written import Written
from gradlint.judging import UNKNOWN, Comparison
from gradlint.model import Agreement, Span
from gradlint.ops import Dialect, Text, as_text
from gradlint.reading import syntax as s

_MOST_STEPS = 60

Spans = Callable[[Span], Span]


@dataclass(eq=False)
class Derived:
    """All steps of one goal. `written` is what the script has; `line` shows a statement to its user,
    `blamed` are the lines that findings stand on, `rounds` how often a step that is told is made."""

    goal: Goal
    written: dict[int, Written]
    line: Lines
    blamed: frozenset[int] = frozenset()
    rounds: dict[int, int] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[int, str]:
        """The forward tensors by name."""
        known = {node: place for place, node in self.goal.parameters.items()}
        return forward_names(self.goal.trace, self.goal.behind, known)

    @cached_property
    def handed(self) -> dict[int, str]:
        """The gradients that the backward pass is handed, by the nodes that they are of."""
        found = handed_gradients(self.goal).items()
        return {node: name or self.habit.name(self.names.get(node, "out")) for node, name in found}

    @cached_property
    def start(self) -> str:
        """What the way back begins with: the loss, or what is handed in."""
        return " and ".join(self.handed.values()) or self.goal.loss

    @cached_property
    def shapes(self) -> Shapes:
        return Shapes(self.goal)

    @cached_property
    def dialect(self) -> Dialect:
        return Dialect.from_source(self.goal.module.text)

    @cached_property
    def habit(self) -> Habit:
        places = [w.place for w in self.written.values() if w.place]
        return habit_of(self.names.values(), places, self.dialect.library)

    @cached_property
    def writer(self) -> Stepwise:
        sizes = {small: str(own) for small, own in self.shapes.own.items()} | self.shapes.named
        return Stepwise(
            self.goal,
            self.dialect,
            self.names,
            sizes,
            self.shapes.own,
            label_names(self.goal.trace),
        )

    @cached_property
    def order(self) -> list[int]:
        """The nodes that get a step each, from the loss down.

        Those that the script has a gradient for and the parameters; where that leaves some without a short
        formula, the named tensors on the way too, if that helps.
        """
        own = (set(self.written) | self.roots) & set(self.goal.truth.of)
        own -= {node for node in self.written if self.name(node) == self._handed(node)}
        known = {n for node in (*self.written, *self.handed) for n in self.goal.alike(node)}
        named = {n for n in self.goal.inner if n in self.names and n not in known}
        more = own | {max(self.goal.alike(n) & named) for n in named}
        best = min(own, more, key=self._untold) if self.written else more
        return in_order(self.goal, best)[:_MOST_STEPS]

    def _untold(self, nodes: set[int]) -> int:
        """How many of `nodes`, parameters aside, have no short formula."""
        given = self.given(nodes)
        return sum(self.formula(node, given) is None for node in nodes - self.roots)

    @cached_property
    def roots(self) -> set[int]:
        return set(self.goal.parameters.values())

    @cached_property
    def shown(self) -> list[int]:
        """The nodes whose steps are told: of those that a loop makes one, in the midst of it."""
        rounds: dict[object, list[int]] = {}
        for node in self.order:
            rounds.setdefault(self._round(node), []).append(node)
        chosen = {nodes[min(1, len(nodes) - 1)]: len(nodes) for nodes in rounds.values()}
        self.rounds.update(chosen)
        return [node for node in self.order if node in chosen]

    def _round(self, node: int) -> object:
        """What the steps that differ by the round of a loop have in common."""
        entry = self.goal.trace.nodes[node]
        if node in self.roots or entry.expr is None:
            return node
        written = self.written.get(node)
        return id(entry.expr), () if written is None else written.statements

    def name(self, node: int) -> str:
        """What the gradient of a node is called: by the user, or by the user's habit."""
        entry = self.written.get(node)
        if entry is not None and entry.place is not None:
            return entry.place
        return self.habit.name(self.names.get(node, "?"))

    def ratio(self, node: int) -> float:
        """The constant that the script's gradient of a node carries."""
        entry = self.written.get(node)
        return 1.0 if entry is None or entry.ratio is None else entry.ratio

    def given(self, nodes: Iterable[int]) -> dict[int, tuple[str, float]]:
        """The gradients of `nodes` by name, the parameters' left out: nothing is derived from these."""
        own = {n: (self.name(n), self.ratio(n)) for n in nodes if n not in self.roots}
        handed = {n: (name, 1.0) for n, name in self.handed.items()}
        return spread(self.goal, handed) | spread(self.goal, own)

    def _handed(self, node: int) -> str | None:
        """The name of the gradient of a node where that is handed in."""
        return next((self.handed[n] for n in self.goal.alike(node) if n in self.handed), None)

    def formula(self, node: int, given: dict[int, tuple[str, float]]) -> Formula | None:
        """The gradient of a node with the constant that it carries, or that it gets from above."""
        if (name := self._handed(node)) is not None:
            return Formula(times(Text(name), self.ratio(node), self.writer.sizes).text, (), ())
        found = self.writer.formula(node, given, self.ratio(node))
        entry = self.written.get(node)
        if found is None or (entry is not None and entry.ratio is not None):
            return found
        above = {given[n][1] for n in found.gradients}
        alone = len(above) == 1 and above != {1.0}
        return self.writer.formula(node, given, above.pop()) if alone else found

    @cached_property
    def formulas(self) -> dict[int, Formula | None]:
        given = self.given(self.order)
        return {node: self.formula(node, given) for node in self.order}

    @cached_property
    def comparisons(self) -> dict[int, Comparison]:
        return local_comparisons(self.goal, self.written)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps, from the loss down."""
        stops = {*self.order, *self.handed}
        over = above_outputs(self.goal, handed_gradients(self.goal))
        causes = Causes(self.goal, self.names, stops, self.line, over)
        return tuple(self._step(i, node, causes) for i, node in enumerate(self.shown, 1))

    def _step(self, number: int, node: int, causes: Causes) -> Step:
        formula, entry = self.formulas[node], self.written.get(node)
        check = self.check(node)
        return Step(
            number, self.called(node), self.name(node), node in self.roots,
            self.shapes.of(node), None if formula is None else formula.text, self._parts(formula),
            causes.of(node), () if entry is None else tuple(map(self.line, entry.statements)), check,
            self._remark(node, formula, check),
        )  # fmt: skip

    def called(self, node: int) -> str:
        """A forward tensor by its name, or by the name of what it becomes."""
        if node in self.names:
            return self.names[node]
        if node in self.handed:
            return "the output"
        alike = [self.names[n] for n in self.goal.alike(node) if n in self.names]
        if alike:
            return alike[0]
        later = (n for n in sorted(self.goal.truth.of) if n > node and n in self.names)
        made = next((n for n in later if self.goal.trace.depends([n], node)), None)
        if made is not None:
            return f"the input of {self.names[made]}"
        expr = self.goal.trace.nodes[node].expr
        return "a part of the loss" if expr is None else self.goal.module.excerpt(expr.span)

    def _parts(self, formula: Formula | None) -> tuple[tuple[str, Shape], ...]:
        if formula is None:
            return ()
        given = self.given(self.order)
        made = [(given[n][0], self.shapes.of(n)) for n in formula.gradients]
        read = [(self.names[n], self.shapes.of(n)) for n in formula.values]
        return tuple(dict.fromkeys(made + read))

    def check(self, node: int) -> Check:
        """What is to be said of the user's line."""
        if node not in self.written:
            return Check.ABSENT
        agreement = self.comparisons.get(node, UNKNOWN).agreement
        if agreement is Agreement.EQUAL:
            return Check.RIGHT
        lines = {statement.span.line for statement in self.written[node].statements}
        is_blamed = agreement is not Agreement.UNKNOWN and lines & self.blamed
        return Check.WRONG if is_blamed else Check.UNKNOWN

    def _remark(self, node: int, formula: Formula | None, check: Check) -> str | None:
        if formula is None:
            return self._unwritten(node)
        if self.rounds.get(node, 1) > 1:
            return f"the same for each of the {self.rounds[node]} that the loop makes"
        entry = self.written.get(node)
        if check is Check.WRONG:
            return _difference(self.comparisons[node])
        if check is Check.RIGHT and entry is not None and abs((entry.ratio or 1.0) - 1) > 1e-6:
            return self._constant(entry.ratio or 1.0)
        return None

    def _constant(self, ratio: float) -> str:
        if abs(ratio + 1) < 1e-6:
            return "it carries a minus throughout, which the step makes up for"
        factor = times(as_text(1), ratio, self.writer.sizes).text
        told = factor if len(factor) < 20 else f"{ratio:.4g}"
        return f"it is {told} times the gradient of {self.goal.loss}, which the step makes up for"

    def _unwritten(self, node: int) -> str:
        uses = len([n for n in self.goal.truth.of if node in self.goal.trace.nodes[n].inputs])
        if uses > 2:
            return f"a sum of {uses} terms, one for each use of {self.called(node)}"
        return "there is no short formula for it"


class Lines:
    """Statements as the user sees them."""

    def __init__(self, module: s.Module, span: Spans) -> None:
        self.module, self.span = module, span

    def __call__(self, statement: s.Stmt) -> Line:
        """The line of a statement; its head where it has a body."""
        return Line(self.span(statement.span), self._text(statement))

    def _text(self, statement: s.Stmt) -> str:
        if isinstance(statement, s.For | s.While | s.If | s.With | s.FunctionDef | s.ClassDef):
            return self.module.line_at(statement.span).strip()
        return " ".join(self.module.excerpt(statement.span).split())


def _difference(compared: Comparison) -> str:
    scale = compared.scale
    if scale is None:
        return "what is written is another tensor than what follows from the lines above"
    if abs(scale + 1) < 1e-6:
        return "what is written has the wrong sign"
    return f"what is written is {scale:.4g} times what follows from the lines above"
