"""From libcst's concrete tree to gradlint's syntax tree: the only file that knows libcst's nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from gradlint.model import Span
from gradlint.reading import syntax as s

_BINARY: dict[type, str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//",
    cst.Modulo: "%", cst.Power: "**", cst.MatrixMultiply: "@", cst.BitAnd: "&", cst.BitOr: "|",
    cst.BitXor: "^", cst.LeftShift: "<<", cst.RightShift: ">>", cst.And: "and", cst.Or: "or",
    cst.Minus: "-", cst.Plus: "+", cst.BitInvert: "~", cst.Not: "not",
    cst.LessThan: "<", cst.GreaterThan: ">", cst.Equal: "==", cst.NotEqual: "!=",
    cst.LessThanEqual: "<=", cst.GreaterThanEqual: ">=", cst.In: "in", cst.NotIn: "not in",
    cst.Is: "is", cst.IsNot: "is not",
    cst.AddAssign: "+", cst.SubtractAssign: "-", cst.MultiplyAssign: "*", cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//", cst.ModuloAssign: "%", cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@", cst.BitAndAssign: "&", cst.BitOrAssign: "|",
    cst.BitXorAssign: "^", cst.LeftShiftAssign: "<<", cst.RightShiftAssign: ">>",
}  # fmt: skip


class Lowering:
    """Lowers one module; `lower` dispatches on the name of the libcst node's class."""

    def __init__(self, positions: Mapping[cst.CSTNode, Any]) -> None:
        self.positions = positions

    def span(self, node: cst.CSTNode) -> Span:
        at = self.positions[node]
        return Span(at.start.line, at.start.column + 1, at.end.line, at.end.column + 1)

    def expr(self, node: cst.CSTNode) -> s.Expr:
        method: Callable[[Any], s.Expr] | None = getattr(self, f"expr_{type(node).__name__}", None)
        if method is None:
            return s.UnknownExpr(_words(type(node).__name__), span=self.span(node))
        return method(node)

    def optional(self, node: cst.CSTNode | None) -> s.Expr | None:
        return None if node is None else self.expr(node)

    # Expressions

    def expr_Name(self, n: cst.Name) -> s.Expr:
        known = {"None": None, "True": True, "False": False}
        if n.value in known:
            return s.Constant(known[n.value], span=self.span(n))
        return s.Name(n.value, span=self.span(n))

    def _literal(self, n: Any) -> s.Expr:
        return s.Constant(ast.literal_eval(n.value), span=self.span(n))

    expr_Integer = expr_Float = expr_Imaginary = expr_SimpleString = _literal

    def expr_Ellipsis(self, n: cst.Ellipsis) -> s.Expr:
        return s.Constant(..., span=self.span(n))

    def expr_ConcatenatedString(self, n: cst.ConcatenatedString) -> s.Expr:
        value = n.evaluated_value
        if value is not None:
            return s.Constant(value, span=self.span(n))
        return s.FormattedString((self.expr(n.left), self.expr(n.right)), span=self.span(n))

    def expr_FormattedString(self, n: cst.FormattedString) -> s.Expr:
        return s.FormattedString(tuple(self._text_part(p, n) for p in n.parts), span=self.span(n))

    def _text_part(self, part: cst.BaseFormattedStringContent, n: cst.FormattedString) -> s.Expr:
        if isinstance(part, cst.FormattedStringExpression):
            return self.expr(part.expression)
        assert isinstance(part, cst.FormattedStringText)
        text = part.value.replace("{{", "{").replace("}}", "}")
        return s.Constant(_unescaped(text, n.start, n.end), span=self.span(n))

    def expr_Attribute(self, n: cst.Attribute) -> s.Expr:
        return s.Attribute(self.expr(n.value), n.attr.value, span=self.span(n))

    def expr_Subscript(self, n: cst.Subscript) -> s.Expr:
        parts = [self._subscript(e.slice) for e in n.slice]
        is_tuple = len(parts) > 1 or isinstance(n.slice[-1].comma, cst.Comma)
        first, last = self.span(n.slice[0]), self.span(n.slice[-1])
        around = Span(first.line, first.column, last.end_line, last.end_column)
        index = s.Sequence("tuple", tuple(parts), span=around) if is_tuple else parts[0]
        return s.Subscript(self.expr(n.value), index, span=self.span(n))

    def _subscript(self, n: cst.BaseSlice) -> s.Expr:
        if isinstance(n, cst.Index):
            inner = self.expr(n.value)
            return s.Starred(inner, span=self.span(n)) if n.star else inner
        assert isinstance(n, cst.Slice)
        return s.Slice(
            self.optional(n.lower), self.optional(n.upper), self.optional(n.step), span=self.span(n)
        )

    def expr_Call(self, n: cst.Call) -> s.Expr:
        args = tuple(
            s.Argument(
                self.expr(a.value),
                a.keyword.value if a.keyword else None,
                a.star,
                span=self.span(a),
            )
            for a in n.args
        )
        return s.Call(self.expr(n.func), args, span=self.span(n))

    def expr_BinaryOperation(self, n: cst.BinaryOperation) -> s.Expr:
        op = _BINARY[type(n.operator)]
        return s.BinOp(op, self.expr(n.left), self.expr(n.right), span=self.span(n))

    def expr_BooleanOperation(self, n: cst.BooleanOperation) -> s.Expr:
        op = _BINARY[type(n.operator)]
        return s.BoolOp(op, self.expr(n.left), self.expr(n.right), span=self.span(n))

    def expr_UnaryOperation(self, n: cst.UnaryOperation) -> s.Expr:
        operand = self.expr(n.expression)
        op = _BINARY[type(n.operator)]
        if op == "-" and isinstance(operand, s.Constant) and isinstance(operand.value, int | float):
            return s.Constant(-operand.value, span=self.span(n))
        return s.UnaryOp(op, operand, span=self.span(n))

    def expr_Comparison(self, n: cst.Comparison) -> s.Expr:
        ops = tuple(_BINARY[type(c.operator)] for c in n.comparisons)
        others = tuple(self.expr(c.comparator) for c in n.comparisons)
        return s.Compare(self.expr(n.left), ops, others, span=self.span(n))

    def expr_IfExp(self, n: cst.IfExp) -> s.Expr:
        return s.IfExp(self.expr(n.test), self.expr(n.body), self.expr(n.orelse), span=self.span(n))

    def _display(self, n: Any) -> s.Expr:
        kind = type(n).__name__.lower()
        return s.Sequence(kind, tuple(self._element(e) for e in n.elements), span=self.span(n))

    expr_Tuple = expr_List = expr_Set = _display

    def _element(self, n: cst.BaseElement) -> s.Expr:
        inner = self.expr(n.value)
        return s.Starred(inner, span=self.span(n)) if isinstance(n, cst.StarredElement) else inner

    def expr_Dict(self, n: cst.Dict) -> s.Expr:
        keys = tuple(
            self.expr(e.key) if isinstance(e, cst.DictElement) else None for e in n.elements
        )
        values = tuple(self.expr(e.value) for e in n.elements)
        return s.DictDisplay(keys, values, span=self.span(n))

    def _comprehension(self, n: Any) -> s.Expr:
        kind = {"ListComp": "list", "SetComp": "set", "GeneratorExp": "generator"}
        return s.Comprehension(
            kind[type(n).__name__], self.expr(n.elt), self._generators(n.for_in), span=self.span(n)
        )

    expr_ListComp = expr_SetComp = expr_GeneratorExp = _comprehension

    def expr_DictComp(self, n: cst.DictComp) -> s.Expr:
        return s.Comprehension(
            "dict", self.expr(n.value), self._generators(n.for_in), self.expr(n.key),
            span=self.span(n),
        )  # fmt: skip

    def _generators(self, n: cst.CompFor | None) -> tuple[s.Generator, ...]:
        found = []
        while n is not None:
            tests = tuple(self.expr(i.test) for i in n.ifs)
            target, source = self.expr(n.target), self.expr(n.iter)
            found.append(s.Generator(target, source, tests, span=self.span(n)))
            n = n.inner_for_in
        return tuple(found)

    def expr_Lambda(self, n: cst.Lambda) -> s.Expr:
        return s.Lambda(self.parameters(n.params), self.expr(n.body), span=self.span(n))

    def expr_NamedExpr(self, n: cst.NamedExpr) -> s.Expr:
        return s.NamedExpr(self.expr(n.target), self.expr(n.value), span=self.span(n))

    def expr_Yield(self, n: cst.Yield) -> s.Expr:
        span = self.span(n)
        if isinstance(n.value, cst.From):
            return s.Yield(s.Starred(self.expr(n.value.item), span=span), span=span)
        return s.Yield(None if n.value is None else self.expr(n.value), span=span)

    def parameters(self, params: cst.Parameters) -> tuple[s.Parameter, ...]:
        found = [self._parameter(p) for p in (*params.posonly_params, *params.params)]
        if isinstance(params.star_arg, cst.Param):
            found.append(self._parameter(params.star_arg, star="*"))
        found += [self._parameter(p, keyword_only=True) for p in params.kwonly_params]
        if params.star_kwarg is not None:
            found.append(self._parameter(params.star_kwarg, star="**"))
        return tuple(found)

    def _parameter(self, p: cst.Param, star: str = "", keyword_only: bool = False) -> s.Parameter:
        return s.Parameter(
            p.name.value, self.optional(p.default), star, keyword_only, span=self.span(p)
        )

    # Statements

    def block(self, node: cst.BaseSuite | cst.Module) -> s.Block:
        return self.statements(node.body)

    def statements(self, nodes: Sequence[cst.CSTNode]) -> s.Block:
        found: list[s.Stmt] = []
        for node in nodes:
            if isinstance(node, cst.SimpleStatementLine):
                found += self.statements(node.body)
                continue
            method = getattr(self, f"stmt_{type(node).__name__}", None)
            if method is None:
                found.append(s.UnknownStmt(_words(type(node).__name__), span=self.span(node)))
            else:
                found.append(method(node))
        return tuple(found)

    def stmt_Assign(self, n: cst.Assign) -> s.Stmt:
        targets = tuple(self.expr(t.target) for t in n.targets)
        return s.Assign(targets, self.expr(n.value), span=self.span(n))

    def stmt_AnnAssign(self, n: cst.AnnAssign) -> s.Stmt:
        if n.value is None:
            return s.Declaration(self.expr(n.target), span=self.span(n))
        return s.Assign((self.expr(n.target),), self.expr(n.value), span=self.span(n))

    def stmt_AugAssign(self, n: cst.AugAssign) -> s.Stmt:
        op = _BINARY[type(n.operator)]
        return s.AugAssign(self.expr(n.target), op, self.expr(n.value), span=self.span(n))

    def stmt_Expr(self, n: cst.Expr) -> s.Stmt:
        return s.ExprStmt(self.expr(n.value), span=self.span(n))

    def stmt_If(self, n: cst.If) -> s.Stmt:
        orelse: s.Block = ()
        if isinstance(n.orelse, cst.If):
            orelse = (self.stmt_If(n.orelse),)
        elif n.orelse is not None:
            orelse = self.block(n.orelse.body)
        return s.If(self.expr(n.test), self.block(n.body), orelse, span=self.span(n))

    def _orelse(self, n: cst.Else | None) -> s.Block:
        return self.block(n.body) if n is not None else ()

    def stmt_For(self, n: cst.For) -> s.Stmt:
        return s.For(
            self.expr(n.target), self.expr(n.iter), self.block(n.body), self._orelse(n.orelse),
            span=self.span(n),
        )  # fmt: skip

    def stmt_While(self, n: cst.While) -> s.Stmt:
        return s.While(
            self.expr(n.test), self.block(n.body), self._orelse(n.orelse), span=self.span(n)
        )

    def stmt_With(self, n: cst.With) -> s.Stmt:
        items = tuple(
            (self.expr(i.item), self.expr(i.asname.name) if i.asname else None) for i in n.items
        )
        return s.With(items, self.block(n.body), span=self.span(n))

    def stmt_FunctionDef(self, n: cst.FunctionDef) -> s.Stmt:
        decorators = tuple(self.expr(d.decorator) for d in n.decorators)
        return s.FunctionDef(
            n.name.value, self.parameters(n.params), self.block(n.body), decorators,
            span=self.span(n),
        )  # fmt: skip

    def stmt_ClassDef(self, n: cst.ClassDef) -> s.Stmt:
        bases = tuple(self.expr(b.value) for b in n.bases)
        decorators = tuple(self.expr(d.decorator) for d in n.decorators)
        return s.ClassDef(n.name.value, bases, self.block(n.body), decorators, span=self.span(n))

    def stmt_Return(self, n: cst.Return) -> s.Stmt:
        return s.Return(self.optional(n.value), span=self.span(n))

    def stmt_Raise(self, n: cst.Raise) -> s.Stmt:
        return s.Raise(self.optional(n.exc), span=self.span(n))

    def stmt_Assert(self, n: cst.Assert) -> s.Stmt:
        return s.Assert(self.expr(n.test), span=self.span(n))

    def stmt_Del(self, n: cst.Del) -> s.Stmt:
        target = self.expr(n.target)
        several = isinstance(target, s.Sequence)
        targets = target.elements if isinstance(target, s.Sequence) and several else (target,)
        return s.Delete(targets, span=self.span(n))

    def stmt_Global(self, n: cst.Global) -> s.Stmt:
        return s.Scope("global", tuple(i.name.value for i in n.names), span=self.span(n))

    def stmt_Nonlocal(self, n: cst.Nonlocal) -> s.Stmt:
        return s.Scope("nonlocal", tuple(i.name.value for i in n.names), span=self.span(n))

    def stmt_Import(self, n: cst.Import) -> s.Stmt:
        names = tuple((_dotted(a.name), _alias(a)) for a in n.names)
        return s.Import(names, span=self.span(n))

    def stmt_ImportFrom(self, n: cst.ImportFrom) -> s.Stmt:
        module = _dotted(n.module) if n.module is not None else ""
        names: tuple[tuple[str, str | None], ...] = (("*", None),)
        if not isinstance(n.names, cst.ImportStar):
            names = tuple((_dotted(a.name), _alias(a)) for a in n.names)
        return s.ImportFrom(module, names, len(n.relative), span=self.span(n))

    def stmt_Try(self, n: cst.Try) -> s.Stmt:
        handlers = tuple(
            (_alias(h.name) if h.name else None, self.block(h.body)) for h in n.handlers
        )
        last = self.block(n.finalbody.body) if n.finalbody is not None else ()
        return s.Try(self.block(n.body), handlers, self._orelse(n.orelse), last, span=self.span(n))

    def _flow(self, n: cst.CSTNode) -> s.Stmt:
        return s.Flow(type(n).__name__.lower(), span=self.span(n))

    stmt_Pass = stmt_Break = stmt_Continue = _flow


def _dotted(n: cst.CSTNode) -> str:
    if isinstance(n, cst.Attribute):
        return f"{_dotted(n.value)}.{n.attr.value}"
    assert isinstance(n, cst.Name)
    return n.value


def _alias(n: Any) -> str | None:
    asname = n if isinstance(n, cst.AsName) else n.asname
    if asname is None:
        return None
    return asname.name.value if isinstance(asname.name, cst.Name) else None


def _words(class_name: str) -> str:
    return "".join(" " + c.lower() if c.isupper() else c for c in class_name).strip()


def lower(tree: cst.Module, path: str, text: str) -> s.Module:
    """The syntax tree of a parsed module.

    `text` is the user's text, of which the spans of the nodes are stretches.
    """
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
    lowering = Lowering(wrapper.resolve(PositionProvider))
    return s.Module(path, text, lowering.block(tree))


def _unescaped(text: str, start: str, quotes: str) -> str:
    """The text that a part of an f-string, which begins with `start` and ends in `quotes`, stands for."""
    if "\\" not in text or "r" in start.lower():
        return text
    try:
        return str(ast.literal_eval(quotes + text + quotes))
    except (SyntaxError, ValueError):
        return text
