"""Going through a syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from gradlint.reading import syntax as s

_FIELDS: dict[type, tuple[str, ...]] = {}
_HOLDS_NODES = re.compile(r"\b(?!None\b|Span\b|SourceMap\b)[A-Z]\w*")


def _child_fields(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes, by their types."""
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(
            f.name for f in fields(kind) if f.name != "span" and _HOLDS_NODES.search(str(f.type))
        )
    return found


def children(node: Any) -> Iterator[s.Node]:
    """The nodes directly below `node`."""
    return iter(_below(node))


def _below(node: Any) -> list[s.Node]:
    found: list[s.Node] = []
    for name in _child_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, s.Node):
            found.append(value)
        elif value:
            _flatten(value, found)
    return found


def _flatten(value: Any, found: list[s.Node]) -> None:
    """Add the nodes in nested tuples to `found`."""
    if isinstance(value, s.Node):
        found.append(value)
    elif isinstance(value, tuple):
        for part in value:
            _flatten(part, found)


def descend(nodes: Any) -> Iterator[s.Node]:
    """`nodes` (a node or a block) and all nodes below, each before its children."""
    waiting: list[s.Node] = []
    _flatten(nodes, waiting)
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(_below(node))


def blocks(block: s.Block) -> Iterator[s.Block]:
    """A block of statements and all blocks below."""
    yield block
    for node in descend(block):
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, ())
            if isinstance(inner, tuple) and inner and isinstance(inner[0], s.Stmt):
                yield inner


def constants(nodes: Any) -> Iterator[s.Constant]:
    """All literals in `nodes`."""
    return (node for node in descend(nodes) if isinstance(node, s.Constant))


def owners(block: s.Block) -> dict[int, int]:
    """The innermost statement around each node, itself for a statement; the first one for a block.

    All are known by their identity.
    """
    found: dict[int, int] = {}
    waiting: list[tuple[Any, int]] = [(one, 0) for one in (block, *block)]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, tuple):
            statements = [part for part in node if isinstance(part, s.Stmt)]
            if statements:
                found[id(node)] = id(statements[0])
            continue
        owner = found[id(node)] = id(node) if isinstance(node, s.Stmt) else owner
        parts = (getattr(node, name) for name in _child_fields(type(node)))
        waiting += [(part, owner) for part in parts if isinstance(part, tuple)]
        waiting += [(part, owner) for part in _below(node)]
    return found
