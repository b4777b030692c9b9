"""The script with watching put in: Python's own syntax tree, because this one is really executed.

Every watched expression `e` becomes `__gradlint__.see(k, e)`, which gives back its argument as it
is; calls before and after a statement only look at variables. The script computes what it would
compute without; a test holds the two bit for bit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gradlint.harness.integers import Divisions
from gradlint.model import Span
from gradlint.reading import syntax as s

NAME, DATA = "__gradlint__", "__gradlint_data__"
"""The names of an observer and of made data, which stand among the builtins, not in the script's globals."""


@dataclass(frozen=True, slots=True)
class Points:
    """Where to watch in one file, with numbers: expressions by span, statements by where they begin.

    Without a `loop` the whole script is the round, or, with `elsewhere`, the loop is in another file.
    `observer` is the name of who is told; `reads` are the calls that give data.
    """

    loop: s.Stmt | None
    values: dict[Span, int]
    before: dict[tuple[int, int], list[int]]
    after: dict[tuple[int, int], list[int]]
    file: str = ""
    elsewhere: bool = False
    observer: str = NAME
    reads: dict[Span, int] = field(default_factory=dict)

    @property
    def begins(self) -> tuple[int, int] | None:
        """The line and the column at which the loop begins."""
        return None if self.loop is None else (self.loop.span.line, self.loop.span.column)


def instrumented(
    text: str, path: str, points: Sequence[Points], python2: bool = False
) -> ast.Module:
    """The syntax tree of `text` with observation put in; raises SyntaxError as Python does.

    With `python2` two integers divide as they do there.
    """
    tree = ast.parse(text, path)
    woven = _Weaver(text, points).visit(tree)
    assert isinstance(woven, ast.Module)
    if python2:
        woven = Divisions(points[0].observer, "divide").visit(woven)
    at = _after_prologue(woven.body)
    for one in points:
        if one.loop is None and not one.elsewhere:
            first = woven.body[at] if at < len(woven.body) else None
            woven.body.insert(at, _call(one, "head", first))
    return ast.fix_missing_locations(woven)


class _Weaver(ast.NodeTransformer):
    def __init__(self, text: str, points: Sequence[Points]) -> None:
        self.lines = text.splitlines(keepends=True)
        self.points = points
        self.file = points[0].file if points else ""

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
            file=self.file,
        )

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and not isinstance(node, ast.Slice | ast.Starred):
            return self._expression(node)
        if isinstance(node, ast.stmt):
            return self._statement(node)
        visited: ast.AST = super().visit(node)
        return visited

    def _expression(self, node: ast.expr) -> ast.AST:
        span = self._span(node)
        made: ast.AST = super().visit(node)
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            for one in self.points:
                if span in one.reads:
                    made = _read(one.reads[span], made)
                if span in one.values:
                    made = _see(one, one.values[span], made)
        return made

    def _statement(self, node: ast.stmt) -> ast.AST:
        at = (node.lineno, self._column(node.lineno, node.col_offset))
        made = super().visit(node)
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        for one in self.points:
            before += [_call(one, "look", node, k) for k in one.before.get(at, ())]
            after += [_call(one, "look", node, k) for k in one.after.get(at, ())]
            if at == one.begins and isinstance(made, ast.For | ast.While):
                made.body.insert(0, _call(one, "head", made.body[0]))
                after.append(_call(one, "leave", node))
        return [*before, made, *after] if before or after else made  # type: ignore[return-value]


def _see(points: Points, number: int, value: ast.AST) -> ast.expr:
    call = _method(points, "see", [ast.Constant(number), value])  # type: ignore[list-item]
    return ast.copy_location(call, value)


def _read(number: int, value: ast.AST) -> ast.expr:
    """`value`, put off, so that data can be made where it fails."""
    nothing = ast.arguments([], [], None, [], [], None, [])
    later = ast.Lambda(nothing, value)  # type: ignore[arg-type]
    function = ast.Attribute(ast.Name(DATA, ast.Load()), "read", ast.Load())
    return ast.copy_location(ast.Call(function, [ast.Constant(number), later], []), value)


def _call(points: Points, method: str, at: ast.stmt | None, *numbers: int) -> ast.Expr:
    made = ast.Expr(_method(points, method, [ast.Constant(n) for n in numbers]))
    return ast.copy_location(made, at) if at is not None else made


def _method(points: Points, name: str, args: Iterable[ast.expr]) -> ast.Call:
    function = ast.Attribute(ast.Name(points.observer, ast.Load()), name, ast.Load())
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
