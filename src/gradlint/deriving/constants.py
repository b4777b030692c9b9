"""Constants that people write with a size: `2 * g`, `g / N`, `2 * g / N`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from gradlint.ops import Text, as_text
from gradlint.ops.text import PRODUCT


def scaled(text: Text, size: float, sizes: Mapping[int, str]) -> Text | None:
    """`size` (positive) times `text`, where that is 1, 2 or one of them over a size with a name."""
    for factor in (1, 2):
        if np.isclose(size, factor):
            return factor * text
        for number, name in (*sizes.items(), *_products(sizes)):
            if np.isclose(size, factor / number):
                return factor * text / Text(name)
    return None


def _products(sizes: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Two sizes together, as a mean over a matrix has them."""
    for (one, name), (other, second) in combinations(sizes.items(), 2):
        if one > 1 and other > 1:
            yield one * other, f"({name} * {second})"


def times(text: Text, factor: float, sizes: Mapping[int, str]) -> Text:
    """`factor` times `text`, by the script's own sizes where it is made of one."""
    positive = scaled(text, abs(factor), sizes) or _by_size(text, abs(factor), sizes)
    if positive is None:
        positive = as_text(abs(factor)) * text
    return positive if factor > 0 else -positive


def _by_size(text: Text, size: float, sizes: Mapping[int, str]) -> Text | None:
    return next((Text(name) * text for n, name in sizes.items() if np.isclose(size, n)), None)


_LEADING = re.compile(r"^(-?)(\d+(?:\.\d*)?) \* ")


def added(parts: Iterable[Text]) -> Text:
    """The sum of `parts`; those that are the same are counted."""
    counts = Counter(parts)
    first, *others = (_times(part, n) for part, n in counts.items())
    for other in others:
        first = first + other
    return first


def _times(part: Text, n: int) -> Text:
    """`n * part`, taken together with the number that `part` begins with."""
    found = _LEADING.match(part.text) if n > 1 and part.precedence >= PRODUCT else None
    if found is None:
        return part if n == 1 else n * part
    number, rest = n * float(found[2]), replace(part, text=part.text[found.end() :])
    product = rest if number == 1 else as_text(number) * rest
    return -product if found[1] else product
