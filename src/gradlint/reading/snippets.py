"""Expressions and statements from text that no file holds: what a repair or a derivation writes."""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from typing import Any

from gradlint.reading import syntax as s
from gradlint.reading.converting import Converting


def expression(text: str) -> s.Expr:
    """The syntax tree of one expression, with no place in any file.

    Raises:
        SyntaxError: `text` is no expression.
    """
    tree = ast.parse(text, mode="eval").body
    found: s.Expr = _nowhere(Converting(text).expr(tree))
    return found


def statement(text: str) -> s.Stmt:
    """The syntax tree of one simple statement, with no place in any file.

    Raises:
        SyntaxError: `text` is not one statement.
    """
    (tree,) = ast.parse(text).body
    found: s.Stmt = _nowhere(Converting(text).statement(tree))
    return found


def _nowhere(value: Any) -> Any:
    """`value` with the spans of all its nodes taken off."""
    if isinstance(value, tuple):
        return tuple(_nowhere(part) for part in value)
    if not isinstance(value, s.Node):
        return value
    changed = {f.name: _nowhere(getattr(value, f.name)) for f in fields(value) if f.name != "span"}
    return replace(value, **changed, span=s.NOWHERE)
