"""Texts that a script puts together: `'W' + str(l)`, `f"b{i}"`, `'dW%d' % k` name parameters.

A text that shows a number which is not whole is only read by people; `SOME` stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gradlint.tracing.values import plain

SOME = "text"
_WIDE = re.compile(r"\d{3}|\*|:\{")
"""Templates that could make a text of any length."""


def joined(parts: Iterable[Any]) -> str:
    """The parts of an f-string, one after the other."""
    found = [plain(part) for part in parts]
    return "".join(map(str, found)) if all(map(_is_exact, found)) else SOME


def percent(template: str, value: Any) -> str:
    """`template % value`."""
    values = plain(value)
    parts = values if isinstance(values, tuple) else (values,)
    if _WIDE.search(template) or not all(map(_is_exact, parts)):
        return SOME
    try:
        return str(template % values)
    except (TypeError, ValueError):
        return SOME


def formatted(template: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> str:
    """`template.format(*args, **kwargs)`."""
    values, named = plain(list(args)), {name: plain(v) for name, v in kwargs.items()}
    if _WIDE.search(template) or not all(map(_is_exact, (*values, *named.values()))):
        return SOME
    try:
        return template.format(*values, **named)
    except (ValueError, IndexError, KeyError):
        return SOME


def _is_exact(value: Any) -> bool:
    return isinstance(value, str | int)
