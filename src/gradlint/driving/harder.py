"""Harder ways to drive what is right at first: other options, a wider window, more axes, a second use.

Code that goes over the axes of its input, whatever their number, is right only if it is right at four; a
convolution that is right without padding may leave it out on the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from gradlint.driving import asked as asks
from gradlint.driving.engines import EngineDrive
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Driven
from gradlint.tracing.inputs import Form, Inputs, says_weight
from gradlint.tracing.stand_ins import FORWARD

_OPTIONS = (
    (re.compile(r"^(n_?)?pad(ding)?s?$", re.IGNORECASE), 0, 1),
    (re.compile(r"^strides?$", re.IGNORECASE), 1, 2),
)
"""What an option is called, the value at which it does nothing, and another one."""

_IMAGE = 4
_TEXTS = 6
"""So many texts are tried: a walk each."""


def harder(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same drive at what its code provides for: other options, windows, an input of more axes."""
    if isinstance(way.drive, EngineDrive):
        yield replace(way, drive=replace(way.drive, twice=True))
    functions = list(asks.functions_of(way))
    for pattern, idle, other in _OPTIONS:
        options = {
            p.name: _other(p.default, idle, other)
            for f in functions for p in f.params if pattern.match(p.name)
        }  # fmt: skip
        options = {name: value for name, value in options.items() if value is not None}
        if options:
            yield replace(way, options={**way.options, **options})
    yield from (replace(way, supposed=forms) for forms in _wider_windows(inputs))
    yield from _other_texts(way, functions)
    yield from _other_ranks(way, functions, inputs)
    if any(_goes_over_axes(function) for function in functions):
        key = next((k for k, form in inputs.forms.items() if _is_matrix(k, form)), None)
        if key is not None:
            vectors = {k: form for k, form in inputs.forms.items() if _is_vector(form)}
            yield replace(way, supposed={**vectors, key: Form("array", rank=_IMAGE)})


def _other_texts(way: Driven, functions: list[s.FunctionDef]) -> Iterator[Driven]:
    """The same drive with each text that an option is asked for: `kind == "tanh"`."""
    params = {p.name: p for f in functions for p in f.params}
    asked = asks.texts(f for f in functions if f.name not in ("__init__", *FORWARD))
    for name, text in islice(dict.fromkeys(asked), _TEXTS):
        default = params[name].default if name in params else None
        if isinstance(default, s.Constant) and isinstance(default.value, str):
            yield replace(way, options={**way.options, name: text})
        elif name in params and default is None:
            form = Form("text", value=text)
            yield replace(way, supposed={**way.supposed, name: form})


def _other_ranks(way: Driven, functions: list[s.FunctionDef], inputs: Inputs) -> Iterator[Driven]:
    """The same drive with an array of as many axes as its backward pass asks for."""
    backward = (f for f in functions if f.name == way.drive.name.rpartition(".")[2])
    for name, rank in asks.ranks(backward):
        form = inputs.forms.get(name)
        if form is not None and form.kind == "array" and 2 <= form.rank < rank <= _IMAGE:
            yield replace(way, supposed={**way.supposed, name: replace(form, rank=rank)})


def _wider_windows(inputs: Inputs) -> Iterator[dict[str, Form]]:
    """The forms of inputs in which a window, a list of two equal counts, is wider than it is high."""
    for window in (key for key, form in inputs.forms.items() if form.kind == "list"):
        high, wide = (inputs.forms.get(f"{window}[{i}]") for i in (0, 1))
        if high is None or wide is None or not high.kind == wide.kind == "count":
            continue
        if high.value == wide.value and isinstance(wide.value, int):
            yield {**inputs.forms, f"{window}[1]": replace(wide, value=wide.value + 1)}


def _other(default: s.Expr | None, idle: int, other: int) -> Any:
    """The other value in the place of a default that does nothing, a pair for a pair."""
    match default:
        case s.Constant(value=int() as value) if value == idle and not isinstance(value, bool):
            return other
        case s.Sequence(elements=elements) if elements and all(
            isinstance(e, s.Constant) and e.value == idle for e in elements
        ):
            return (other,) * len(elements)
    return None


def _goes_over_axes(function: s.FunctionDef) -> bool:
    """Whether a function has `range(x.ndim)`: it is written for any number of axes."""
    ranges = (
        n for n in descend(function.body)
        if isinstance(n, s.Call) and isinstance(n.func, s.Name) and n.func.id in ("range", "xrange")
    )  # fmt: skip
    return any(
        isinstance(n, s.Attribute) and n.attr == "ndim" for call in ranges for n in descend(call)
    )


def _is_vector(form: Form) -> bool:
    return form.kind == "array" and form.rank == 1


def _is_matrix(key: str, form: Form) -> bool:
    plain = form.kind == "array" and form.filling == "normal" and form.rank == 2
    return plain and not says_weight(key)
