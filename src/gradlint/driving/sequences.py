"""Batches of sequences: `x[:, t]` is a step of each of them, or a column of a single matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradlint.driving.layers import LayerDrive
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Driven
from gradlint.tracing.guesses import last_name
from gradlint.tracing.inputs import Inputs, says_weight


def of_steps(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same layer with a third axis for the matrices whose columns it goes through one by one."""
    if not isinstance(way.drive, LayerDrive):
        return
    cut = set(_cut(way))
    longer = {
        key: replace(form, rank=3) for key, form in inputs.forms.items()
        if form.kind == "array" and form.filling == "normal" and form.rank == 2
        and last_name(key) in cut and not says_weight(key)
    }  # fmt: skip
    if longer:
        yield replace(way, supposed={**way.supposed, **longer})


def _cut(way: Driven) -> Iterator[str]:
    """The last names of what is cut by `[:, t]`."""
    for node in descend(way.body):
        match node:
            case s.Subscript(
                value=s.Name(id=name) | s.Attribute(attr=name),
                index=s.Sequence(elements=(s.Slice(lower=None, upper=None), s.Name())),
            ):
                yield name
