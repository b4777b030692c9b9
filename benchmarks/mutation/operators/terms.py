"""Terms of a sum: regularisation, the carry through time, a second path; lost or doubled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, sets

_PENALTY = re.compile(r"reg|lam|l2|weight_decay|\bwd\b|penal")
_CARRY = ("next", "prev", "carry", "later", "future")


def _sums(source: Source) -> Iterator[tuple[ast.BinOp, ast.expr, ast.expr]]:
    """Each `a + b` and `a - b`, with what stays and what goes."""
    for node in source.within(ast.BinOp):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add | ast.Sub)
            and source.in_loop(node)
        ):
            yield node, node.left, node.right
            if isinstance(node.op, ast.Add):
                yield node, node.right, node.left


def _kind(source: Source, term: ast.expr) -> str:
    text = source.written(term).lower()
    if any(word in text for word in _CARRY):
        return "carry dropped"
    whole = isinstance(term, ast.BinOp) and isinstance(term.op, ast.Add | ast.Sub)
    return "regularisation" if _PENALTY.search(text) and not whole else "term dropped"


def _dropped(source: Source, kind: str) -> Iterator[Change]:
    for node, kept, lost in _sums(source):
        if _kind(source, lost) == kind:
            yield swap(source, node, source.instead(node, kept))


def penalty_dropped(source: Source) -> Iterator[Change]:
    """`dW + reg * W` becomes `dW`."""
    yield from _dropped(source, "regularisation")
    for statement in source.simple:
        if (
            isinstance(statement, ast.AugAssign)
            and _kind(source, statement.value) == "regularisation"
        ) and source.in_loop(statement):
            yield Change(*source.place(statement), "pass", statement, frozenset(sets(statement)))


def penalty_scaled(source: Source) -> Iterator[Change]:
    """`reg * W` becomes `2 * reg * W` or `reg * W / 2`."""
    terms = [term for _, _, term in _sums(source)]
    terms += [s.value for s in source.simple if isinstance(s, ast.AugAssign) and source.in_loop(s)]
    for term in terms:
        if _kind(source, term) == "regularisation":
            yield swap(source, term, f"2 * {source.operand(term)}")
            yield swap(source, term, f"{source.operand(term)} / 2")


def carry_dropped(source: Source) -> Iterator[Change]:
    """`dh + dh_next` becomes `dh`."""
    yield from _dropped(source, "carry dropped")


def carry_forgotten(source: Source) -> Iterator[Change]:
    """`dh_next = dz @ W.T` goes: every step starts from what came before the loop."""
    for statement in source.simple:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name) and source.in_loop(statement):
            words = target.id.lower()
            if any(word in words for word in _CARRY):
                yield Change(*source.place(statement), "pass", statement, frozenset({target.id}))


def term_dropped(source: Source) -> Iterator[Change]:
    """`a + b` becomes `a`."""
    yield from _dropped(source, "term dropped")


OPERATORS = (
    Operator("penalty_dropped", "regularisation", penalty_dropped),
    Operator("penalty_scaled", "regularisation", penalty_scaled),
    Operator("carry_dropped", "carry dropped", carry_dropped),
    Operator("carry_forgotten", "carry dropped", carry_forgotten),
    Operator("term_dropped", "term dropped", term_dropped),
)
