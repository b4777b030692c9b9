"""Functions that go several ways: what is derived from one way must not be told of another."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.composing.partners.units import Unit, asks_for_training
from gradlint.composing.target import Underivable
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def expect_one_way(unit: Unit) -> None:
    """See that all ways through a unit compute alike, but for what its training alone does.

    Raises:
        Underivable: there is a branch that computes something else.
    """
    for branch in _branches(unit.definition.body):
        if not (asks_for_training(branch.test) or _is_harmless(branch)):
            raise Underivable(
                f"{unit.told} goes several ways, and a backward pass is derived of one ({branch.span.told})"
            )


def _branches(block: s.Block) -> Iterator[s.If]:
    return (n for n in descend(block) if isinstance(n, s.If))


def _is_harmless(branch: s.If) -> bool:
    """Whether a branch only checks, or computes with an argument where that is there."""
    if branch.orelse and not _checks(branch.orelse):
        return False
    return _checks(branch.body) or _asks_for_argument(branch.test)


def _checks(block: s.Block) -> bool:
    """Whether a block raises, or says something, and does no more."""
    return all(_is_said(n) or (isinstance(n, s.Flow) and n.kind == "pass") for n in block)


def _is_said(statement: s.Stmt) -> bool:
    """Whether a statement raises, asserts or calls a function: a method may make what is computed with."""
    match statement:
        case s.Raise() | s.Assert() | s.ExprStmt(value=s.Constant() | s.Call(func=s.Name())):
            return True
    return False


def _asks_for_argument(test: s.Expr) -> bool:
    match test:
        case s.Compare(left=s.Name(), ops=("is not",), comparators=(s.Constant(value=None),)):
            return True
    return False
