"""From Python's own `ast` to gradlint's syntax tree: the quick way, for what this Python parses.

Importing libcst costs more than reading a script with it, and more than analysing most; `lowering`
makes the same tree of what only libcst can read, and a test holds the two against each other.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.reading.positions import Places

_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.LShift: "<<", ast.RShift: ">>", ast.And: "and", ast.Or: "or", ast.USub: "-",
    ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.Lt: "<", ast.Gt: ">", ast.Eq: "==",
    ast.NotEq: "!=", ast.LtE: "<=", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_KINDS = {
    ast.Tuple: "tuple", ast.List: "list", ast.Set: "set",
    ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator",
}  # fmt: skip


class Converting:
    """Converts one module; the methods are named after the classes of `ast`."""

    def __init__(self, text: str) -> None:
        self.places = Places(text)
        self.span = self.places.span

    def expr(self, node: Any) -> s.Expr:
        method: Callable[[Any], s.Expr] | None = getattr(self, f"expr_{type(node).__name__}", None)
        if method is None:
            return s.UnknownExpr(_words(node), span=self.span(node))
        return method(node)

    def optional(self, node: ast.expr | None) -> s.Expr | None:
        return None if node is None else self.expr(node)

    def exprs(self, nodes: Iterable[Any]) -> tuple[s.Expr, ...]:
        return tuple(self.expr(node) for node in nodes)

    # Expressions

    def expr_Name(self, n: ast.Name) -> s.Expr:
        return s.Name(n.id, span=self.span(n))

    def expr_Constant(self, n: ast.Constant) -> s.Expr:
        return s.Constant(n.value, span=self.span(n))

    def expr_JoinedStr(self, n: ast.JoinedStr) -> s.Expr:
        return s.FormattedString(tuple(self._text_part(p, n) for p in n.values), span=self.span(n))

    def _text_part(self, part: ast.expr, n: ast.JoinedStr) -> s.Expr:
        if isinstance(part, ast.FormattedValue):
            return self.expr(part.value)
        return s.Constant(getattr(part, "value", ""), span=self.span(n))

    def expr_Attribute(self, n: ast.Attribute) -> s.Expr:
        return s.Attribute(self.expr(n.value), n.attr, span=self.span(n))

    def expr_Subscript(self, n: ast.Subscript) -> s.Expr:
        return s.Subscript(self.expr(n.value), self.expr(n.slice), span=self.span(n))

    def expr_Slice(self, n: ast.Slice) -> s.Expr:
        parts = [self.optional(part) for part in (n.lower, n.upper, n.step)]
        return s.Slice(*parts, span=self.span(n))

    def expr_Call(self, n: ast.Call) -> s.Expr:
        args = [self._argument(a) for a in n.args] + [self._keyword(k) for k in n.keywords]
        args.sort(key=lambda a: a.span)
        return s.Call(self.expr(n.func), tuple(args), span=self.span(n))

    def _argument(self, n: ast.expr) -> s.Argument:
        if isinstance(n, ast.Starred):
            return s.Argument(self.expr(n.value), None, "*", span=self.span(n))
        inner = self.expr(n)
        return s.Argument(inner, span=inner.span)

    def _keyword(self, n: ast.keyword) -> s.Argument:
        star = "**" if n.arg is None else ""
        return s.Argument(self.expr(n.value), n.arg, star, span=self.span(n))

    def expr_BinOp(self, n: ast.BinOp) -> s.Expr:
        op = _OPERATORS[type(n.op)]
        return s.BinOp(op, self.expr(n.left), self.expr(n.right), span=self.span(n))

    def expr_BoolOp(self, n: ast.BoolOp) -> s.Expr:
        made = self.expr(n.values[0])
        for value in n.values[1:]:
            span = self.span(n, value)
            made = s.BoolOp(_OPERATORS[type(n.op)], made, self.expr(value), span=span)
        return made

    def expr_UnaryOp(self, n: ast.UnaryOp) -> s.Expr:
        operand = self.expr(n.operand)
        op = _OPERATORS[type(n.op)]
        if op == "-" and isinstance(operand, s.Constant) and isinstance(operand.value, int | float):
            return s.Constant(-operand.value, span=self.span(n))
        return s.UnaryOp(op, operand, span=self.span(n))

    def expr_Compare(self, n: ast.Compare) -> s.Expr:
        ops = tuple(_OPERATORS[type(op)] for op in n.ops)
        return s.Compare(self.expr(n.left), ops, self.exprs(n.comparators), span=self.span(n))

    def expr_IfExp(self, n: ast.IfExp) -> s.Expr:
        return s.IfExp(*self.exprs((n.test, n.body, n.orelse)), span=self.span(n))

    def expr_Starred(self, n: ast.Starred) -> s.Expr:
        return s.Starred(self.expr(n.value), span=self.span(n))

    def _display(self, n: Any) -> s.Expr:
        kind = _KINDS[type(n)]
        span = self.places.inside(n) if kind == "tuple" else self.span(n)
        return s.Sequence(kind, self.exprs(n.elts), span=span)

    expr_Tuple = expr_List = expr_Set = _display

    def expr_Dict(self, n: ast.Dict) -> s.Expr:
        keys = tuple(self.optional(key) for key in n.keys)
        return s.DictDisplay(keys, self.exprs(n.values), span=self.span(n))

    def _comprehension(self, n: Any) -> s.Expr:
        generators, kind = self._generators(n.generators), _KINDS[type(n)]
        span = self.span(n)
        if kind == "generator":
            span = Span(span.line, span.column + 1, span.end_line, span.end_column - 1)
        return s.Comprehension(kind, self.expr(n.elt), generators, span=span)

    expr_ListComp = expr_SetComp = expr_GeneratorExp = _comprehension

    def expr_DictComp(self, n: ast.DictComp) -> s.Expr:
        generators = self._generators(n.generators)
        value, key = self.exprs((n.value, n.key))
        return s.Comprehension("dict", value, generators, key, span=self.span(n))

    def _generators(self, nodes: list[ast.comprehension]) -> tuple[s.Generator, ...]:
        return tuple(
            s.Generator(
                self.expr(n.target),
                self.expr(n.iter),
                self.exprs(n.ifs),
                span=self.span(n.target, n.iter),
            )
            for n in nodes
        )

    def expr_Lambda(self, n: ast.Lambda) -> s.Expr:
        return s.Lambda(self.parameters(n.args), self.expr(n.body), span=self.span(n))

    def expr_NamedExpr(self, n: ast.NamedExpr) -> s.Expr:
        return s.NamedExpr(*self.exprs((n.target, n.value)), span=self.span(n))

    def expr_Yield(self, n: ast.Yield) -> s.Expr:
        return s.Yield(self.optional(n.value), span=self.span(n))

    def expr_YieldFrom(self, n: ast.YieldFrom) -> s.Expr:
        span = self.span(n)
        return s.Yield(s.Starred(self.expr(n.value), span=span), span=span)

    def parameters(self, given: ast.arguments) -> tuple[s.Parameter, ...]:
        return tuple(
            s.Parameter(arg.arg, self.optional(default), star, only, span=self.span(arg))
            for arg, default, star, only in _parameters(given)
        )

    # Statements

    def block(self, nodes: Iterable[ast.stmt]) -> s.Block:
        return tuple(self.statement(node) for node in nodes)

    def statement(self, node: ast.stmt) -> s.Stmt:
        method: Callable[[Any], s.Stmt] | None = getattr(self, f"stmt_{type(node).__name__}", None)
        if method is None:
            return s.UnknownStmt(_words(node), span=self.span(node))
        return method(node)

    def stmt_Assign(self, n: ast.Assign) -> s.Stmt:
        return s.Assign(self.exprs(n.targets), self.expr(n.value), span=self.span(n))

    def stmt_AnnAssign(self, n: ast.AnnAssign) -> s.Stmt:
        if n.value is None:
            return s.Declaration(self.expr(n.target), span=self.span(n))
        return s.Assign((self.expr(n.target),), self.expr(n.value), span=self.span(n))

    def stmt_AugAssign(self, n: ast.AugAssign) -> s.Stmt:
        op = _OPERATORS[type(n.op)]
        return s.AugAssign(self.expr(n.target), op, self.expr(n.value), span=self.span(n))

    def stmt_Expr(self, n: ast.Expr) -> s.Stmt:
        return s.ExprStmt(self.expr(n.value), span=self.span(n))

    def stmt_If(self, n: ast.If) -> s.Stmt:
        body, orelse = self.block(n.body), self.block(n.orelse)
        return s.If(self.expr(n.test), body, orelse, span=self.span(n))

    def _for(self, n: Any) -> s.Stmt:
        body, orelse = self.block(n.body), self.block(n.orelse)
        return s.For(self.expr(n.target), self.expr(n.iter), body, orelse, span=self.span(n))

    stmt_For = stmt_AsyncFor = _for

    def stmt_While(self, n: ast.While) -> s.Stmt:
        body, orelse = self.block(n.body), self.block(n.orelse)
        return s.While(self.expr(n.test), body, orelse, span=self.span(n))

    def _with(self, n: Any) -> s.Stmt:
        items = tuple((self.expr(i.context_expr), self.optional(i.optional_vars)) for i in n.items)
        return s.With(items, self.block(n.body), span=self.span(n))

    stmt_With = stmt_AsyncWith = _with

    def _function(self, n: Any) -> s.Stmt:
        params, decorators = self.parameters(n.args), self.exprs(n.decorator_list)
        return s.FunctionDef(n.name, params, self.block(n.body), decorators, span=self.span(n))

    stmt_FunctionDef = stmt_AsyncFunctionDef = _function

    def stmt_ClassDef(self, n: ast.ClassDef) -> s.Stmt:
        bases, decorators = self.exprs(n.bases), self.exprs(n.decorator_list)
        return s.ClassDef(n.name, bases, self.block(n.body), decorators, span=self.span(n))

    def stmt_Return(self, n: ast.Return) -> s.Stmt:
        return s.Return(self.optional(n.value), span=self.span(n))

    def stmt_Raise(self, n: ast.Raise) -> s.Stmt:
        return s.Raise(self.optional(n.exc), span=self.span(n))

    def stmt_Assert(self, n: ast.Assert) -> s.Stmt:
        return s.Assert(self.expr(n.test), span=self.span(n))

    def stmt_Delete(self, n: ast.Delete) -> s.Stmt:
        only = n.targets[0] if len(n.targets) == 1 else None
        targets = only.elts if isinstance(only, ast.Tuple | ast.List) else n.targets
        return s.Delete(self.exprs(targets), span=self.span(n))

    def stmt_Global(self, n: ast.Global) -> s.Stmt:
        return s.Scope("global", tuple(n.names), span=self.span(n))

    def stmt_Nonlocal(self, n: ast.Nonlocal) -> s.Stmt:
        return s.Scope("nonlocal", tuple(n.names), span=self.span(n))

    def stmt_Import(self, n: ast.Import) -> s.Stmt:
        return s.Import(tuple((a.name, a.asname) for a in n.names), span=self.span(n))

    def stmt_ImportFrom(self, n: ast.ImportFrom) -> s.Stmt:
        names = tuple((a.name, a.asname) for a in n.names)
        return s.ImportFrom(n.module or "", names, n.level, span=self.span(n))

    def stmt_Try(self, n: ast.Try) -> s.Stmt:
        handlers = tuple((handler.name, self.block(handler.body)) for handler in n.handlers)
        blocks = self.block(n.body), handlers, self.block(n.orelse), self.block(n.finalbody)
        return s.Try(*blocks, span=self.span(n))

    def _flow(self, n: ast.stmt) -> s.Stmt:
        return s.Flow(type(n).__name__.lower(), span=self.span(n))

    stmt_Pass = stmt_Break = stmt_Continue = _flow


_Given = tuple[ast.arg, "ast.expr | None", str, bool]


def _parameters(given: ast.arguments) -> Iterator[_Given]:
    """Each parameter in order, with its default, its star and whether it is keyword-only."""
    plain = [*given.posonlyargs, *given.args]
    missing = len(plain) - len(given.defaults)
    for i, arg in enumerate(plain):
        yield arg, given.defaults[i - missing] if i >= missing else None, "", False
    if given.vararg is not None:
        yield given.vararg, None, "*", False
    for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield arg, default, "", True
    if given.kwarg is not None:
        yield given.kwarg, None, "**", False


def _words(node: ast.AST) -> str:
    name = type(node).__name__
    return "".join(" " + c.lower() if c.isupper() else c for c in name).strip()


def convert(text: str, path: str) -> s.Module:
    """The syntax tree of `text`.

    Raises:
        SyntaxError, ValueError, MemoryError, RecursionError: this Python does not parse it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    return s.Module(path, text, Converting(text).block(tree.body))
