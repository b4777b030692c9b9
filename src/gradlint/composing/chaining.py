"""Loops each of whose rounds has a loss of its own, made from what the round before computed."""

from __future__ import annotations

from collections.abc import Collection

from gradlint.composing.target import Target, Underivable, made_of
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Exploration

_ADD_UP = (
    "each round of the loop in {} builds on the one before, so that the gradient of {} goes through all of "
    "them: add the losses of the rounds up in one name (`total += ...`)"
)


def expect_rounds_apart(
    module: s.Module, explored: Exploration, target: Target, once: Collection[int]
) -> None:
    """See that the innermost loop around the loss, if it is derived for one round, carries no state.

    The outermost loop may: what a training carries from one step to the next is a number to the next.

    Raises:
        Underivable: it does; the gradients of a round by itself would be those of its last part only.
    """
    trace = explored.trace
    loops = [n for n in descend(module.body) if isinstance(n, s.For) and id(n) in once]
    around = [n for n in loops if any(x is target.statement for x in descend(n.body))]
    losses = [
        x.new for x in trace.stores
        if x.statement is target.statement and x.place == target.loss and x.new is not None
    ]  # fmt: skip
    if len(around) < 2 or len(losses) < 2 or id(around[-1]) in explored.facts.training_loops:
        return
    loop = around[-1]
    inside = {id(n) for n in descend(loop.body)}
    roots = {node for node in map(trace.at, target.parameters.values()) if node is not None}
    felt = made_of(trace, roots) - roots
    before = {n for n in trace.ancestors([losses[1]]) if n < losses[0]} & felt
    if any(id(trace.nodes[n].statement) in inside for n in before):
        raise Underivable(_ADD_UP.format(loop.span.told, target.loss))
