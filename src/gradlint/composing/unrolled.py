"""Whether what a loop made may be written out round by round."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.composing.aim import Aim
from gradlint.composing.target import Underivable
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import explore

_MOST = 6
"""Rounds: a few layers. More are written as a loop, or not at all."""


def active_loops(aim: Aim) -> Iterator[s.For | s.While]:
    """The loops that make something on the way to the loss, in more than one round."""
    nodes = aim.goal.trace.nodes
    made = {id(nodes[n].statement) for n in aim.goal.truth.of}
    for loop in descend(aim.walked.everything):
        if not isinstance(loop, s.For | s.While) or aim.goal.trace.counts.get(id(loop), 0) < 2:
            continue
        if any(id(n) in made for n in descend(loop.body)):
            yield loop


def expect_few_numbers(aim: Aim) -> None:
    """See that the parameters are not single numbers in lists of lists: no loop is written over those.

    Raises:
        Underivable: they are, and too many to be written one by one.
    """
    deep = [
        place for place, node in aim.goal.parameters.items()
        if place.count("[") > 2 and not aim.goal.trace.nodes[node].shape
    ]  # fmt: skip
    if len(deep) > _MOST:
        raise Underivable(
            f"the {len(deep)} parameters ({deep[0]} and others) are single numbers inside of lists of lists: "
            "keep the weights of a layer in one array, of which the gradient is one line"
        )


def expect_few_rounds(aim: Aim) -> None:
    """See that each loop on the way makes a few rounds, and as many at the sizes of the script.

    Raises:
        Underivable: one makes more, or as many as the data are large.
    """
    loops = list(active_loops(aim))
    if not loops:
        return
    full = explore(aim.walked, modes=("own",)).trace
    for loop in loops:
        rounds = aim.goal.trace.counts[id(loop)]
        if rounds > _MOST or full.counts.get(id(loop)) != rounds:
            raise Underivable(f"a loop has to take back what this one makes ({loop.span.told})")
