"""Numbers of a product taken together, and transposes: `1 / N * 2 * (p - y)` is `2 * (p - y) / N`."""

from __future__ import annotations

import ast
import re

from gradlint.deriving.untransposing import untransposed

_TAG = re.compile("\1(\\d+)\2")
_STAND_IN = "__of_{}__"
_BACK = re.compile(r"__of_(\d+)__")


def folded(text: str) -> str:
    """An expression with the numbers of each product in front, its divisions behind, and few transposes.

    Names may carry tags between control characters, which stay.
    """
    tagged = _TAG.search(text) is not None
    plain = _TAG.sub(lambda m: _STAND_IN.format(m[1]), text) if tagged else text
    try:
        tree = ast.parse(plain, mode="eval").body
    except SyntaxError:
        return text
    folder = _Folder()
    made = folder.visit(tree)
    spared = untransposed(made)
    if not folder.changed and spared is None:
        return text
    found = ast.unparse(ast.fix_missing_locations(spared or made))
    return _BACK.sub("\1\\1\2", found) if tagged else found


class _Folder(ast.NodeTransformer):
    changed = False

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, ast.Mult | ast.Div):
            return self._inside(node)
        over: list[ast.expr] = []
        under: list[ast.expr] = []
        number = _collect(node, over, under, False)
        count = _numbers(node)
        if count < 2 and not (count and abs(number) == 1):
            return self._inside(node)
        self.changed = True
        return _product(number, [self.visit(x) for x in over], [self.visit(x) for x in under])

    def _inside(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return node


def _collect(node: ast.expr, over: list[ast.expr], under: list[ast.expr], divides: bool) -> float:
    """The product of the numbers of a chain; the other factors go to `over` and `under`."""
    value = _number(node)
    if value is not None:
        return 1 / value if divides else value
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _collect(left, over, under, divides) * _collect(right, over, under, divides)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _collect(left, over, under, divides) * _collect(right, over, under, not divides)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_collect(operand, over, under, divides)
    (under if divides else over).append(node)
    return 1.0


def _number(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and value:
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return None if inner is None else -inner
    return None


def _numbers(node: ast.expr) -> int:
    """How many numbers a chain has."""
    if _number(node) is not None:
        return 1
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right):
            return _numbers(left) + _numbers(right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _numbers(operand)
    return 0


def _product(number: float, over: list[ast.expr], under: list[ast.expr]) -> ast.expr:
    size = abs(number)
    factors = over
    if size != 1 or not over:
        whole = int(size) if size.is_integer() else float(f"{size:.12g}")
        factors = [ast.Constant(whole), *over]
    made = factors[0]
    for factor in factors[1:]:
        made = ast.BinOp(made, ast.Mult(), factor)
    if number < 0:
        made = _negated(made)
    for divisor in under:
        made = ast.BinOp(made, ast.Div(), divisor)
    return made


def _negated(node: ast.expr) -> ast.expr:
    """Minus a product: `-2 * x` for `-(2 * x)`, and `-x` for `-(x)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return ast.BinOp(_negated(node.left), node.op, node.right)
    return ast.UnaryOp(ast.USub(), node)
