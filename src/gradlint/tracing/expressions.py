"""Evaluating expressions: one short method for each kind of node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing import absent, builtin, libraries, texts
from gradlint.tracing.inputs import Form, Unknown
from gradlint.tracing.operators import Operators
from gradlint.tracing.values import (
    LibraryPath,
    Opaque,
    Scope,
    UserFunction,
    key_of,
    plain,
)


class Expressions(Operators):
    """Evaluates expressions in a scope; what is not understood gives an `Opaque`, never an error."""

    overrides: Mapping[int, Any]
    scope: Scope
    evaluators: Handlers

    def evaluate(self, node: s.Expr) -> Any:
        """The value of `node` in the current scope."""
        if self.overrides and id(node) in self.overrides:
            return self._replaced(node, self.evaluate)
        self.steps += 1
        if self.steps > self.budget.steps:
            self.exhausted(node)
        before, self.at = self.at, node
        try:
            return self.evaluators[type(node)](self, node)
        finally:
            self.at = before

    def _replaced(self, node: s.Expr, evaluate: Callable[[s.Expr], Any]) -> Any:
        """The value of what stands in for `node`, in which `node` itself may stand again."""
        kept = self.overrides
        self.overrides = {k: v for k, v in kept.items() if k != id(node)}
        try:
            return evaluate(kept[id(node)])
        finally:
            self.overrides = kept

    # Names and literals

    def eval_Name(self, node: s.Name) -> Any:
        holder = self.scope.find(node.id)
        if holder is not None:
            return holder.names[node.id]
        for library in self.scope.module.stars:
            if libraries.exists(found := f"{library}.{node.id}") or absent.names_helper(found):
                return libraries.resolve(found)
        if builtin.exists(node.id):
            return LibraryPath(f"builtins.{node.id}")
        return self.opaque(f"the name {node.id} is not defined here")

    def eval_Constant(self, node: s.Constant) -> Any:
        return self.facts.sizes.get(id(node), node.value)

    def eval_FormattedString(self, node: s.FormattedString) -> Any:
        parts = [self.evaluate(part) for part in node.parts]
        return texts.joined(self.shown(parts))

    def eval_UnknownExpr(self, node: s.UnknownExpr) -> Any:
        return self.opaque(f"a {node.what} is not followed")

    def eval_Yield(self, node: s.Yield) -> Any:
        value = self.evaluate(node.value) if node.value is not None else None
        if isinstance(node.value, s.Starred):
            self.scope.yields += self.items(value) or []
        else:
            self.scope.yields.append(value)
        return None

    def eval_Starred(self, node: s.Starred) -> Any:
        return self.evaluate(node.value)

    def eval_Lambda(self, node: s.Lambda) -> Any:
        return UserFunction(
            "<lambda>", node.params, node.body, self.scope, self.defaults(node.params)
        )

    def defaults(self, params: tuple[s.Parameter, ...]) -> dict[str, Any]:
        return {p.name: self.named(p.default) for p in params if p.default is not None}

    def named(self, node: s.Expr) -> Any:
        """The value of an expression that is given a name: literal numbers become leaves."""
        if self.overrides and id(node) in self.overrides:
            return self._replaced(node, self.named)
        if isinstance(node, s.Constant) and type(node.value) in (int, float):
            return self.leaf(self.evaluate(node), "python", node)
        if isinstance(node, s.Sequence) and node.kind != "set" and len(node.elements) <= 12:
            if any(isinstance(e, s.Starred) for e in node.elements):
                return self.evaluate(node)
            values = [self.named(e) for e in node.elements]
            return tuple(values) if node.kind == "tuple" else values
        return self.evaluate(node)

    def eval_IfExp(self, node: s.IfExp) -> Any:
        truth = self.truth(self.evaluate(node.test))
        return self.evaluate(node.orelse if truth is False else node.body)

    def eval_NamedExpr(self, node: s.NamedExpr) -> Any:
        value = self.evaluate(node.value)
        if isinstance(node.target, s.Name):
            self.scope.names[node.target.id] = value
        return value

    # Displays and comprehensions

    def eval_Sequence(self, node: s.Sequence) -> Any:
        values: list[Any] = []
        for element in node.elements:
            value = self.evaluate(element)
            if isinstance(element, s.Starred):
                values += self.items(value) or []
            else:
                values.append(value)
        if node.kind == "set":
            return {key_of(v) for v in values}
        return tuple(values) if node.kind == "tuple" else values

    def eval_DictDisplay(self, node: s.DictDisplay) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = self.evaluate(value)
                found |= more if isinstance(more, dict) else {}
            else:
                found[key_of(self.evaluate(key))] = self.named(value)
        return found

    def eval_Comprehension(self, node: s.Comprehension) -> Any:
        outer, self.scope = self.scope, Scope(parent=self.scope)
        pairs: list[tuple[Any, Any]] = []
        try:
            for refused in self._rounds(node.generators):
                if refused is not None:
                    return refused
                key = key_of(self.evaluate(node.key)) if node.key is not None else None
                pairs.append((key, self.evaluate(node.element)))
        finally:
            self.scope = outer
        if node.kind == "dict":
            return dict(pairs)
        values = [value for _, value in pairs]
        return {key_of(v) for v in values} if node.kind == "set" else values

    def _rounds(self, generators: tuple[s.Generator, ...]) -> Iterator[Opaque | None]:
        if not generators:
            yield None
            return
        first, rest = generators[0], generators[1:]
        items = self.items(self.evaluate(first.iter))
        if items is None:
            yield self.opaque("what this comprehension runs over is not known")
            return
        for item in items:
            self.bind_name(first.target, item)
            if all(self.truth(self.evaluate(c)) is True for c in first.conditions):
                yield from self._rounds(rest)

    def bind_name(self, target: s.Expr, value: Any) -> None:
        """Bind the targets of a comprehension: names and tuples of names."""
        if isinstance(target, s.Name):
            self.scope.names[target.id] = value
        elif isinstance(target, s.Sequence):
            parts = self.items(value) or []
            for part, item in zip(target.elements, parts, strict=False):
                self.bind_name(part, item)

    # Attributes and items

    def eval_Attribute(self, node: s.Attribute) -> Any:
        return self.attribute(self.evaluate(node.value), node.attr)

    def eval_Subscript(self, node: s.Subscript) -> Any:
        value = self.evaluate(node.value)
        if isinstance(value, Unknown) and isinstance(node.index, s.Constant):
            value = self.used_part(value, node.index.value)
        return self.item(value, self.index_of(node.index))

    def index_of(self, node: s.Expr) -> Any:
        """The value of what stands between the brackets of a subscript."""
        return self.evaluate(node)

    def eval_Slice(self, node: s.Slice) -> Any:
        parts = [
            None if part is None else self.evaluate(part)
            for part in (node.lower, node.upper, node.step)
        ]
        for i, part in enumerate(parts):
            if part is None:
                continue
            known = self.need(part, Form("count")) if isinstance(part, Unknown) else part
            if isinstance(known, Opaque):
                return known
            self.note_sizes(known, self.facts.counts)
            parts[i] = plain(known)
        return slice(*parts)


Handlers = dict[type, Callable[[Any, Any], Any]]
_HANDLERS: dict[tuple[type, type], Handlers] = {}


def handlers(walker: type, nodes: type, prefix: str) -> Handlers:
    """The method of a walker for each kind of node; looked up so often that it is kept."""
    found = _HANDLERS.get((walker, nodes))
    if found is None:
        kinds: list[type] = nodes.__subclasses__()
        found = {kind: getattr(walker, prefix + kind.__name__) for kind in kinds}
        _HANDLERS[walker, nodes] = found
    return found
