"""What the forward pass keeps for the backward pass: another value is kept than what is used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import name
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.keeping import kept_tuples
from gradlint.repair.scene import Named, Scene
from gradlint.tracing.places import text

_SAID_SO = 0.85
"""What it costs to keep what the backward pass calls it."""

_COST = 1.45
_LIKENESS = 0.5

_NO_TENSOR = 1.0
"""What it costs at most to keep a tensor for what is none."""


@proposes_beyond
def kept_another(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`cache = (z, w)` where `x, w = cache` takes it apart: `x` was to be kept."""
    if statement is not scene.suspects[0]:
        return
    for keeping in scene.keeping:
        visible = scene.named(keeping)
        for values in kept_tuples(keeping):
            called, known = list(_called(scene, len(values))), _known(scene, keeping)
            for at, node in enumerate(values):
                names = [one[at] for one in called]
                yield from _as_called(scene, node, [one for one in names if one in known])
                yield from _as_seen(scene, node, visible, names)
            for order in called:
                yield from _in_order(scene, values, order)
        yield from _as_keyed(scene, keeping)


def _as_keyed(scene: Scene, keeping: s.Stmt) -> Iterator[Candidate]:
    """The value that a key names: `{"A2": A2}` for `{"A2": Z2}`."""
    known = _known(scene, keeping)
    for shown in (node for node in descend(keeping) if isinstance(node, s.DictDisplay)):
        for key, value in zip(shown.keys, shown.values, strict=True):
            meant = key.value if isinstance(key, s.Constant) else None
            if isinstance(meant, str) and meant in known and scene.text(value) != meant:
                said = f"{scene.text(value)} is kept as {meant}"
                yield Candidate("GL101", value.span, said, _SAID_SO, ((value, s.Name(meant)),))


def _in_order(scene: Scene, values: tuple[s.Expr, ...], order: list[str]) -> Iterator[Candidate]:
    """The same values, in the order in which they are taken out."""
    kept = [scene.text(node) for node in values]
    if kept == order or sorted(kept) != sorted(order):
        return
    said = (
        f"{', '.join(kept)} are kept in another order than they are taken out: {', '.join(order)}"
    )
    pairs = zip(values, kept, order, strict=True)
    swaps = tuple((node, s.Name(new)) for node, old, new in pairs if old != new)
    yield Candidate("GL101", swaps[0][0].span, said, _SAID_SO, swaps)


@proposes_beyond
def misnamed(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`self.slope = f` in a function that was handed a `slope`."""
    if statement is not scene.suspects[0]:
        return
    functions = [n for n in descend(scene.module.everything) if isinstance(n, s.FunctionDef)]
    for function in functions:
        handed = {p.name for p in function.params}
        for one in descend(function.body):
            match one:
                case s.Assign(targets=(s.Attribute(attr=attr),), value=s.Name(id=value) as node):
                    if attr != value and {attr, value} <= handed:
                        said = f"{value} is kept as {attr}, which is another argument"
                        yield Candidate("GL101", node.span, said, _SAID_SO, ((node, s.Name(attr)),))


def _as_called(scene: Scene, node: s.Expr, called: list[str]) -> Iterator[Candidate]:
    """The names that the value has where it is taken out of what is kept."""
    for other in dict.fromkeys(called):
        if other != scene.text(node):
            said = f"{scene.text(node)} is kept where {other} is taken out"
            yield Candidate("GL101", node.span, said, _SAID_SO, ((node, s.Name(other)),))


def _as_seen(
    scene: Scene, node: s.Expr, visible: list[Named], called: list[str]
) -> Iterator[Candidate]:
    """Each other tensor that could be kept, sooner if its name is more like what it is `called` later."""
    if not isinstance(node, s.Name | s.Attribute):
        return
    place = text(node)
    current = next((named for named in visible if named.place == place), None)
    shape = None if current is None else current.shape
    for other in visible:
        if other.node == -1 or "[" in other.place or other.place == place:
            continue
        if not _alike(current, other):
            continue
        nearer = max((_likeness(other.place, c) - _likeness(place, c) for c in called), default=0)
        likeness = _likeness(place, other.place) + max(nearer, 0)
        said = f"{place} is kept where {other.place} is used"
        cost = _COST - _LIKENESS * likeness + 0.2 * (shape != other.shape)
        cost = cost if shape else min(cost, _NO_TENSOR)
        yield Candidate("GL101", node.span, said, cost, ((node, name(other.place)),))


@lru_cache(maxsize=4096)
def _likeness(place: str, other: str) -> float:
    """How alike two names are, from 0 to 1."""
    from difflib import SequenceMatcher  # costs a start, and right scripts need none

    return SequenceMatcher(None, place, other).ratio()


def _alike(current: Named | None, other: Named) -> bool:
    """Whether one may be kept for the other: numbers for numbers, arrays for all that is no such number."""
    if np.asarray(other.value).dtype.kind not in "fiub":
        return False
    is_number = current is not None and current.node != -1 and np.size(current.value) == 1
    is_same = current is not None and current.node == other.node
    return not is_same and is_number == (np.size(other.value) == 1)


def _called(scene: Scene, count: int) -> Iterator[list[str]]:
    """The names under which so many values are taken out elsewhere."""
    for node in descend(scene.module.everything) if count > 1 else ():
        match node:
            case s.Assign(targets=(s.Sequence(elements=elements),), value=value):
                names = [one.id for one in elements if isinstance(one, s.Name)]
                plain = not isinstance(value, s.Sequence)
                if plain and len(names) == len(elements) == count:
                    yield names


def _known(scene: Scene, keeping: s.Stmt) -> set[str]:
    """The names that are bound or read in the function around a statement, or in the script."""
    for node in descend(scene.module.everything):
        if isinstance(node, s.FunctionDef) and any(n is keeping for n in descend(node.body)):
            found = {n.id for n in descend(node.body) if isinstance(n, s.Name)}
            return found | {param.name for param in node.params}
    return {n.id for n in descend(scene.module.body) if isinstance(n, s.Name)}
