"""Going through a syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from gradlint.reading import syntax as s

_FIELDS: dict[type, tuple[str, ...]] = {}


def _child_fields(kind: Any) -> tuple[str, ...]:
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(f.name for f in fields(kind) if f.name != "span")
    return found


def children(node: Any) -> Iterator[s.Node]:
    """The nodes directly below `node`."""
    for name in _child_fields(type(node)):
        yield from _nodes(getattr(node, name))


def _nodes(value: Any) -> Iterator[s.Node]:
    if isinstance(value, s.Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)


def descend(nodes: Any) -> Iterator[s.Node]:
    """`nodes` (a node or a block) and all nodes below, each before its children."""
    for node in _nodes(nodes):
        yield node
        for child in children(node):
            yield from descend(child)


def constants(nodes: Any) -> Iterator[s.Constant]:
    """All literals in `nodes`."""
    return (node for node in descend(nodes) if isinstance(node, s.Constant))
