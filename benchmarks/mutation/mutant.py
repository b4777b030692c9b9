"""What an operator proposes, and the script that comes of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mutation.source import Source, moves_itself


@dataclass(frozen=True)
class Change:
    """Put `content` between two offsets of the text; the mistake then stands in `statement`'s place.

    `near`: names by which a line that is no longer there may be told, beside where it stood.
    """

    start: int
    end: int
    content: str
    statement: ast.stmt
    near: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Operator:
    """A way to make a mistake: its family (the class in the table) and all places where it can."""

    name: str
    family: str
    changes: Callable[[Source], Iterator[Change]]


@dataclass(frozen=True)
class Mutant:
    """A script with one edit, and the lines of its text on which the mistake may be named."""

    text: str
    family: str
    operator: str
    lines: frozenset[int]
    said: str
    in_step: bool = False


def swap(source: Source, node: ast.expr, content: str) -> Change:
    """The change that writes `content` for an expression."""
    return Change(*source.place(node), content, source.statement(node))


def mutants(source: Source, operators: tuple[Operator, ...]) -> Iterator[Mutant]:
    """Every mutant, each text once; some may not even parse."""
    seen = {source.text}
    for operator in operators:
        for change in operator.changes(source):
            text = source.text[: change.start] + change.content + source.text[change.end :]
            if text not in seen:
                seen.add(text)
                lines, said = _lines(source, change, text), _said(source, change, text)
                step = moves_itself(change.statement)
                yield Mutant(text, operator.family, operator.name, lines, said, step)


def _lines(source: Source, change: Change, text: str) -> frozenset[int]:
    """The lines of the changed statement in the new text, or those that tell of a deleted one."""
    first = _line(source.text, change.start)
    if change.near:
        return frozenset({first, *_telling(change.near, text)})
    last = _line(text, change.start + len(change.content.rstrip("\n")))
    start, end = change.statement.lineno, _end(change.statement)
    if start <= first <= end:
        first = start
        last = max(last, end + text.count("\n") - source.text.count("\n"))
    return frozenset(range(first, last + 1))


def _end(statement: ast.stmt) -> int:
    """The last line of a statement; of one with a block, that of its head."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        first: ast.stmt = body[0]
        return max(statement.lineno, first.lineno - 1)
    return max(statement.lineno, statement.end_lineno or 0)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _telling(names: frozenset[str], text: str) -> Iterator[int]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            yield node.lineno
        if isinstance(node, ast.Attribute) and f".{node.attr}" in names:
            yield node.lineno


def _said(source: Source, change: Change, text: str) -> str:
    old = (
        source.text[: change.end].rpartition("\n")[2] + source.text[change.end :].partition("\n")[0]
    )
    at = change.start + len(change.content)
    new = text[:at].rpartition("\n")[2] + text[at:].partition("\n")[0]
    return f"{old.strip()}  ->  {new.strip()}"
