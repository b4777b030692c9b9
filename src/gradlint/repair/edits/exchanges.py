"""Elements of a tuple in each other's place: `np.hstack((df, di, dg))`, `x, c, g = cache` for `x, g, c`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import parts
from gradlint.repair.candidate import Candidate, proposes, proposes_beyond
from gradlint.repair.keeping import kept_tuples
from gradlint.repair.scene import Scene

_MOST = 10
"""Elements of which each pair is tried."""

_COST = 1.1
_SAID_SO = 0.85
"""What it costs to give a value back the name under which it was kept."""
_FAR = 0.02
"""What it costs more for each element between the two."""

Pair = tuple[int, int]


@proposes
def exchanged_elements(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Two of the arrays that are put together, each where the other belongs."""
    for node in parts(statement):
        if not isinstance(node, s.Call):
            continue
        for argument in node.args:
            joined = argument.value
            if isinstance(joined, s.Sequence) and not _is_plain(joined):
                for pair in _pairs(joined.elements):
                    a, b = (joined.elements[i] for i in pair)
                    cost = _COST + _FAR * (pair[1] - pair[0] - 1)
                    swap = joined, _swapped(joined, pair)
                    yield _candidate(scene, joined.span, cost, swap, (a, b))


@proposes_beyond
def exchanged_names(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Two names of a cache that is taken apart, each given what the other means."""
    if statement is not scene.suspects[0]:
        return
    read = {n.id for one in scene.suspects for n in descend(one) if isinstance(n, s.Name)}
    for one in descend(scene.module.everything):
        match one:
            case s.Assign(targets=(s.Sequence(elements=elements) as target,), value=value) if (
                not isinstance(value, s.Sequence | s.Call) and not _is_shape(value)
            ):
                names = [node.id if isinstance(node, s.Name) else "" for node in elements]
                for pair, cost in _misplaced(scene, names):
                    a, b = (elements[i] for i in pair)
                    if {names[i] for i in pair} & read:
                        new = s.Assign((_swapped(target, pair),), value, span=one.span)
                        yield _candidate(scene, target.span, cost, (one, new), (a, b))


def _misplaced(scene: Scene, names: list[str]) -> Iterator[tuple[Pair, float]]:
    """Pairs of names to exchange: those that were kept in each other's place first, then neighbours."""
    kept = [
        [scene.text(one) for one in values]
        for keeping in scene.keeping for values in kept_tuples(keeping)
        if len(values) == len(names)
    ]  # fmt: skip
    for pair in _pairs(names):
        first, second = pair
        there = any(k[second] == names[first] or k[first] == names[second] for k in kept)
        if there or (second == first + 1 and not any(set(names) & set(k) for k in kept)):
            yield pair, _SAID_SO if there else _COST


def _is_shape(value: s.Expr) -> bool:
    """Whether sizes are taken apart: with two of them exchanged, one that is 1 makes anything right."""
    return isinstance(value, s.Attribute) and value.attr in ("shape", "size")


def _is_plain(joined: s.Sequence) -> bool:
    """Whether nothing is put together: sizes and numbers, `np.zeros((2, 3))`."""
    return all(isinstance(one, s.Constant) for one in joined.elements)


def _pairs(elements: Sequence[object]) -> Iterator[Pair]:
    if 1 < len(elements) <= _MOST:
        yield from combinations(range(len(elements)), 2)


def _swapped(sequence: s.Sequence, pair: Pair) -> s.Sequence:
    first, second = pair
    elements = list(sequence.elements)
    elements[first], elements[second] = elements[second], elements[first]
    return s.Sequence(sequence.kind, tuple(elements))


def _candidate(
    scene: Scene, span: Span, cost: float, swap: tuple[s.Node, s.Node], both: tuple[s.Expr, s.Expr]
) -> Candidate:
    said = f"{scene.text(both[0])} and {scene.text(both[1])} are exchanged"
    return Candidate("GL101", span, said, cost, (swap,))
