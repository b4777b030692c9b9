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
    found: dict[int, Size] = {}
    visible = scene.named(statement)
    for named in visible:
        number = isinstance(named.value, int | float) and not isinstance(named.value, bool)
        if number and named.value >= 3 and float(named.value).is_integer():
            size = int(named.value)
            found.setdefault(size, Size(name(named.place), size, named.place))
    for named in visible:
        for axis, size in enumerate(np.shape(named.value)[:2]):
            if size >= 3 and named.place.isidentifier():
                text = f"{named.place}.shape[{axis}]"
                found.setdefault(size, Size(name(text), size, text))
    return list(found.values())[:at_most]
