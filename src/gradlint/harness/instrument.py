"""The script with watching put in: Python's own syntax tree, because this one is really executed.

Every watched expression `e` becomes `__gradlint__.see(k, e)`, which gives back its argument as it
is; calls before and after a statement only look at variables. The script computes what it would
compute without; a test holds the two bit for bit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from gradlint.harness.integers import Divisions
from gradlint.model import Span
from gradlint.reading import syntax as s

NAME = "__gradlint__"
"""The name of the observer, which stands among the builtins and not in the script's globals."""


@dataclass(frozen=True, slots=True)
class Points:
    """Where to watch in one file, with numbers: expressions by span, statements by where they begin.

    Without a `loop` the whole script is the round, or, with `elsewhere`, the loop is in another file.
    """

    loop: s.Stmt | None
    values: dict[Span, int]
    before: dict[tuple[int, int], list[int]]
    after: dict[tuple[int, int], list[int]]
    file: str = ""
    elsewhere: bool = False


def instrumented(text: str, path: str, points: Points, python2: bool = False) -> ast.Module:
    """The syntax tree of `text` with observation put in; raises SyntaxError as Python does.

    With `python2` two integers divide as they do there.
    """
    tree = ast.parse(text, path)
    woven = _Weaver(text, points).visit(tree)
    assert isinstance(woven, ast.Module)
    if python2:
        woven = Divisions(NAME, "divide").visit(woven)
    if points.loop is None and not points.elsewhere:
        at = _after_prologue(woven.body)
        woven.body.insert(at, _call("head", woven.body[at] if at < len(woven.body) else None))
    return ast.fix_missing_locations(woven)


class _Weaver(ast.NodeTransformer):
    def __init__(self, text: str, points: Points) -> None:
        self.lines = text.splitlines(keepends=True)
        self.points = points
        self.loop = (points.loop.span.line, points.loop.span.column) if points.loop else None

    def _column(self, line: int, offset: int) -> int:
        """The 1-based column in characters of a 0-based offset in bytes."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return (
            offset + 1
            if text.isascii()
            else len(text.encode()[:offset].decode(errors="replace")) + 1
        )

    def _span(self, node: ast.expr) -> Span:
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(
            node.lineno,
            self._column(node.lineno, node.col_offset),
            end_line,
            self._column(end_line, end),
            file=self.points.file,
        )

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and not isinstance(node, ast.Slice | ast.Starred):
            number = self.points.values.get(self._span(node))
            made: ast.AST = super().visit(node)
            loads = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            return _see(number, made) if number is not None and loads else made
        if isinstance(node, ast.stmt):
            return self._statement(node)
        visited: ast.AST = super().visit(node)
        return visited

    def _statement(self, node: ast.stmt) -> ast.AST:
        at = (node.lineno, self._column(node.lineno, node.col_offset))
        made = super().visit(node)
        before = [_call("look", node, k) for k in self.points.before.get(at, ())]
        after = [_call("look", node, k) for k in self.points.after.get(at, ())]
        if at == self.loop and isinstance(made, ast.For | ast.While):
            made.body.insert(0, _call("head", made.body[0]))
            after.append(_call("leave", node))
        return [*before, made, *after] if before or after else made  # type: ignore[return-value]


def _see(number: int, value: ast.AST) -> ast.expr:
    call = _method("see", [ast.Constant(number), value])  # type: ignore[list-item]
    return ast.copy_location(call, value)


def _call(method: str, at: ast.stmt | None, *numbers: int) -> ast.Expr:
    made = ast.Expr(_method(method, [ast.Constant(n) for n in numbers]))
    return ast.copy_location(made, at) if at is not None else made


def _method(name: str, args: Iterable[ast.expr]) -> ast.Call:
    function = ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load())
    return ast.Call(function, list(args), [])


def _after_prologue(body: list[ast.stmt]) -> int:
    """The index after the docstring and the `from __future__` imports."""
    at = 0
    for index, statement in enumerate(body):
        docstring = (
            index == 0
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
        )
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        at = index + 1
    return at
