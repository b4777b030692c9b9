"""Executing statements: binding names, loops, updates."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing import checkpoints, checks, foreign_writes, places
from gradlint.tracing import items as listed
from gradlint.tracing.checkpoints import Kept
from gradlint.tracing.defining import Defining
from gradlint.tracing.driven import Driven
from gradlint.tracing.expressions import handlers
from gradlint.tracing.facts import Budget, Facts
from gradlint.tracing.first_time import asks_for_nothing, zeros_since
from gradlint.tracing.importing import Importing
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.rows import Rows, turned
from gradlint.tracing.trace import Opaque, Trace
from gradlint.tracing.values import (
    Scope,
    Traced,
    UserFunction,
    UserModule,
    plain,
)

IDLE_ROUNDS = 12
"""Rounds of a training loop that may pass without any step: samples left out, gradients added up."""

ENOUGH = 24
"""Values that a generator gives which would never end."""

_BREAK, _CONTINUE = object(), object()


class _Returned:
    def __init__(self, value: Any) -> None:
        self.value = value


class Interpreter(Importing, Defining):
    """Walks a module once over small made-up arrays and records its trace.

    `overrides` replaces nodes of the tree, by identity, with other nodes (or blocks, for the block of
    a body), which is how a repair is tried. `watched` statements have their visible names recorded.
    A `frozen` walk leaves the parameters where they are, so that whatever is computed after an update
    is still a function of the parameters before it. With `kept` a walk goes on from where an earlier one
    of the same analysis was; `wanted` are expressions whose evaluations somebody keeps.
    """

    wanted: frozenset[int] = frozenset()

    def __init__(
        self, module: s.Module, facts: Facts, seed: int = 0, budget: Budget | None = None,
        overrides: Mapping[int, Any] | None = None, watched: frozenset[int] = frozenset(),
        frozen: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(module, facts, seed, budget or _budget(module))
        self.overrides = overrides or {}
        self.blind = facts.blind_steps | {
            id(new) for old, new in self.overrides.items() if old in facts.blind_steps
        }
        self.watched = watched
        self.held = facts.updates | facts.held if frozen else facts.held
        self.visible: dict[int, dict[str, Traced]] = {}
        self.scope = Scope({"__name__": "__main__", "__file__": module.path})
        self.imported = {os.path.normpath(module.path): UserModule("", module.path, self.scope)}
        self.loops: list[tuple[s.Stmt, int, int]] = []
        self.roots: dict[int, int] = {}
        self.shrunk: dict[int, int] = {}
        self.last_return: s.Return | None = None
        self.kept: Kept | None = None
        self.executed: set[int] = set()
        self.copied_at = 0
        self.steps_known = frozenset(facts.updates)
        self.evaluators = handlers(type(self), s.Expr, "eval_")
        self.executors = handlers(type(self), s.Stmt, "exec_")

    def walk(self) -> Trace:
        """Execute the module, and its drive if it has one."""
        if self.kept is None or id(self.module.body) in self.overrides or self.facts.nudges:
            self.execute(self.module.body)
        else:
            self._go_on(self.kept, self.module.body)
        if isinstance(self.module, Driven):
            self.module.drive(self)
        return self.trace

    def _go_on(self, kept: Kept, body: s.Block) -> None:
        """Execute the module from where an earlier walk was, and leave checkpoints for later ones."""
        for index in range(checkpoints.resume(kept, self), len(body)):
            if index in kept.stops:
                checkpoints.save(kept, self, index)
            stepped = self.stepped
            if self.execute(body[index : index + 1]) is not None:
                return
            if self.stepped > stepped:
                kept.stops.add(index)
        if isinstance(self.module, Driven):
            checkpoints.save(kept, self, len(body))

    def too_long(self) -> str:
        reason = super().too_long()
        if not self.loops:
            return reason
        loop, _, rounds = max(self.loops, key=lambda running: running[2])
        return f"{reason}: the loop in line {loop.span.line} is in round {rounds + 1}"

    # Blocks and control flow

    def run(self, body: s.Block) -> Any:
        signal = self.execute(body)
        return signal.value if isinstance(signal, _Returned) else None

    def execute(self, block: s.Block) -> Any:
        for statement in self.overrides.get(id(block), block):
            for one in self._statement(statement):
                self.step(one)
                self.at = self.statement = one
                self.executed.add(id(one))
                if id(one) in self.watched:
                    around = [loop for loop, _, _ in self.loops]
                    named = listed.written(self.scope, one, around)
                    self.visible[id(one)] = named | places.visible(
                        self.scope, listed.counted(named)
                    )
                signal = self.executors[type(one)](self, one)
                if signal is not None:
                    return signal
        return None

    def _statement(self, statement: s.Stmt) -> tuple[s.Stmt, ...]:
        replaced = self.overrides.get(id(statement), statement)
        return replaced if isinstance(replaced, tuple) else (replaced,)

    def exec_If(self, n: s.If) -> Any:
        truth = self.truth(self.evaluate(n.test))
        skipped = isinstance(truth, Opaque) and _gives_up(n.body[-1])
        if truth is not True or not asks_for_nothing(n.test):
            return self.execute(n.orelse if truth is False or skipped else n.body)
        start = len(self.trace.nodes)
        signal = self.execute(n.body)
        self.trace.lazy |= zeros_since(self.trace, start)
        return signal

    def exec_For(self, n: s.For) -> Any:
        over = self.evaluate(n.iter)
        items = self._rows(over) or self.items(
            over[: self.budget.rounds + 1] if isinstance(over, range) else over
        )
        if items is None:
            items = [self.opaque("what this loop runs over is not known", span=n.iter.span)]
        return self._ended(n, self._loop(n, items))

    def _rows(self, over: Any) -> Rows | None:
        """The rows of a long array, each taken when a round asks for it: few rounds are walked."""
        if not isinstance(over, Traced) or over.is_python or not over.shape:
            return None
        long = over.shape[0] > self.budget.rounds
        return Rows(over.shape[0], lambda i: self.index(over, i)) if long else None

    def exec_While(self, n: s.While) -> Any:
        return self._ended(n, self._loop(n, None))

    def _ended(self, n: s.For | s.While, signal: Any) -> Any:
        """Note when a training loop was left for the first time."""
        if id(n) in self.facts.training_loops:
            self.trace.ends.setdefault(id(n), len(self.trace.nodes))
        return signal

    def _loop(self, n: s.For | s.While, items: Sequence[Any] | None) -> Any:
        self.trace.counts.setdefault(id(n), 0)
        stepped, began = self.stepped, len(self.trace.nodes)
        for round_number in range(self.budget.rounds if items is None else len(items)):
            self.at = n
            if self._is_done(n, round_number, stepped):
                return None
            if round_number >= self.budget.rounds:
                return self._cut(n, began)
            if not round_number:
                items = self._sampled(n, items)
            if not self._enter(n, items, round_number):
                return self.execute(n.orelse)
            failed = len(self.trace.failures)
            self.loops.append((n, len(self.trace.nodes), round_number))
            self.trace.counts[id(n)] = max(self.trace.counts.get(id(n), 0), round_number + 1)
            if not round_number and id(n) in self.facts.training_loops:
                self.trace.rounds.append((n, len(self.trace.nodes)))
            try:
                signal = self.execute(n.body)
            finally:
                self.loops.pop()
            if signal is _BREAK:
                return None
            if signal is not None and signal is not _CONTINUE:
                return signal
            if self._gave_enough(n):
                return _Returned(None)
            if self.trace.updates and len(self.trace.failures) > failed:
                return self._spoilt(n, round_number)
        return self.execute(n.orelse) if items is not None else self._cut(n, began)

    def _is_done(self, n: s.For | s.While, rounds: int, stepped: int) -> bool:
        """Whether a training loop has made its round: the first in which something was stepped."""
        if not rounds or id(n) not in self.facts.training_loops:
            return False
        return self.stepped > stepped or rounds >= IDLE_ROUNDS

    def _gave_enough(self, n: s.For | s.While) -> bool:
        """Whether a generator that never ends gave what a training that is walked for one round takes."""
        endless = isinstance(n, s.While) and isinstance(n.test, s.Constant)
        return endless and len(self.scope.yields) >= ENOUGH

    def _spoilt(self, n: s.For | s.While, round_number: int) -> None:
        """A round after a step did not fit: the step spoilt a parameter, so the loop trains."""
        if round_number and id(n) not in self.facts.training_loops:
            self.facts.training_loops.add(id(n))
            raise LearntLoop

    def _sampled(self, n: s.For | s.While, items: Sequence[Any] | None) -> Sequence[Any] | None:
        """The items of a training loop over samples, in an order of its own at each random point.

        The first sample may be all zeros, at which no gradient says anything. Epochs stay in order, and
        so do the starts of mini-batches: the last one may be short.
        """
        if not items or len(items) < 2 or id(n) not in self.facts.training_loops:
            return items
        if isinstance(items[0], int) and (not self.loops or items[1] - items[0] != 1):
            return items
        return turned(items, self.seed % len(items))

    def _enter(self, n: s.For | s.While, items: Sequence[Any] | None, round_number: int) -> bool:
        if isinstance(n, s.For):
            assert items is not None
            self.bind(n.target, items[round_number], n)
            return True
        truth = self.truth(self.evaluate(n.test))
        return truth is True or (isinstance(truth, Opaque) and round_number == 0)

    def _cut(self, n: s.For | s.While, began: int) -> None:
        """Leave a loop before its end. One that moved a parameter on its way is a training loop."""
        if id(n) not in self.facts.training_loops and any(
            u.new >= began for u in self.trace.updates
        ):
            self.facts.training_loops.add(id(n))
            raise LearntLoop
        unknown = self.opaque("this loop is too long to be walked in full", span=n.span)
        self.trace.cut = self.trace.cut or unknown
        for name in places.bound_names(n.body):
            if name in self.scope.names:
                self.scope.names[name] = unknown

    def exec_With(self, n: s.With) -> Any:
        for item, target in n.items:
            value = self.evaluate(item)
            if target is not None:
                self.bind(target, value, n)
        return self.execute(n.body)

    def exec_Try(self, n: s.Try) -> Any:
        for block in (n.body, n.orelse, n.finalbody):
            signal = self.execute(block)
            if signal is not None:
                return signal
        return None

    def exec_Return(self, n: s.Return) -> Any:
        self.last_return = n
        return _Returned(self.named(n.value) if n.value is not None else None)

    def exec_Raise(self, n: s.Raise) -> Any:
        self.misfit("window", (), {}, "the script raises an exception here")
        raised = self.opaque("the script raises an exception here", span=n.span)
        if self.depth == 0:
            self.trace.stopped = raised
        return _Returned(raised)

    def exec_Flow(self, n: s.Flow) -> Any:
        return {"break": _BREAK, "continue": _CONTINUE}.get(n.kind)

    def exec_Scope(self, n: s.Scope) -> None:
        for name in n.names:
            holder = self.scope.module if n.kind == "global" else None
            if holder is None and self.scope.parent is not None:
                holder = self.scope.parent.find(name)
            if holder is not None:
                self.scope.outer[name] = holder

    def exec_Delete(self, n: s.Delete) -> None:
        for target in n.targets:
            if isinstance(target, s.Name):
                self.scope.names.pop(target.id, None)

    def exec_Assert(self, n: s.Assert) -> None:
        if self.truth(self.evaluate(n.test)) is not False:
            return
        self.trace.denied.append(n)
        if not self.facts.inputs.lenient:
            sides = {"pairs": self._sizes_asserted(n.test)}
            self.misfit("assert", (), sides, "what is asserted here does not hold")

    def _sizes_asserted(self, test: s.Expr) -> list[tuple[int, int]]:
        """The sizes that an assertion says are the same: `assert out.shape == (1, m)`."""
        match test:
            case s.Compare(left=left, ops=("==",), comparators=(right,)):
                a, b = (plain(self.evaluate(side)) for side in (left, right))
                rows = [x if isinstance(x, tuple) else (x,) for x in (a, b)]
                if b == () and isinstance(a, tuple):
                    rows[1] = (1,) * len(a)
                whole = all(isinstance(size, int) for row in rows for size in row)
                return (
                    list(zip(*rows, strict=True)) if whole and len(rows[0]) == len(rows[1]) else []
                )
            case s.Call(
                func=s.Name(id="isinstance"), args=(one, s.Argument(value=s.Name(id="float")))
            ):
                value = self.evaluate(one.value)  # what a gradient is where there is one unit
                return [(n, 1) for n in value.shape] if isinstance(value, Traced) else []
        return []

    def exec_ExprStmt(self, n: s.ExprStmt) -> None:
        if isinstance(n.value, s.Call) and checks.says_check(places.text(n.value.func)):
            self._skip(n.value)
            return
        made = self.evaluate(n.value)
        if isinstance(made, Opaque) and isinstance(n.value, s.Call):
            self._fill(n.value, made, n)

    def _fill(self, call: s.Call, made: Opaque, statement: s.Stmt) -> None:
        """A call that is not known and gives nothing back is there for what it writes into empty arrays."""
        for target in foreign_writes.targets(call):
            held = self._current(target)
            if not isinstance(held, Traced) or not held.shape:
                continue
            if foreign_writes.writes_into(call):
                self.bind(target, made, statement)
            elif not np.any(held.value):
                self._take_for_filled(target, held, made, statement)

    def _skip(self, call: s.Call) -> None:
        """A gradient check that gives nothing back changes nothing either: it is left out."""
        function = self.evaluate(call.func)
        if isinstance(function, UserFunction):
            self.trace.called.add(id(function.definition))

    def _take_for_filled(
        self, target: s.Expr, held: Traced, made: Opaque, statement: s.Stmt
    ) -> None:
        """Take an array of zeros, as it was made, for filled with what is not known."""
        if self.trace.nodes[held.id].is_leaf:
            self.bind(target, made, statement)

    def exec_UnknownStmt(self, n: s.UnknownStmt) -> None:
        self.trace.failures.append(self.opaque(f"a {n.what} statement is not followed"))


def _gives_up(statement: s.Stmt) -> bool:
    """Whether a statement ends the script."""
    match statement:
        case s.ExprStmt(value=s.Call(func=s.Name(id="exit" | "quit"))):
            return True
        case s.ExprStmt(value=s.Call(func=s.Attribute(value=s.Name(id="sys"), attr="exit"))):
            return True
    return isinstance(statement, s.Raise)


def _budget(module: s.Module) -> Budget:
    """Loops over images are longer than scripts: a drive runs nothing else."""
    return Budget(steps=100_000) if isinstance(module, Driven) else Budget()
