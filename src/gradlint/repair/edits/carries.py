"""A gradient that each time step hands to the one before, and that a loop never passes on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as pairs_of
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.free_names import bound_names
from gradlint.reading.walking import descend
from gradlint.repair.building import name, parts, product, times, transposed
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Named, Scene

_COST = 0.5
_LATER = 0.02
"""What each way to write it costs more than the one before."""
_MOST = 24
"""Ways to write what is passed on that are tried for one carry."""


@proposes_beyond
def never_passed_on(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`dh = dy @ Wy.T + dh_next` where `dh_next` stays zero: `dh_next = dz @ Wh.T` at the loop's end."""
    loop = next(reversed(scene.loops.get(id(statement), [])), None)
    if loop is None:
        return
    for carried in _zeros(scene, statement):
        binds = [one for one in loop.body if carried.place in bound_names(one)]
        node = next(n for n in parts(statement) if isinstance(n, s.Name) and n.id == carried.place)
        said = f"{carried.place} stays zero: no step of the loop hands it on to the next"
        for number, value in enumerate(_values(scene, statement, loop, carried)[:_MOST]):
            cost = _COST + _LATER * number
            passed = s.Assign((s.Name(carried.place),), value)
            if not binds:
                swap = (loop.body, (*loop.body, passed))
                yield Candidate("GL108", node.span, said, cost, (swap,))
            elif (
                len(binds) == 1
                and isinstance(binds[0], s.Assign)
                and statement.span < binds[0].span
            ):
                swaps = ((binds[0].value, value),)
                yield Candidate("GL108", binds[0].value.span, said, cost, swaps)


def _zeros(scene: Scene, statement: s.Stmt) -> list[Named]:
    """The arrays of zeros with a plain name that a statement reads."""
    read = {n.id for n in parts(statement) if isinstance(n, s.Name)}
    return [
        named for named in scene.named(statement)
        if named.place in read and named.node >= 0 and named.shape and not np.any(named.value)
        and named.node not in scene.forward
    ]  # fmt: skip


def _values(scene: Scene, statement: s.Stmt, loop: s.For, carried: Named) -> list[s.Expr]:
    """What may be passed on, of the carry's shape: one of the loop's tensors through a weight or a factor."""
    made = _made(scene, loop, carried.place)
    shape, dialect = carried.shape, scene.dialect
    near = [named for named in scene.named(statement) if named.place.isidentifier()]
    found: list[s.Expr] = []
    for (place, value), weight in pairs_of(made, _weights(scene, statement)):
        for turned in (True, False):
            matrix = weight.value.T if turned else weight.value
            written = name(weight.place)
            written = transposed(written, dialect) if turned else written
            if _product_shape(value, matrix) == shape:
                found.append(product(name(place), written, dialect))
            if _product_shape(matrix, value) == shape:
                found.append(product(written, name(place), dialect))
    found += [part for place, value in made for part in _parts(place, np.shape(value), carried)]
    gates = [name(g.place) for g in near if g.node in scene.forward and g.shape == shape]
    gates = _items(scene, statement, loop, shape) + gates
    alike = [place for place, value in made if np.shape(value) == shape]
    gated = {place: [times(name(place), gate) for gate in gates] for place in alike}
    own = [one for place in alike if carried.place.startswith(place) for one in gated[place]]
    others = [one for place in alike for one in (*gated[place], name(place))]
    return own[: _MOST // 2] + found + others


def _items(scene: Scene, statement: s.Stmt, loop: s.For, shape: tuple[int, ...]) -> list[s.Expr]:
    """What the forward pass kept for each step, `f[t]`, of a carry's shape; what steps hand on, `c`, last."""
    if not isinstance(loop.target, s.Name):
        return []
    here, before = f"[{loop.target.id}]", f"[{loop.target.id} - 1]"
    visible = {named.place: named for named in scene.named(statement)}
    kept = [
        place.removesuffix(here) for place, named in visible.items()
        if place.endswith(here) and named.shape == shape and named.node in scene.forward
    ]  # fmt: skip
    kept.sort(key=lambda holder: holder + before in visible)
    return [name(holder + here) for holder in kept]


def _parts(place: str, shape: tuple[int, ...], carried: Named) -> Iterator[s.Expr]:
    """The first or the last rows or columns of a tensor, as many as the carry has: `dz[:dh.shape[0], :]`."""
    differ = [i for i, (n, m) in enumerate(zip(shape, carried.shape, strict=False)) if n != m]
    if len(shape) != len(carried.shape) or len(differ) != 1:
        return
    (axis,) = differ
    if shape[axis] < carried.shape[axis]:
        return
    size = s.Subscript(s.Attribute(s.Name(carried.place), "shape"), s.Constant(axis))
    for cut in (s.Slice(None, size, None), s.Slice(s.UnaryOp("-", size), None, None)):
        index = [s.Slice(None, None, None)] * len(shape)
        index[axis] = cut
        whole: s.Expr = index[0] if len(index) == 1 else s.Sequence("tuple", tuple(index))
        yield s.Subscript(s.Name(place), whole)


def _weights(scene: Scene, statement: s.Stmt) -> list[Named]:
    """The matrices among the parameters, as the statement can name them."""
    roots = {claim.root for claim in scene.claims}
    roots |= {u.new for claim in scene.claims for u in claim.updates}  # moved in place meanwhile
    named = (one for one in scene.named(statement) if one.node in roots and len(one.shape) == 2)
    return list({one.node: one for one in reversed(list(named))}.values())


def _made(scene: Scene, loop: s.For, carried: str) -> list[tuple[str, Any]]:
    """The tensors that the loop binds to names and that are no part of the forward pass, the last first."""
    inside = {id(one) for one in descend(loop.body) if isinstance(one, s.Assign)}
    found: dict[str, Any] = {}
    for store in reversed(scene.trace.stores):
        if store.new is None or store.new in scene.forward or id(store.statement) not in inside:
            continue
        value = scene.trace.value(store.new)
        if np.ndim(value) and store.place.isidentifier() and store.place != carried:
            found.setdefault(store.place, value)
    return list(found.items())


def _product_shape(left: Any, right: Any) -> tuple[int, ...] | None:
    a, b = np.shape(left), np.shape(right)
    return (*a[:-1], *b[1:]) if a and b and a[-1] == b[0] else None
