"""Where the gradient that moves a parameter can be read off the running script.

An update `P -= X` or `P = P - X` consumes X: that very expression is watched, so that nothing is
lost to the rounding of `P`. Where there is no such expression (a function returns the new value, an
item of an array moves), the difference of `P` before and after is taken. Where a claim looks
through something (an optimiser, a clip), the gradient before that is read: the expression that made
it, or its name at the update.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gradlint.claims import Claim
from gradlint.reading import syntax as s
from gradlint.tracing import Trace, Update, places

Key = tuple[str, int, str]
"""What is watched: ("value", an expression, "") or ("before" or "after", a statement, a place)."""


def watched(trace: Trace, claims: Sequence[Claim]) -> Iterator[tuple[Key, Any]]:
    """All that has to be watched for `claims`: keys, with the expression or statement itself."""
    for claim in claims:
        yield from _watched_gradient(trace, claim)
        for update in () if claim.through_optimiser else claim.updates:
            for _, term in terms_of(update):
                yield value_key(term), term
            if _needs_difference(update):
                for when in ("before", "after"):
                    yield (when, id(update.statement), update.place), update.statement


def _watched_gradient(trace: Trace, claim: Claim) -> Iterator[tuple[Key, Any]]:
    if claim.gradient is None:
        return
    expr, statement = trace.nodes[claim.gradient].expr, claim.updates[0].statement
    if expr is not None:
        yield value_key(expr), expr
    if is_supposed(statement):
        yield ("after", id(statement), claim.name), statement
    elif not claim.name.startswith("step of "):
        yield ("before", id(statement), claim.name), statement


def is_supposed(step: s.Stmt) -> bool:
    """Whether a step is one that the script does not take (`unstepped`): nothing of it can be watched."""
    return isinstance(step, s.AugAssign) and step.target.span == s.NOWHERE


def value_key(expr: s.Expr) -> Key:
    return "value", id(expr), ""


def terms_of(update: Update) -> list[tuple[int, s.Expr]]:
    """The signed expressions of which an update is the sum, with or without the parameter."""
    match update.statement:
        case s.AugAssign(op="-", value=value) if update.change:
            return [(-1, value)]
        case s.AugAssign(op="+", value=value) if update.change:
            return [(1, value)]
        case s.Assign(value=s.Comprehension()):
            return []  # its value is a list, the terms of which are seen once for each of its items
        case s.Assign(value=value, targets=[s.Name() | s.Attribute() | s.Subscript()]):
            return list(_flattened(value, 1)) if update.change else []
    return []


def _needs_difference(update: Update) -> bool:
    """Whether the parameter itself may not be found among the terms."""
    match update.statement:
        case s.AugAssign():
            return not terms_of(update)
        case s.Assign(targets=[target]):
            own = places.text(target)
            return not any(
                sign == 1 and places.text(e) == own != "..." for sign, e in terms_of(update)
            )
    return True


def _flattened(expr: s.Expr, sign: int) -> Iterator[tuple[int, s.Expr]]:
    match expr:
        case s.BinOp(op="+" | "-" as op, left=left, right=right):
            yield from _flattened(left, sign)
            yield from _flattened(right, sign if op == "+" else -sign)
        case s.UnaryOp(op="-", operand=operand):
            yield from _flattened(operand, -sign)
        case _:
            yield sign, expr
