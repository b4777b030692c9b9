"""Another list, or another place in it: `zs[-l]` for `activations[-l]`, `a[k - 1]` for `a[k]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import name, number, parts
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text

_ITEM = re.compile(r"^(?P<holder>.+)\[(?P<index>-?\d+)\]$")


@proposes
def another_list(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The list whose item the statement takes, replaced by each other list of tensors in sight."""
    lasts = _last_items(scene, statement)
    for node in _items(statement):
        holder = text(node.value)
        for other in lasts:
            if holder not in lasts or other == holder:
                continue
            pair = scene.activation_pair(lasts[holder], lasts[other])
            written = f"{scene.text(node)}"
            said = f"{written} stands where an item of {other} belongs"
            if pair:
                said = (
                    f"the slope of the activation is taken at {written}, not at its item of {other}"
                )
            code, cost = ("GL106", 0.9) if pair else ("GL101", 1.2)
            yield Candidate(code, node.span, said, cost, ((node.value, name(other)),))
            if pair:  # a list of outputs begins with the input, that of the sums does not
                before = s.Subscript(name(other), s.BinOp("-", node.index, number(1)))
                yield Candidate(code, node.span, said, cost, ((node, before),))


@proposes
def neighbouring_item(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The item before or after the one that the statement takes."""
    lasts = _last_items(scene, statement)
    for node in _items(statement):
        if text(node.value) not in lasts:
            continue
        for op in ("-", "+"):
            moved = s.BinOp(op, node.index, number(1))
            said = f"{scene.text(node)} is the wrong item of {text(node.value)}"
            yield Candidate("GL101", node.span, said, 1.2, ((node.index, moved),))


def _items(statement: s.Stmt) -> Iterator[s.Subscript]:
    """Subscripts by an index that is calculated; one that is a number names a tensor of its own."""
    for node in parts(statement):
        if (
            isinstance(node, s.Subscript)
            and isinstance(node.value, s.Name | s.Attribute)
            and isinstance(node.index, s.Name | s.BinOp | s.UnaryOp)
        ):
            yield node


def _last_items(scene: Scene, statement: s.Stmt) -> dict[str, int]:
    """The lists of tensors that the statement can name, with the node of the last item of each."""
    found: dict[str, int] = {}
    for named in scene.named(statement):
        item = _ITEM.match(named.place)
        if item is not None and named.node >= 0:
            found[item["holder"]] = named.node
    return found
