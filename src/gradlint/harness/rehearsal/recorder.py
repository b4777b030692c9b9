"""A walk of a drive that notes what the drive calls, with what, and where each value then stands."""

from __future__ import annotations

from typing import Any

from gradlint.driving.contexts import AutogradDrive
from gradlint.harness.rehearsal.scribe import Scribe, Unplayable
from gradlint.harness.walks import is_drawn
from gradlint.reading import syntax as s
from gradlint.tracing import Budget, Facts, Trace, Traced
from gradlint.tracing.driven import Driven
from gradlint.tracing.machine import Exhausted, NewDimension
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, UserClass, UserFunction


class Recorder(Interpreter):
    """Walks a driven module at the random point `seed`; `scribe` writes the tape of its drive."""

    def __init__(
        self, module: Driven, facts: Facts, seed: int = 0, budget: Budget | None = None
    ) -> None:
        super().__init__(module, facts.copy(), seed, budget or Budget())
        self.drive = module.drive
        self.scribe = Scribe(self)
        self.driving = False

    def walk(self) -> Trace:
        self.execute(self.module.body)
        self.driving = True
        self.ready()
        self.drive(self)
        self._supply_parameters()
        return self.trace

    def ready(self) -> None:
        """What there is to do before the drive begins."""

    def recorded(self) -> Trace:
        """The trace of the walk.

        Raises:
            Unplayable: it does not come to its end, or does what has no counterpart.
        """
        try:
            return self.walk()
        except (Exhausted, LearntLoop, NewDimension, RecursionError) as error:
            raise Unplayable("the walk does not come to its end again") from error

    def leaf(self, value: Any, library: str, expr: s.Expr | None = None) -> Traced:
        made = super().leaf(value, library, expr)
        if self.driving and isinstance(expr, s.Name) and self._is_site(expr):
            self.scribe.give(made, expr.id)
        return made

    def _is_site(self, expr: s.Name) -> bool:
        """Whether an expression stands for a made input, and in no text."""
        return self.facts.inputs.sites.get(expr.id) is expr

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        before = len(self.trace.nodes)
        made = super().call(func, args, kwargs, node)
        if node is not None and is_drawn(func, made, self.trace, before):
            self.scribe.tape.supplied.setdefault(id(node), []).append(made.value)
        return made

    def _supply_parameters(self) -> None:
        """What parameters start with, where it is written and not drawn."""
        supplied = self.scribe.tape.supplied
        written: dict[int, list[Any]] = {}
        for node, (expr, _) in sorted(self.trace.keys.items()):
            if expr not in supplied:
                written.setdefault(expr, []).append(self.trace.value(node))
        parameters = {expr for expr, _ in self.facts.parameters}
        supplied |= {expr: values for expr, values in written.items() if expr in parameters}

    def invoke(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if not self.driving or self.depth:
            return super().invoke(function, args, kwargs)
        if isinstance(self.drive, AutogradDrive):
            return self._of_torch(self.drive.owner, function, args)
        call = self.scribe.call_of(function, args, kwargs)
        made = super().invoke(function, args, kwargs)
        self.scribe.called(call, made)
        return made

    def _of_torch(self, owner: str, function: UserFunction, args: list[Any]) -> Any:
        """One of the two passes of a `torch.autograd.Function`, which torch itself will call."""
        given = [arg for arg in args if not isinstance(arg, Instance | UserClass)]
        event = None
        if function.name == "forward":
            event = self.scribe.applied(owner, given)
        made = super().invoke(function, args, {})
        if function.name == "backward":
            event = self.scribe.went_back([one for one in given if one is not None], made)
        if event is not None:
            self.scribe.gave(made, event)
        return made
