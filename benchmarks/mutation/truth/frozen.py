"""A parameter that stays where it is, by choice or by mistake: only what the text leaves over can tell."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

from mutation.truth.places import Array, Place


def only_freezes(places: Sequence[Place], right: Sequence[Array], mutant: Sequence[Array]) -> bool:
    """Whether whole parameters (all items of a list) stay where they are, and all others move as they did."""
    moves: dict[Place, bool] = {}
    for place, was, now in zip(places, right, mutant, strict=True):
        if np.any(now) and not np.allclose(now, was, rtol=1e-9, atol=0):
            return False
        moves[_name(place)] = moves.get(_name(place), False) or bool(np.any(now))
    return any(moves.values()) and not all(moves.values())


def _name(place: Place) -> Place:
    """The place without the numbers of items at its end."""
    while len(place) > 2 and isinstance(place[-1], int):
        place = place[:-1]
    return place


def leaves_over(right: str, mutant: str) -> bool:
    """Whether the mutant sets a name that nothing reads any more: it was to be used."""
    return bool(_unread(mutant) - _unread(right))


def _unread(text: str) -> set[str]:
    """The names and attributes that a script sets, themselves or items of them, and never reads."""
    nodes = list(ast.walk(ast.parse(text)))
    filled = [n.value for n in nodes if isinstance(n, ast.Subscript) and _is_set(n.ctx)]
    named = [n for n in nodes if isinstance(n, ast.Name | ast.Attribute)]
    set_ = {id(n) for n in named if _is_set(n.ctx)} | {id(n) for n in filled}
    return {_word(n) for n in named if id(n) in set_} - {
        _word(n) for n in named if id(n) not in set_
    }


def _is_set(context: ast.expr_context) -> bool:
    return isinstance(context, ast.Store)


def _word(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
