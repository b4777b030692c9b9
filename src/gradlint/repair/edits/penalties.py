"""The regularisation term of the gradient: missing, or with the wrong factor."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import name, number, right_side
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Named, Scene
from gradlint.repair.sizes import known_sizes


@proposes
def missing_penalty(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`+ reg * W` that the loss asks for and the gradient lacks."""
    value = right_side(statement)
    if value is None or not isinstance(statement, s.Assign):
        return
    strengths = [n for n in scene.named(statement) if isinstance(n.value, float) and n.value > 0]
    for claim, found in zip(scene.case.claims, scene.judgement.comparisons, strict=True):
        if not found.decay:
            continue
        for cost, term in _penalties(scene, statement, strengths[:6], claim.place):
            said = f"the regularisation of {claim.place} is in the loss but not in its gradient"
            swap = (value, s.BinOp("+", value, term))
            yield Candidate("GL203", value.span, said, cost, (swap,))


def _penalties(
    scene: Scene, statement: s.Stmt, strengths: list[Named], place: str
) -> Iterator[tuple[float, s.Expr]]:
    """`reg * W`, `2 * reg * W`, `reg / m * W`, with what each costs."""
    for strength in strengths:
        plain: s.Expr = name(strength.place)
        yield 1.0, s.BinOp("*", plain, name(place))
        yield 1.1, s.BinOp("*", s.BinOp("*", number(2), plain), name(place))
        for size in known_sizes(scene, statement):
            yield 1.2, s.BinOp("*", s.BinOp("/", plain, size.expr), name(place))


@proposes
def wrong_penalty(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`reg * W` whose factor is not the one that the loss gives."""
    value = right_side(statement)
    places = {
        claim.place
        for claim, found in zip(scene.case.claims, scene.judgement.comparisons, strict=True)
        if found.decay
    }
    if value is None:
        return
    for term in _addends(value):
        if not isinstance(term, s.BinOp) or term.op != "*" or not _mentions(scene, term, places):
            continue
        for swapped in (s.BinOp("*", number(2), term), s.BinOp("/", term, number(2)), term.right):
            said = f"the regularisation term {scene.text(term)} has the wrong factor"
            yield Candidate("GL203", term.span, said, 0.7, ((term, swapped),))


def _addends(value: s.Expr) -> Iterator[s.Expr]:
    if isinstance(value, s.BinOp) and value.op in "+-":
        yield from _addends(value.left)
        yield from _addends(value.right)
    else:
        yield value


def _mentions(scene: Scene, term: s.Expr, places: set[str]) -> bool:
    return any(place in scene.text(term) for place in places)
