"""Whole lines: deleted, doubled, moved before what reads them, copied from a neighbour."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, reads, sets


def _repeated(source: Source) -> list[ast.stmt]:
    return [s for s in source.simple if source.in_loop(s)]


def line_deleted(source: Source) -> Iterator[Change]:
    """A statement goes; what it set or read tells where."""
    for statement in _repeated(source):
        near = frozenset(sets(statement) | _attributes(statement)) or frozenset(reads(statement))
        yield Change(*source.place(statement), "pass", statement, near)


def _attributes(statement: ast.stmt) -> set[str]:
    stored = (n for n in ast.walk(statement) if isinstance(n, ast.Attribute))
    return {f".{node.attr}" for node in stored if isinstance(node.ctx, ast.Store)}


def line_doubled(source: Source) -> Iterator[Change]:
    """A statement stands twice."""
    for statement in _repeated(source):
        start, end = source.place(statement)
        yield Change(end, end, _again(source, statement, start), statement)


def _again(source: Source, statement: ast.stmt, start: int) -> str:
    line = source.text.rindex("\n", 0, start) + 1 if "\n" in source.text[:start] else 0
    indent = source.text[line:start]
    text = source.written(statement)
    return f"\n{indent}{text}" if not indent.strip() else f"; {text}"


def moved_before_use(source: Source) -> Iterator[Change]:
    """A statement that moves a variable goes before an earlier one that reads it."""
    for statement in _repeated(source):
        block = source.block(statement)
        at = block.index(statement)
        moved = _moves(statement)
        for earlier in block[max(0, at - 8) : at]:
            if (
                moved
                and moved & reads(earlier)
                and _own_line(source, statement)
                and _own_line(source, earlier)
            ):
                yield _moved(source, statement, earlier, moved, block[block.index(earlier) : at])


def _moves(statement: ast.stmt) -> set[str]:
    """The names that a statement changes by what they were: `W -= ...`, `W = W - ...`."""
    if isinstance(statement, ast.AugAssign):
        return sets(statement)
    return sets(statement) & reads(statement) if isinstance(statement, ast.Assign) else set()


def _own_line(source: Source, statement: ast.stmt) -> bool:
    lines = source.text.split("\n")
    start = lines[statement.lineno - 1][: statement.col_offset]
    return (
        not start.strip()
        and statement.end_lineno == statement.lineno
        and ";" not in lines[statement.lineno - 1]
    )


def _moved(
    source: Source, statement: ast.stmt, earlier: ast.stmt, moved: set[str], between: list[ast.stmt]
) -> Change:
    """The lines from `earlier` to `statement`, with the last one first."""
    lines = source.text.split("\n")
    first, last = earlier.lineno - 1, statement.lineno - 1
    start = sum(len(line) + 1 for line in lines[:first])
    end = sum(len(line) + 1 for line in lines[: last + 1]) - 1
    return Change(
        start, end, "\n".join([lines[last], *lines[first:last]]), earlier, frozenset(moved)
    )


def copied_from_neighbour(source: Source) -> Iterator[Change]:
    """The right-hand side of a statement of the same kind, with none or one of its names mended."""
    found = [s for s in _repeated(source) if isinstance(s, ast.Assign | ast.AugAssign)]
    for statement in found:
        for other in found:
            if (
                statement is not other
                and type(statement) is type(other)
                and _alike(source, statement, other)
            ):
                yield from _copies(source, statement, other)


def _target(statement: ast.stmt) -> ast.expr:
    assert isinstance(statement, ast.Assign | ast.AugAssign)
    return statement.targets[0] if isinstance(statement, ast.Assign) else statement.target


def _alike(source: Source, first: ast.stmt, second: ast.stmt) -> bool:
    a, b = (re.sub(r"\d", "", source.written(_target(s))) for s in (first, second))
    return a == b


def _copies(source: Source, statement: ast.stmt, other: ast.stmt) -> Iterator[Change]:
    assert isinstance(statement, ast.Assign | ast.AugAssign) and isinstance(
        other, ast.Assign | ast.AugAssign
    )
    copied = source.written(other.value)
    yield swap(source, statement.value, copied)
    digits = [re.search(r"\d", source.written(_target(s))) for s in (statement, other)]
    if digits[0] and digits[1]:
        for match in re.finditer(rf"\b[A-Za-z_]+{digits[1][0]}\b", copied):
            mended = match[0][:-1] + digits[0][0]
            yield swap(
                source, statement.value, copied[: match.start()] + mended + copied[match.end() :]
            )


OPERATORS = (
    Operator("line_deleted", "line deleted", line_deleted),
    Operator("line_doubled", "line doubled", line_doubled),
    Operator("moved_before_use", "update before use", moved_before_use),
    Operator("copied_from_neighbour", "copied line", copied_from_neighbour),
)
