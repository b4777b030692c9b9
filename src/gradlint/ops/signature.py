"""The little language of signatures (see `spelling`), parsed when a spelling is first used."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

REQUIRED = object()

_PARAMETER = re.compile(
    r"(?P<mark>[@$*\[]*)(?P<name>\w+)\]?(?::(?P<canonical>\w+))?(?:=(?P<default>.+))?$"
)


@dataclass(frozen=True)
class Parameter:
    """One parameter: `name` as the library says it, `canonical` as the op does.

    `spread`: a sequence whose members are inputs; `star`: takes all further positional arguments.
    """

    name: str
    canonical: str
    is_input: bool
    spread: bool = False
    star: bool = False
    default: object = REQUIRED


@cache
def parse(signature: str) -> tuple[Parameter, ...]:
    """The parameters of a signature, in order; raises ValueError where it is malformed."""
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", signature) if part.strip()]
    return tuple(_parameter(part) for part in parts)


def _parameter(part: str) -> Parameter:
    match = _PARAMETER.match(part)
    if match is None:
        raise ValueError(f"malformed parameter {part!r}")
    mark, name, default = match["mark"], match["name"], match["default"]
    return Parameter(
        name,
        match["canonical"] or name,
        is_input="$" not in mark and (default is None or "@" in mark),
        spread="[" in mark,
        star="*" in mark,
        default=REQUIRED if default is None else ast.literal_eval(default),
    )
