"""A module that makes one round of its training and has a place at which names can be looked up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from gradlint.reading import syntax as s


def anchored(module: s.Module, after: s.Stmt, once: Collection[int]) -> tuple[s.Module, s.Stmt]:
    """`module` with a `pass` behind the statement `after`, and the `pass`.

    The loops in `once` (by identity) break at their end; expressions stay the very ones that they were.
    """
    anchor = s.Flow("pass", span=after.span)
    return replace(module, body=_block(module.body, after, anchor, once)), anchor


def _block(block: s.Block, after: s.Stmt, anchor: s.Stmt, once: Collection[int]) -> s.Block:
    found: list[s.Stmt] = []
    for statement in block:
        found.append(_statement(statement, after, anchor, once))
        if statement is after:
            found.append(anchor)
    same = len(found) == len(block) and all(x is y for x, y in zip(found, block, strict=True))
    return block if same else tuple(found)


def _statement(statement: s.Stmt, after: s.Stmt, anchor: s.Stmt, once: Collection[int]) -> s.Stmt:
    changes: dict[str, Any] = {}
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if isinstance(block, tuple):
            made = _block(block, after, anchor, once)
            if made is not block:
                changes[name] = made
    if id(statement) in once and isinstance(statement, s.For | s.While):
        body = changes.get("body", statement.body)
        changes["body"] = (*body, s.Flow("break", span=statement.span))
    return replace(statement, **changes) if changes else statement
