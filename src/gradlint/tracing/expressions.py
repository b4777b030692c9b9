"""Evaluating expressions: one short method for each kind of node."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.reading import syntax as s
from gradlint.tracing import builtin, division, guards, libraries, texts
from gradlint.tracing.access import Access
from gradlint.tracing.inputs import Form, Unknown
from gradlint.tracing.values import (
    BoundMethod,
    Instance,
    LibraryPath,
    Opaque,
    Scope,
    Traced,
    UserFunction,
    is_plain,
    key_of,
    plain,
)

LARGEST_GUARD = 1e-6
_NOTHING = 1e-14
_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift,
    ">>": operator.rshift, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_UNARY: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_,
}  # fmt: skip
_SPECIAL = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "@": "__matmul__",
    "**": "__pow__", "//": "__floordiv__", "%": "__mod__",
}  # fmt: skip
_REFLECTED = {"+": "__radd__", "-": "__rsub__", "*": "__rmul__", "/": "__rtruediv__"}


class Expressions(Access):
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
            if libraries.exists(found := f"{library}.{node.id}"):
                return libraries.resolve(found)
        if builtin.exists(node.id):
            return LibraryPath(f"builtins.{node.id}")
        return self.opaque(f"the name {node.id} is not defined here")

    def eval_Constant(self, node: s.Constant) -> Any:
        return self.facts.sizes.get(id(node), node.value)

    def eval_FormattedString(self, node: s.FormattedString) -> Any:
        parts = [self.evaluate(part) for part in node.parts]
        return texts.joined(self.shown(parts))

    def shown(self, values: list[Any]) -> list[Any]:
        """Note that `values` are put into a text."""
        raise NotImplementedError

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

    # Operators

    def eval_BinOp(self, node: s.BinOp) -> Any:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if node.op in ("+", "-"):
            left, right = self.unguarded(left), self.unguarded(right)
            if type(left) is int and type(right) is int and isinstance(node.left, s.Constant):
                left = self.leaf(
                    left, "python", node.left
                )  # 784 + 1: a size, and one more for a bias
        if node.op == "/" and self.module.python2:
            return self.binary(division.operator_of(node, left, right, self.trace), left, right)
        return self.binary(node.op, left, right)

    def unguarded(self, value: Any) -> Any:
        """A guard against `log(0)` or a division by zero, made so small that it changes nothing.

        With the 1e-7 of `log(p + 1e-7)` the usual gradient is right to seven digits only, and to fewer where
        a softmax saturates.
        """
        number = plain(value) if is_scalar(value) else 0
        if isinstance(number, complex) or not 0 < number <= LARGEST_GUARD:
            return value
        if isinstance(value, Traced):
            return self.leaf(number * _NOTHING, "python", self.trace.nodes[value.id].expr)
        return number * _NOTHING

    def binary(self, op: str, left: Any, right: Any) -> Any:
        """`left op right` for any values."""
        if type(left) is Traced and type(right) is Traced:
            return self._traced_binary(op, left, right)
        if op in ("+", "@"):
            left, right = self.used_beside(op, left, right), self.used_beside(op, right, left)
        left, right = self.operand(left), self.operand(right)
        if isinstance(left, Opaque):
            return left
        if isinstance(right, Opaque):
            return right
        if isinstance(left, str) and op == "%":
            return texts.percent(left, self.shown([right])[0])
        if isinstance(left, Instance) or isinstance(right, Instance):
            return self._overloaded(op, left, right)
        if isinstance(left, Traced) or isinstance(right, Traced):
            return self._traced_binary(op, left, right)
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            return self.apply(ops.operator(op).name, [left, right], {}, "numpy")
        if guards.too_large(op, left, right, self.budget.array):
            return self.opaque("the result is too large to be tried out")
        if op in ("==", "!=") and isinstance(left, list | tuple):
            left, right = plain(left), plain(right)
        try:
            return _PYTHON[op](left, right)
        except Exception as error:
            return self.failed(error, [left, right])

    def _traced_binary(self, op: str, left: Any, right: Any) -> Any:
        if not (type(left) is type(right) is Traced) and _sequences(op, left, right):
            return self.binary(op, _untraced_integer(left), _untraced_integer(right))
        if isinstance(left, str) or isinstance(right, str):
            return texts.SOME
        scalars = is_scalar(left) and is_scalar(right)
        try:
            name = ops.operator(op).name
        except ops.OpError:
            return self.binary(op, plain(left), plain(right))
        if not scalars:
            return self.apply(name, [left, right], {})
        if guards.too_large(op, plain(left), plain(right), self.budget.array):
            return self.opaque("the result is too large to be tried out")
        try:
            value = _PYTHON[op](plain(left), plain(right))
        except (ArithmeticError, TypeError) as error:
            return self.failed(error)
        ids = (self.node_of(left), self.node_of(right))
        made, value = self.add(name, ids, {}, value, self.expression())
        return Traced(made, value, "python")

    def _overloaded(self, op: str, left: Any, right: Any) -> Any:
        if (
            isinstance(left, Instance)
            and (method := left.cls.find(_SPECIAL.get(op, ""))) is not None
        ):
            return self.call(BoundMethod(left, method), [right], {}, None)
        if isinstance(right, Instance):
            method = right.cls.find(_REFLECTED.get(op, ""))
            if method is not None:
                return self.call(BoundMethod(right, method), [left], {}, None)
        return self.opaque(f"{op} of these objects is not defined")

    def eval_UnaryOp(self, node: s.UnaryOp) -> Any:
        value = self.evaluate(node.operand)
        if isinstance(value, Unknown):
            value = self.used_condition(value) if node.op == "not" else self.operand(value)
        if isinstance(value, Opaque):
            return value
        if isinstance(value, Traced) and node.op != "not":
            if node.op == "+":
                return value
            return self.apply({"-": "negative", "~": "logical_not"}[node.op], [value], {})
        if isinstance(value, Instance):
            method = value.cls.find({"-": "__neg__"}.get(node.op, ""))
            return self.call(BoundMethod(value, method), [], {}, None) if method else not value
        try:
            return _UNARY[node.op](plain(value))
        except Exception as error:
            return self.failed(error, [value])

    def eval_BoolOp(self, node: s.BoolOp) -> Any:
        left = self.evaluate(node.left)
        if isinstance(left, Opaque):
            return left
        truth = self.truth(left)
        if isinstance(truth, Opaque):
            return truth
        return self.evaluate(node.right) if truth == (node.op == "and") else left

    def truth(self, value: Any) -> bool | Opaque:
        """Whether a condition holds."""
        if isinstance(value, Unknown):
            value = self.used_condition(value)
        if isinstance(value, Opaque):
            return value
        try:
            return bool(plain(value))
        except ValueError:
            return self.opaque("the truth of a whole array is not defined")

    def eval_Compare(self, node: s.Compare) -> Any:
        left = self.evaluate(node.left)
        result: Any = True
        for op, other in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(other)
            result = self._compare(op, left, right)
            if isinstance(result, Opaque) or (is_scalar(result) and not plain(result)):
                return result
            left = right
        return result

    def _compare(self, op: str, left: Any, right: Any) -> Any:
        for value in (left, right):
            if isinstance(value, Opaque):
                return value
        if op in ("is", "is not"):
            same = left is right or (is_plain(left) and plain(left) is plain(right))
            return same if op == "is" else not same
        if isinstance(left, Unknown):
            left = self.compared(left, _first(right) if op in ("in", "not in") else right)
        if op in ("in", "not in"):
            return self._contains(op, left, right)
        if isinstance(right, Unknown):
            right = self.compared(right, left)
        if isinstance(left, LibraryPath) or isinstance(right, LibraryPath):
            return left == right
        return self.binary(op, left, right)

    def _contains(self, op: str, left: Any, right: Any) -> Any:
        if isinstance(right, Instance):
            return self.opaque("membership in an object is not followed")
        try:
            found = (
                plain(left) in plain(right) if not isinstance(right, dict) else plain(left) in right
            )
        except (TypeError, ValueError) as error:
            return self.failed(error, [left, right])
        return bool(found) == (op == "in")

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


def _first(values: Any) -> Any:
    return next(iter(values), None) if isinstance(values, list | tuple | set | dict) else values


def is_scalar(value: Any) -> bool:
    """Whether `value` is a Python number, traced or not."""
    if isinstance(value, Traced):
        return value.is_python
    return isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic)


def _sequences(op: str, left: Any, right: Any) -> bool:
    """Whether `*` or `+` means the repetition or joining of Python sequences."""
    for value, other in ((left, right), (right, left)):
        if (
            isinstance(value, str | list | tuple)
            and op == "*"
            and isinstance(plain(other), int)
            and is_scalar(other)
        ):
            return True
    return False


def _untraced_integer(value: Any) -> Any:
    return value.value if isinstance(value, Traced) else value
