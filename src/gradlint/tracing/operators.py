"""Operators between any values: numbers, sequences, tensors and objects of the script."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.reading import syntax as s
from gradlint.tracing import division, guards, matrices, texts
from gradlint.tracing.access import Access
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.values import (
    BoundMethod,
    Instance,
    LibraryPath,
    Opaque,
    Traced,
    is_plain,
    plain,
)

LARGEST_FACTOR = 10
"""A larger whole number that is multiplied by another one may be a size: the 28 of `28 * 28`."""
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


def as_written(number: float) -> float:
    """A guard as the script has it, from what it was made for the walk; other numbers as they are."""
    if 0 < abs(number) <= LARGEST_GUARD * _NOTHING:
        return float(f"{number / _NOTHING:.12g}")
    return number


class Operators(Access):
    """Evaluates operators, comparisons and conditions."""

    def evaluate(self, node: s.Expr) -> Any:
        """The value of `node` in the current scope."""
        raise NotImplementedError

    def shown(self, values: list[Any]) -> list[Any]:
        """Note that `values` are put into a text."""
        raise NotImplementedError

    def eval_BinOp(self, node: s.BinOp) -> Any:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if node.op in ("+", "-"):
            left, right = self.unguarded(left), self.unguarded(right)
            if type(left) is int and type(right) is int and isinstance(node.left, s.Constant):
                left = self.leaf(
                    left, "python", node.left
                )  # 784 + 1: a size, and one more for a bias
        if node.op == "*" and type(left) is int and type(right) is int:
            left, right = self._as_size(node.left, left), self._as_size(node.right, right)
        if node.op == "/" and self.module.python2:
            return self.binary(division.operator_of(node, left, right, self.trace), left, right)
        return self.binary(node.op, left, right)

    def _as_size(self, node: s.Expr, value: int) -> Any:
        """A written number that may be the height of an image, `28 * 28`: it is known where it came from."""
        sized = isinstance(node, s.Constant) and value > LARGEST_FACTOR
        return self.leaf(value, "python", node) if sized else value

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
        beside = "@" if op == "*" and matrices.among((left, right)) else op
        if beside in ("+", "@"):
            left, right = (
                self.used_beside(beside, left, right),
                self.used_beside(beside, right, left),
            )
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
        if matrices.is_matrix(left) or matrices.is_matrix(right):
            return matrices.operated(self, op, left, right)
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
