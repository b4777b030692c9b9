"""How a backward pass is called: what each of its parameters is, by their names and their number.

Known are `backward(dout)`, `backward(dout, cache)`, `backward(dout, *inputs)`, a cotangent for each of
several outputs, the gradient of a loss that takes what the loss takes, and the slope of an elementwise
function, of its input or of its output. Where that is left open there are several ways; one by which all is
right is taken.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gradlint.driving.names import says_cache, says_cotangent, says_output
from gradlint.gradcheck.arrays import is_number, is_real

Kind = Literal["cotangent", "part", "item", "input"]
Source = tuple[Kind, Any]
"""The cotangent of an output, a part of what forward returned, an item of its last part, an input by name."""


@dataclass(frozen=True, slots=True)
class Way:
    """The sources of the arguments of a backward pass, positional ones and by keyword.

    `outputs` are the parts of what forward returned that have a cotangent; without any, what comes back is
    the gradient of the sum of the first part.
    """

    positional: tuple[Source, ...]
    keywords: tuple[tuple[str, Source], ...] = ()

    @property
    def outputs(self) -> tuple[int, ...]:
        return tuple(which for kind, which in self.positional if kind == "cotangent")


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a backward pass: those it needs, and those that it would take too."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @staticmethod
    def by(function: Callable[..., Any]) -> Asked | None:
        """None where the signature is not known or leaves open what is taken."""
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            return None
        if any(p.kind is p.VAR_POSITIONAL for p in parameters):
            return None
        named = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
        needed = tuple(p.name for p in named if p.default is p.empty)
        return Asked(needed, tuple(p.name for p in named if p.default is not p.empty))


def ways(function: Callable[..., Any], returned: Any, inputs: Sequence[str]) -> list[Way]:
    """The ways in which a backward pass may be called after forward `returned`, the likeliest first."""
    parts = parts_of(returned)
    asked = Asked.by(function)
    if asked is None:
        rest: list[Source] = [("part", len(parts) - 1)] if len(parts) > 1 else []
        return [Way((("cotangent", 0), *rest))]
    keywords: tuple[tuple[str, Source], ...] = tuple(
        (name, ("input", name)) for name in asked.optional if name in inputs
    )
    found = dict.fromkeys(_ways(asked.needed, parts, inputs))
    return [Way(positional, keywords) for positional in found]


def parts_of(returned: Any) -> tuple[Any, ...]:
    """What forward returned, as a tuple."""
    return tuple(returned) if isinstance(returned, tuple) and returned else (returned,)


def is_output(part: Any) -> bool:
    """Whether a part of what forward returned can have a cotangent."""
    return is_real(part) or is_number(part)


def _ways(
    needed: Sequence[str], parts: Sequence[Any], inputs: Sequence[str]
) -> Iterator[tuple[Source, ...]]:
    if len(needed) == 1 and len(parts) == 1:
        yield from _single(needed[0], inputs)
        return
    named = _by_names(needed, parts, inputs)
    if named is not None:
        yield named
    if named is not None and any(kind == "cotangent" for kind, _ in named):
        return
    if len(parts) == 1:
        yield from _with_one_part(needed, inputs)
    else:
        yield from _with_several(needed, parts, inputs)


def _single(name: str, inputs: Sequence[str]) -> Iterator[tuple[Source, ...]]:
    """`backward(dout)`, or the slope of an elementwise function at its input or its output."""
    upstream: tuple[Source, ...] = (("cotangent", 0),)
    of_input: list[tuple[Source, ...]] = [(("input", inputs[0]),)] if inputs else []
    of_output: tuple[Source, ...] = (("part", 0),)
    if says_cotangent(name) and name not in inputs:
        yield upstream
    elif name in inputs:
        yield from [*of_input, of_output, upstream]
    elif says_output(name):
        yield from [of_output, *of_input, upstream]
    else:
        yield from [upstream, *of_input, of_output]


def _by_names(
    needed: Sequence[str], parts: Sequence[Any], inputs: Sequence[str]
) -> tuple[Source, ...] | None:
    """What the names say; None where they do not say enough."""
    found: list[Source] = []
    cotangents = iter([n for n, part in enumerate(parts) if is_output(part)])
    for name in needed:
        if name in inputs:
            found.append(("input", name))
        elif says_cache(name) and len(parts) > 1:
            found.append(("part", len(parts) - 1))
        elif says_cotangent(name) and (output := next(cotangents, None)) is not None:
            found.append(("cotangent", output))
        elif says_output(name):
            found.append(("part", 0))
        else:
            return None
    is_last_free = len(parts) > 1 and ("part", len(parts) - 1) not in found
    if is_last_free and not is_output(parts[-1]) and len(found) == len(parts):
        return None
    return tuple(found)


def _with_one_part(needed: Sequence[str], inputs: Sequence[str]) -> Iterator[tuple[Source, ...]]:
    upstream: Source = ("cotangent", 0)
    given: list[Source] = [("input", name) for name in inputs]
    out: Source = ("part", 0)
    if not needed:
        yield ()
    if len(needed) == len(inputs) + 1:
        yield (upstream, *given)
        yield (*given, upstream)
    if len(needed) == 2 and given:
        yield from [(upstream, given[0]), (upstream, out), (given[0], upstream), (out, upstream)]
    if len(needed) == len(inputs) + 2:
        yield (upstream, *given, out)


def _with_several(
    needed: Sequence[str], parts: Sequence[Any], inputs: Sequence[str]
) -> Iterator[tuple[Source, ...]]:
    last: Source = ("part", len(parts) - 1)
    upstream: list[Source] = [("cotangent", n) for n, part in enumerate(parts) if is_output(part)]
    if not needed:
        yield ()
        return
    if len(needed) == len(upstream) == len(parts) and says_cotangent(needed[-1]):
        yield tuple(upstream)
    if len(needed) == len(parts):
        yield (*upstream[: len(parts) - 1], last)
        yield (last, *upstream[: len(parts) - 1])
    if len(needed) == 1:
        yield (upstream[0],)
    elif len(needed) == 2:
        yield (upstream[0], last)
        yield (last, upstream[0])
    if isinstance(parts[-1], list | tuple) and len(parts[-1]) == len(needed) - 1:
        yield (upstream[0], *(("item", n) for n in range(len(parts[-1]))))
    if len(needed) == len(inputs) + 1:
        yield (upstream[0], *(("input", name) for name in inputs))
