"""Literals that count by the script's own sizes: `hs[2]` is the last of three steps, `i < 4` the last row,
and in `g / 32` stands the size of a batch.

At the small sizes of an analysis they mean something else. What is right at the script's own sizes is right;
what is found at small sizes stands only if it is wrong there too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gradlint.reading import syntax as s
from gradlint.reading.walking import constants, descend
from gradlint.rules.subject import Subject
from gradlint.tracing import Exploration, Facts, explore

Judge = Callable[[Exploration], list[Subject]]


def at_own_sizes(
    module: s.Module, explored: Exploration, found: list[Subject], judge: Judge
) -> list[Subject]:
    """What was found, or what is found at the script's own sizes where more is right there."""
    wrong = any(one.judgement is not None and not one.judgement.explained for one in found)
    if not wrong or explored.sizing == "own" or not _counts(module, explored.facts):
        return found
    own = explore(module, modes=("own",))
    if own.trace.stopped is not None:
        return found
    again = judge(own)
    return again if _right(again) > _right(found) else found


def _right(subjects: list[Subject]) -> tuple[int, int]:
    """How many gradients are right; of as many, against how many losses nothing speaks."""
    judged = [one.judgement for one in subjects if one.judgement is not None]
    return sum(j.right for j in judged), sum(j.explained for j in judged)


def _counts(module: s.Module, facts: Facts) -> bool:
    """Whether a literal that is no small size is one of the script's own, or the last index of one."""
    sizes = {own for site, own in facts.dimensions.items() if site in facts.sizes}
    if not sizes:
        return False
    nodes = list(descend(module.everything))
    indices = (
        node for one in nodes if isinstance(one, s.Subscript | s.Compare) for node in constants(one)
    )
    return any(
        id(node) not in facts.sizes and type(node.value) is int
        and (node.value in sizes or node.value + 1 in sizes)
        for node in indices
    ) or any(
        id(node) not in facts.sizes and type(node.value) is int and node.value in sizes
        for node in _factors(nodes)
    )  # fmt: skip


def _factors(nodes: Iterable[s.Node]) -> Iterator[s.Constant]:
    """The numbers that something is multiplied with or divided by."""
    products = (one for one in nodes if isinstance(one, s.BinOp) and one.op in ("*", "/"))
    sides = (side for one in products for side in (one.left, one.right))
    return (side for side in sides if isinstance(side, s.Constant))
