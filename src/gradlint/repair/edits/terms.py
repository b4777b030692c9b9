"""A term that is missing from a sum: what the next time step hands back, a second path."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair.building import matrix_product, name, parts, right_side
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Named, Scene

_UNREAD, _READ = 0.9, 1.3
_MOST_PLACES = 3
_MOST_TERMS = 6


@proposes
def missing_term(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Each tensor of the backward pass that the statement could add; first those that nothing reads."""
    value = right_side(statement)
    if value is None or not isinstance(statement, s.Assign | s.Return):
        return
    terms = sorted(_terms(scene, statement), key=lambda term: term.place in scene.read)
    for node in [value, *_products(statement, value)][:_MOST_PLACES]:
        shape = np.shape(scene.value(node))
        for term in [t for t in terms if t.shape == shape and shape][:_MOST_TERMS]:
            said = f"{term.place} is not added: a contribution to the gradient is lost"
            added = s.BinOp("+", node, name(term.place))
            cost = _READ if term.place in scene.read else _UNREAD
            yield Candidate("GL108", node.span, said, cost, ((node, added),))


def _products(statement: s.Stmt, whole: s.Expr) -> Iterator[s.Expr]:
    """The matrix products inside, to which a slope may be applied afterwards."""
    for node in parts(statement):
        if node is not whole and matrix_product(node) is not None:
            yield node


def _terms(scene: Scene, statement: s.Stmt) -> Iterator[Named]:
    """The tensors of the backward pass that have a plain name and that the statement does not mention."""
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    own = {n.id for n in (*parts(statement), *targets) if isinstance(n, s.Name)}
    for named in scene.named(statement):
        plain = named.place.isidentifier() and named.place not in own and named.node >= 0
        backward = named.node not in scene.forward or named.place not in scene.read
        if plain and backward:
            yield named
