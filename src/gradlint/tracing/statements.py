"""Executing statements: binding names, loops, updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing import libraries, places
from gradlint.tracing.calls import Calls
from gradlint.tracing.expressions import plain_index
from gradlint.tracing.facts import Budget, Facts
from gradlint.tracing.trace import Opaque, Store, Trace, Update
from gradlint.tracing.updates import Terms, moved_by, movement
from gradlint.tracing.values import (
    Instance,
    Scope,
    Traced,
    UserClass,
    UserFunction,
    plain,
)

_BREAK, _CONTINUE = object(), object()


class LearntLoop(Exception):
    """A loop turned out to be a training loop; the walk starts again, knowing it."""


class _Returned:
    def __init__(self, value: Any) -> None:
        self.value = value


class Interpreter(Calls):
    """Walks a module once over small made-up arrays and records its trace.

    `overrides` replaces nodes of the tree, by identity, with other nodes (or blocks, for the block of
    a body), which is how a repair is tried. `watched` statements have their visible names recorded.
    A `frozen` walk leaves the parameters where they are, so that whatever is computed after an update
    is still a function of the parameters before it.
    """

    def __init__(
        self, module: s.Module, facts: Facts, seed: int = 0, budget: Budget | None = None,
        overrides: Mapping[int, Any] | None = None, watched: frozenset[int] = frozenset(),
        frozen: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(module, facts, seed, budget or Budget())
        self.overrides = overrides or {}
        self.watched = watched
        self.held = facts.updates if frozen else frozenset[int]()
        self.visible: dict[int, dict[str, Traced]] = {}
        self.scope = Scope({"__name__": "__main__", "__file__": module.path})
        self.loops: list[tuple[s.Stmt, int, int]] = []
        self.roots: dict[int, int] = {}

    def walk(self) -> Trace:
        """Execute the module."""
        self.execute(self.module.body)
        return self.trace

    # Blocks and control flow

    def run(self, body: s.Block) -> Any:
        signal = self.execute(body)
        return signal.value if isinstance(signal, _Returned) else None

    def execute(self, block: s.Block) -> Any:
        for statement in self.overrides.get(id(block), block):
            for one in self._statement(statement):
                self.step(one)
                self.at = self.statement = one
                if id(one) in self.watched:
                    self.visible[id(one)] = places.visible(self.scope)
                signal = self._executors[type(one)](one)
                if signal is not None:
                    return signal
        return None

    @cached_property
    def _executors(self) -> dict[type, Callable[[Any], Any]]:
        return {kind: getattr(self, f"exec_{kind.__name__}") for kind in s.Stmt.__subclasses__()}

    def _statement(self, statement: s.Stmt) -> tuple[s.Stmt, ...]:
        replaced = self.overrides.get(id(statement), statement)
        return replaced if isinstance(replaced, tuple) else (replaced,)

    def exec_If(self, n: s.If) -> Any:
        truth = self.truth(self.evaluate(n.test))
        skipped = isinstance(truth, Opaque) and isinstance(n.body[-1], s.Raise)
        return self.execute(n.orelse if truth is False or skipped else n.body)

    def exec_For(self, n: s.For) -> Any:
        over = self.evaluate(n.iter)
        items = self.items(over[: self.budget.rounds + 1] if isinstance(over, range) else over)
        if items is None:
            items = [self.opaque("what this loop runs over is not known", span=n.iter.span)]
        return self._loop(n, items)

    def exec_While(self, n: s.While) -> Any:
        return self._loop(n, None)

    def _loop(self, n: s.For | s.While, items: list[Any] | None) -> Any:
        for round_number in range(self.budget.rounds if items is None else len(items)):
            self.at = n
            if round_number and id(n) in self.facts.training_loops:
                return None
            if round_number >= self.budget.rounds:
                return self._cut(n)
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
            if self.trace.updates and len(self.trace.failures) > failed:
                return self._spoilt(n, round_number)
        return self.execute(n.orelse) if items is not None else self._cut(n)

    def _spoilt(self, n: s.For | s.While, round_number: int) -> None:
        """A round after a step did not fit: the step spoilt a parameter, so the loop trains."""
        if round_number and id(n) not in self.facts.training_loops:
            self.facts.training_loops.add(id(n))
            raise LearntLoop

    def _sampled(self, n: s.For | s.While, items: list[Any] | None) -> list[Any] | None:
        """The items of a training loop over samples, in an order of its own at each random point.

        The first sample may be all zeros, at which no gradient says anything. Epochs stay in order, and
        so do the starts of mini-batches: the last one may be short.
        """
        if not items or len(items) < 2 or id(n) not in self.facts.training_loops:
            return items
        if isinstance(items[0], int) and (not self.loops or items[1] - items[0] != 1):
            return items
        first = self.seed % len(items)
        return items[first:] + items[:first]

    def _enter(self, n: s.For | s.While, items: list[Any] | None, round_number: int) -> bool:
        if isinstance(n, s.For):
            assert items is not None
            self.bind(n.target, items[round_number], n)
            return True
        truth = self.truth(self.evaluate(n.test))
        return truth is True or (isinstance(truth, Opaque) and round_number == 0)

    def _cut(self, n: s.For | s.While) -> None:
        unknown = self.opaque("this loop is too long to be walked in full", span=n.span)
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
        return _Returned(self.named(n.value) if n.value is not None else None)

    def exec_Raise(self, n: s.Raise) -> Any:
        raised = self.opaque("the script raises an exception here", span=n.span)
        if self.depth == 0:
            self.trace.stopped = raised
        return _Returned(raised)

    def exec_Flow(self, n: s.Flow) -> Any:
        return {"break": _BREAK, "continue": _CONTINUE}.get(n.kind)

    # Definitions

    def exec_FunctionDef(self, n: s.FunctionDef) -> None:
        self.scope.names[n.name] = self._function(n)

    def _function(self, n: s.FunctionDef, owner: UserClass | None = None) -> UserFunction:
        kinds = {"staticmethod": "static", "classmethod": "class", "property": "property"}
        names = [getattr(d, "id", getattr(d, "attr", "")) for d in n.decorators]
        kind = next((kinds[d] for d in names if d in kinds), "function")
        return UserFunction(
            n.name, n.params, n.body, self.scope, self.defaults(n.params), owner, kind
        )

    def exec_ClassDef(self, n: s.ClassDef) -> None:
        cls = UserClass(n.name, tuple(self.evaluate(b) for b in n.bases), {})
        outer, self.scope = self.scope, Scope(parent=self.scope)
        inner = self.scope
        try:
            for statement in n.body:
                self.execute((statement,))
            for name, value in inner.names.items():
                cls.names[name] = _in_scope(value, outer)
        finally:
            self.scope = outer
        self.scope.names[n.name] = cls

    def exec_Import(self, n: s.Import) -> None:
        for path, alias in n.names:
            bound = alias or path.split(".")[0]
            self.scope.names[bound] = libraries.resolve(path if alias else bound)

    def exec_ImportFrom(self, n: s.ImportFrom) -> None:
        for name, alias in n.names:
            if name == "*":
                self.scope.module.stars.append(n.module)
            elif n.module != "__future__":
                self.scope.names[alias or name] = libraries.resolve(f"{n.module}.{name}")

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
        self.evaluate(n.test)

    def exec_ExprStmt(self, n: s.ExprStmt) -> None:
        self.evaluate(n.value)

    def exec_UnknownStmt(self, n: s.UnknownStmt) -> None:
        self.trace.failures.append(self.opaque(f"a {n.what} statement is not followed"))

    # Binding

    def exec_Assign(self, n: s.Assign) -> None:
        value = self.named(n.value)
        self.at = self.statement = n
        if id(n) in self.held:
            return
        self.bind(n.targets[0], value, n)
        for target in n.targets[1:]:
            self.bind(target, self._own_number(value, n.value), n)

    def _own_number(self, value: Any, node: s.Expr) -> Any:
        """`m = b = 0`: each name gets a number of its own."""
        if isinstance(value, Traced) and value.is_python and self.trace.nodes[value.id].is_leaf:
            return self.leaf(value.value, "python", node)
        return value

    def bind(self, target: s.Expr, value: Any, statement: s.Stmt) -> None:
        """Bind an assignment's target to `value`."""
        match target:
            case s.Sequence():
                self._bind_parts(target, value, statement)
            case s.Starred():
                self.bind(target.value, value, statement)
            case s.Subscript():
                self._bind_item(target, value, statement)
            case _:
                old = self._current(target)
                self._put(target, value)
                self.note(places.text(target), old, value, statement)

    def _bind_parts(self, target: s.Sequence, value: Any, statement: s.Stmt) -> None:
        parts = self.items(value)
        count = len(target.elements)
        if parts is None or len(parts) != count:
            reason = (
                value if isinstance(value, Opaque) else self.opaque("these values do not match")
            )
            parts = [reason] * count
        for element, part in zip(target.elements, parts, strict=True):
            self.bind(element, part, statement)

    def _current(self, target: s.Expr) -> Any:
        if isinstance(target, s.Name):
            name = target.id
            holder = self.scope.outer.get(name, self.scope)
            return holder.names.get(name)
        if isinstance(target, s.Attribute):
            owner = self.evaluate(target.value)
            return owner.attributes.get(target.attr) if isinstance(owner, Instance) else None
        return None

    def _put(self, target: s.Expr, value: Any) -> None:
        if isinstance(target, s.Name):
            self.scope.outer.get(target.id, self.scope).names[target.id] = value
        elif isinstance(target, s.Attribute):
            owner = self.evaluate(target.value)
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif isinstance(owner, Traced) and target.attr == "data" and isinstance(value, Traced):
                self.write(owner, value)

    def _bind_item(self, target: s.Subscript, value: Any, statement: s.Stmt) -> None:
        holder, index = self.evaluate(target.value), self.index_of(target.index)
        place = places.text(target, index)
        if isinstance(holder, Traced) and not isinstance(index, Opaque):
            self._set_item(holder, index, value, places.text(target.value), statement)
            return
        if isinstance(holder, Instance):
            self.method(holder, "__setitem__", [index, value])
            return
        if isinstance(holder, list | dict) and not isinstance(index, Opaque):
            key = plain(index)
            old = self._held(holder, key)
            try:
                holder[key] = value
            except (IndexError, TypeError):
                return
            self.note(place, old, value, statement)

    def _held(self, holder: Any, key: Any) -> Any:
        try:
            return holder[key]
        except (KeyError, IndexError, TypeError):
            return None

    def _set_item(
        self, holder: Traced, index: Any, value: Any, place: str, statement: s.Stmt
    ) -> None:
        self.refresh(holder)
        old = holder.id
        if isinstance(value, list | tuple):
            value = self.tensor_of(value, holder.library)
        made = (
            value if isinstance(value, Opaque)
            else self.apply("setitem", [holder, value], {"index": plain_index(index)}, holder.library)
        )  # fmt: skip
        if isinstance(made, Traced):
            self.write(holder, made)
            self._note_traced(place, old, made.id, statement)
        elif isinstance(made, Opaque):
            self.note(place, holder, made, statement)

    def exec_AugAssign(self, n: s.AugAssign) -> None:
        target, change = n.target, self.evaluate(n.value)
        current = self.evaluate(target)
        self.at = self.statement = n
        if id(n) in self.held:
            return
        if isinstance(current, list) and n.op == "+":
            current += self.items(change) or []
            return
        if not self._in_place(target, current):
            made = self.binary_at(n, current, change)
            self.bind(target, made, n)
            return
        old = current.id
        made = self.binary_at(n, current, change)
        if isinstance(made, Traced) and made.shape != current.shape:
            made = self.opaque(f"{made.shape} does not fit into {current.shape} in place", "shape")
        if isinstance(made, Traced):
            self.write(current, made)
            self._note_traced(self._place_of(target), old, made.id, n)
        elif isinstance(made, Opaque):
            self.note(self._place_of(target), current, made, n)
            self._put(target, made)

    def binary_at(self, n: s.AugAssign, current: Any, change: Any) -> Any:
        """`current op change`, recorded as made by the statement's right-hand side."""
        before, self.at = self.at, n.value
        try:
            return self.binary(n.op, current, change)
        finally:
            self.at = before

    def _in_place(self, target: s.Expr, current: Any) -> bool:
        if not isinstance(current, Traced) or current.is_python:
            return False
        if isinstance(target, s.Subscript) and current.base is None:
            holder = self.evaluate(target.value)
            return not isinstance(holder, Traced)
        return bool(current.shape) or current.library == "torch"

    def _place_of(self, target: s.Expr) -> str:
        if isinstance(target, s.Subscript):
            return places.text(target, self.index_of(target.index))
        return places.text(target)

    # Stores and updates

    def written(self, target: Traced, made: Traced) -> None:
        if id(self.statement) in self.held:
            return
        old = target.id
        self.write(target, made)
        self._note_traced(_written_place(self.at), old, made.id, self.statement)

    def note(self, place: str, old: Any, new: Any, statement: s.Stmt) -> None:
        """Record that `new` stands where `old` stood, part by part for containers."""
        if isinstance(new, list | tuple) and len(new) <= 64:
            olds = (
                old if isinstance(old, list | tuple) and len(old) == len(new) else [None] * len(new)
            )
            for i, (was, now) in enumerate(zip(olds, new, strict=True)):
                self.note(f"{place}[{i}]", was, now, statement)
        elif isinstance(new, dict) and len(new) <= 64:
            for key, now in new.items():
                was = old.get(key) if isinstance(old, dict) else None
                self.note(f"{place}[{key!r}]", was, now, statement)
        elif isinstance(new, Traced):
            self.refresh(new)
            self._note_traced(place, old.id if isinstance(old, Traced) else None, new.id, statement)
        elif isinstance(new, Opaque):
            was = old.id if isinstance(old, Traced) else None
            if isinstance(old, Opaque):
                return
            self.trace.stores.append(Store(place, was, None, statement, len(self.trace.nodes), new))

    def _note_traced(self, place: str, old: int | None, new: int, statement: s.Stmt) -> None:
        time = len(self.trace.nodes)
        self.trace.stores.append(Store(place, old, new, statement, time))
        if old is not None:
            self._note_update(place, old, new, statement)

    def _note_update(self, place: str, old: int, new: int, statement: s.Stmt) -> None:
        blind = id(statement) in self.facts.blind_steps
        change = movement(self.trace, old, new, blind=blind)
        if change is None:
            change = self._carried_on(old, new)
        if change is None:
            added = movement(self.trace, old, new, blind=True)
            if added:
                self.trace.additions.append(Update(place, old, new, added, statement))
            return
        root = self.roots.get(old, old)
        nodes = [node for _, node in change if node != old] or moved_by(self.trace, old, new)
        if old != root and nodes and self.trace.depends(nodes, old):
            self._learn_loop(old)
        self.roots[new] = root
        self.facts.updates.add(id(statement))
        self.trace.updates.append(Update(place, old, new, change, statement))

    def _carried_on(self, old: int, new: int) -> Terms | None:
        """A further step of a parameter that moved already, by what was computed before it moved."""
        root = self.roots.get(old)
        if root is None:
            return None
        return movement(self.trace, old, new, root)

    def _learn_loop(self, version: int) -> None:
        """A parameter moved again by what was computed from its last move: a loop has come round."""
        for depth in range(len(self.loops) - 1, -1, -1):
            loop, began, round_number = self.loops[depth]
            if began > version and round_number and id(loop) not in self.facts.training_loops:
                self.facts.training_loops |= {id(outer) for outer, *_ in self.loops[: depth + 1]}
                raise LearntLoop


def _written_place(node: s.Expr | s.Stmt) -> str:
    """What a call writes to: its `out` argument, or the tensor whose method it is."""
    if not isinstance(node, s.Call):
        return ""
    for argument in node.args:
        if argument.keyword == "out":
            return places.text(argument.value)
    place = places.text(node.func)
    return place.rpartition(".")[0] or place


def _in_scope(value: Any, scope: Scope) -> Any:
    """A method sees the module's names, not those of the class body."""
    if isinstance(value, UserFunction):
        return UserFunction(
            value.name, value.params, value.body, scope, value.defaults, value.owner, value.kind
        )
    return value
