"""The sizes that a script can name: `N`, `m`, `len(X)`, `X.shape[0]`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair.building import name
from gradlint.repair.scene import Scene


@dataclass(frozen=True, slots=True)
class Size:
    """A size by its expression and value."""

    expr: s.Expr
    value: int
    text: str


def known_sizes(scene: Scene, statement: s.Stmt, at_most: int = 6) -> list[Size]:
    """The sizes of at least 3 that `statement` can name, one expression a value, names first."""
    found: dict[int, str] = {}
    visible = scene.named(statement)
    for named in visible:
        number = isinstance(named.value, int | float) and not isinstance(named.value, bool)
        if number and named.value >= 3 and float(named.value).is_integer():
            found.setdefault(int(named.value), named.place)
    for named in visible:
        for axis, size in enumerate(np.shape(named.value)[:2]):
            if size >= 3 and named.place.isidentifier():
                found.setdefault(size, f"{named.place}.shape[{axis}]")
    return [Size(name(text), size, text) for size, text in list(found.items())[:at_most]]
