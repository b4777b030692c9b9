"""What the forward pass keeps for the backward pass: another value kept, kept too early, drawn again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, reads, sets

_KEPT = re.compile(r"cache|saved|memory|kept|tape|history|^self\.\w+$")
_DRAWN = re.compile(r"rand|binomial|bernoulli|normal\(|choice")


def _keeping(source: Source) -> Iterator[tuple[ast.stmt, list[ast.expr]]]:
    """Statements that put something away, and what: `cache = (x, w)`, `self.x = x`, `hs.append(h)`."""
    for statement in source.simple:
        if not source.in_loop(statement):
            continue
        if isinstance(statement, ast.Assign):
            if _KEPT.search(source.written(statement.targets[0])):
                yield statement, [statement.value]
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            into = source.written(statement.value.func)
            if into.endswith((".append", ".save_for_backward")):
                yield statement, statement.value.args


def kept_another(source: Source) -> Iterator[Change]:
    """`cache = (x, w)` becomes `cache = (z, w)`: another value of the scope is kept."""
    for statement, values in _keeping(source):
        for node in (n for value in values for n in ast.walk(value)):
            if isinstance(node, ast.Name) and node.id in source.names(statement):
                for other in source.names(statement):
                    if other != node.id:
                        yield swap(source, node, other)


def kept_too_early(source: Source) -> Iterator[Change]:
    """A line that keeps a value goes before the line that computes it: the one of the last round is kept."""
    lines = source.text.split("\n")
    for statement, _ in _keeping(source):
        block = source.block(statement)
        at = block.index(statement)
        before = block[at - 1] if at else None
        if before is None or not sets(before) & reads(statement):
            continue
        first, last = before.lineno - 1, (statement.end_lineno or statement.lineno) - 1
        middle = statement.lineno - 1
        start = sum(len(line) + 1 for line in lines[:first])
        end = sum(len(line) + 1 for line in lines[: last + 1]) - 1
        text = "\n".join([*lines[middle : last + 1], *lines[first:middle]])
        yield Change(start, end, text, before)


def drawn_again(source: Source) -> Iterator[Change]:
    """`d * mask` becomes `d * (rng.random(d.shape) < keep)`: a new mask instead of the kept one."""
    drawn: dict[str, ast.Assign] = {}
    for statement in source.simple:
        if not isinstance(statement, ast.Assign) or not source.in_loop(statement):
            continue
        if _DRAWN.search(source.written(statement)):
            for name in sets(statement):
                drawn[name] = statement
    for node in source.within(ast.Name):
        assert isinstance(node, ast.Name)
        made = drawn.get(node.id)
        if made is None or not isinstance(node.ctx, ast.Load) or not source.in_loop(node):
            continue
        same = source.scope(made) is source.scope(node) and made.lineno < node.lineno
        if same and isinstance(made.targets[0], ast.Name):
            yield swap(source, node, f"({source.written(made.value)})")


OPERATORS = (
    Operator("kept_another", "wrong cache", kept_another),
    Operator("kept_too_early", "stale cache", kept_too_early),
    Operator("drawn_again", "mask drawn again", drawn_again),
)
