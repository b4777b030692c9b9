"""Products: `*` against the matrix product, transposes, the order of the operands."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import (
    matrix_product,
    parts,
    product,
    transposed,
    untransposed,
)
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene


@proposes
def product_kind(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`*` for the matrix product, and the other way round."""
    for node in parts(statement):
        operands = matrix_product(node)
        if operands is not None:
            said = "a matrix product stands where an elementwise product belongs"
            swap = (node, s.BinOp("*", *operands))
            yield Candidate("GL109", node.span, said, 1.4, (swap,))
        elif isinstance(node, s.BinOp) and node.op == "*":
            for left, right, turns in _orientations(node.left, node.right, scene):
                said = "an elementwise product (*) stands where a matrix product belongs"
                matrix = product(left, right, scene.dialect)
                yield Candidate("GL109", node.span, said, 1.4 + 0.1 * turns, ((node, matrix),))


def _orientations(
    left: s.Expr, right: s.Expr, scene: Scene
) -> Iterator[tuple[s.Expr, s.Expr, int]]:
    for a, turned_a in ((left, 0), (_toggled(left, scene), 1)):
        for b, turned_b in ((right, 0), (_toggled(right, scene), 1)):
            yield a, b, turned_a + turned_b
            yield b, a, turned_a + turned_b + 1


def _toggled(node: s.Expr, scene: Scene) -> s.Expr:
    """The transpose of an operand, or the operand of a transpose."""
    plain = untransposed(node)
    return transposed(node, scene.dialect) if plain is None else plain


@proposes
def transpose(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A transpose missing or one too many in a matrix product."""
    for node in parts(statement):
        operands = matrix_product(node)
        if operands is None:
            continue
        left, right = operands
        for operand in (left, right):
            toggled = _toggled(operand, scene)
            missing = untransposed(operand) is None
            text = scene.text(operand)
            said = (
                f"{text} must be transposed here" if missing else f"{text} must not be transposed"
            )
            yield Candidate("GL110", operand.span, said, 1.0, ((operand, toggled),))
        both = product(_toggled(left, scene), _toggled(right, scene), scene.dialect)
        yield Candidate(
            "GL110", node.span, "both operands are transposed wrongly", 1.6, ((node, both),)
        )


@proposes
def operand_order(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The operands of a matrix product exchanged, with the transposes that this asks for."""
    for node in parts(statement):
        operands = matrix_product(node)
        if operands is None:
            continue
        left, right = operands
        for a, turned_a in ((right, 0), (_toggled(right, scene), 1)):
            for b, turned_b in ((left, 0), (_toggled(left, scene), 1)):
                swap = (node, product(a, b, scene.dialect))
                said = "the operands of the matrix product are in the wrong order"
                yield Candidate(
                    "GL112", node.span, said, 1.2 + 0.15 * (turned_a + turned_b), (swap,)
                )
