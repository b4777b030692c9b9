"""The sum of a bias over the samples: lost, over another axis, over all, without its dimension."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source

_AXES = ("axis", "dim")


def _sums(source: Source) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Each `np.sum(x, ...)` and `x.sum(...)` with what is summed."""
    for node in source.within(ast.Call):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("sum", "mean")
        ):
            owner = node.func.value
            library = isinstance(owner, ast.Name) and owner.id in ("np", "numpy", "torch")
            if not library:
                yield node, owner
            elif node.args:
                yield node, node.args[0]


def sum_dropped(source: Source) -> Iterator[Change]:
    """`d.sum(axis=0)` becomes `d`."""
    for node, summed in _sums(source):
        yield swap(source, node, source.instead(node, summed))


def axis_changed(source: Source) -> Iterator[Change]:
    """`axis=0` becomes `axis=1`, or is lost."""
    for node, summed in _sums(source):
        places = [k.value for k in node.keywords if k.arg in _AXES]
        places += [a for a in node.args if a is not summed]
        for place in places:
            if isinstance(place, ast.Constant) and isinstance(place.value, int):
                yield swap(source, place, "1" if place.value == 0 else "0")
    yield from _argument_lost(source, _AXES)


def keepdims_dropped(source: Source) -> Iterator[Change]:
    """`keepdims=True` is lost."""
    yield from _argument_lost(source, ("keepdims", "keepdim"))


def _argument_lost(source: Source, names: tuple[str, ...]) -> Iterator[Change]:
    for node, _ in _sums(source):
        for keyword in node.keywords:
            if keyword.arg in names:
                start, end = source.place(keyword.value)
                start = source.text.rindex(keyword.arg, 0, start)
                before = source.text[:start].rstrip()
                start = len(before) - 1 if before.endswith(",") else start
                if source.text[end : end + 2] == ", " and before.endswith("("):
                    end += 2
                yield Change(start, end, "", source.statement(node))


OPERATORS = tuple(
    Operator(function.__name__, "bias reduction", function)
    for function in (sum_dropped, axis_changed, keepdims_dropped)
)
