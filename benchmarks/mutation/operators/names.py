"""Another tensor: a name, an attribute or a key in place of one of its kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from mutation.mutant import Change, Operator, swap
from mutation.source import Source

_ALIKE = 0.6


def _used(source: Source) -> Iterator[ast.Name]:
    """The names that are read as values where something is computed again and again."""
    for node in source.within(ast.Name):
        assert isinstance(node, ast.Name)
        parent = source.parents[node]
        called = isinstance(parent, ast.Call) and parent.func is node
        if (
            isinstance(node.ctx, ast.Load)
            and not called
            and node.id in source.names(node)
            and source.in_loop(node)
        ):
            yield node


def _sibling(first: str, second: str) -> bool:
    if re.sub(r"\d", "", first) == re.sub(r"\d", "", second):
        return True
    return SequenceMatcher(None, first, second).ratio() >= _ALIKE


def sibling_name(source: Source) -> Iterator[Change]:
    """`h2` for `h1`, `grad_a` for `a`: a name that looks like it."""
    for node in _used(source):
        for other in source.names(node):
            if other != node.id and _sibling(other, node.id):
                yield swap(source, node, other)


def other_name(source: Source) -> Iterator[Change]:
    """`W` for `h`: any other variable of the scope."""
    for node in _used(source):
        for other in source.names(node):
            if other != node.id and not _sibling(other, node.id):
                yield swap(source, node, other)


def other_attribute(source: Source) -> Iterator[Change]:
    """`self.W1` for `self.W2`."""
    nodes = [
        n
        for n in source.within(ast.Attribute)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    ]
    stored = {(n.value.id, n.attr) for n in nodes if isinstance(n.ctx, ast.Store)}  # type: ignore[attr-defined]
    for node in nodes:
        assert isinstance(node.value, ast.Name)
        if isinstance(node.ctx, ast.Load) and (node.value.id, node.attr) in stored:
            for owner, attribute in sorted(stored):
                if owner == node.value.id and attribute != node.attr:
                    yield swap(source, node, f"{owner}.{attribute}")


def other_key(source: Source) -> Iterator[Change]:
    """`grads["W1"]` for `grads["W2"]`."""
    keys = [
        (n, n.value.id, n.slice) for n in source.within(ast.Subscript)
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
        and isinstance(n.slice, ast.Constant) and isinstance(n.slice.value, str)
    ]  # fmt: skip
    known: dict[str, set[str]] = {}
    for _, owner, key in keys:
        known.setdefault(owner, set()).add(source.written(key))
    for node, owner, key in keys:
        if isinstance(node.ctx, ast.Load):
            for other in sorted(known[owner] - {source.written(key)}):
                yield swap(source, key, other)


def exchanged_unpacking(source: Source) -> Iterator[Change]:
    """`x, w = cache` for `w, x = cache`: two neighbours of a tuple."""
    for node in source.within(ast.Tuple):
        assert isinstance(node, ast.Tuple)
        for first, second in zip(node.elts[:-1], node.elts[1:], strict=True):
            if (
                source.in_loop(node)
                and isinstance(first, ast.Name)
                and isinstance(second, ast.Name)
            ):
                start, end = source.place(first)[0], source.place(second)[1]
                between = source.text[source.place(first)[1] : source.place(second)[0]]
                yield Change(start, end, second.id + between + first.id, source.statement(node))


def exchanged_elements(source: Source) -> Iterator[Change]:
    """`np.hstack((di * i, df * f))` becomes `np.hstack((df * f, di * i))`: two neighbours of a list."""
    for node in source.within((ast.Tuple, ast.List)):
        assert isinstance(node, ast.Tuple | ast.List)
        named = all(isinstance(e, ast.Name) for e in node.elts)
        if not isinstance(node.ctx, ast.Load) or not source.in_loop(node):
            continue
        if isinstance(node, ast.Tuple) and named:
            continue
        for first, second in zip(node.elts[:-1], node.elts[1:], strict=True):
            (a, b), (c, d) = source.place(first), source.place(second)
            text = source.text[c:d] + source.text[b:c] + source.text[a:b]
            yield Change(a, d, text, source.statement(node))


OPERATORS = tuple(
    Operator(function.__name__, "wrong tensor", function)
    for function in (
        sibling_name,
        other_name,
        other_attribute,
        other_key,
        exchanged_unpacking,
        exchanged_elements,
    )
)
