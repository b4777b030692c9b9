"""Executing definitions: functions with their decorators, classes with their methods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing import fields
from gradlint.tracing.binding import Binding
from gradlint.tracing.values import Instance, LibraryPath, Scope, UserClass, UserFunction, setter_of

_KINDS = {"staticmethod": "static", "classmethod": "class", "property": "property"}


class Defining(Binding):
    """`def`, `class` and what stands above them."""

    def execute(self, block: s.Block) -> Any:
        raise NotImplementedError

    def exec_FunctionDef(self, n: s.FunctionDef) -> None:
        made: Any = self._function(n)
        if any(isinstance(d, s.Attribute) and d.attr == "setter" for d in n.decorators):
            self.scope.names[setter_of(n.name)] = made
            return
        for decorator in reversed(n.decorators):
            made = self._decorated(decorator, made)
        self.scope.names[n.name] = made

    def _function(self, n: s.FunctionDef) -> UserFunction:
        names = [getattr(d, "id", getattr(d, "attr", "")) for d in n.decorators]
        kind = next((_KINDS[d] for d in names if d in _KINDS), "function")
        return UserFunction(
            n.name, n.params, n.body, self.scope, self.defaults(n.params), None, kind, n
        )

    def _decorated(self, decorator: s.Expr, made: Any) -> Any:
        """What a decorator of the script makes of a function; any other leaves it as it is."""
        if getattr(decorator, "attr", getattr(decorator, "id", "")) == "vectorize":
            return self.call(LibraryPath("numpy.vectorize"), [made], {}, None)
        function = self.evaluate(decorator)
        if not isinstance(function, UserFunction):
            return made
        result = self.call(function, [made], {}, None)
        return result if isinstance(result, UserFunction | Instance) else made

    def exec_ClassDef(self, n: s.ClassDef) -> None:
        cls = UserClass(n.name, tuple(self.evaluate(b) for b in n.bases), {}, n)
        outer, self.scope = self.scope, Scope(parent=self.scope)
        inner = self.scope
        try:
            for statement in n.body:
                self.execute((statement,))
            if fields.is_dataclass(n) and "__init__" not in inner.names:
                inner.names["__init__"] = self._function(fields.initialiser(n))
            for name, value in inner.names.items():
                cls.names[name] = _in_scope(value, inner, outer, cls)
        finally:
            self.scope = outer
        self.scope.names[n.name] = cls
        if self.scope.function is not None:
            self.local_classes[n.name] = cls

    def exec_Declaration(self, n: s.Declaration) -> None:
        pass


def _in_scope(value: Any, body: Scope, outer: Scope, owner: UserClass) -> Any:
    """A method sees the module's names, not those of the class body; what a decorator made of it, its own."""
    if not isinstance(value, UserFunction):
        return value
    return replace(value, scope=outer if value.scope is body else value.scope, owner=owner)
