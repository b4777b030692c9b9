"""GL307 by what an optimiser does: whether its step turns and grows with the gradients as all do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.names import last_part
from gradlint.claims.optimiser_corrections import corrections
from gradlint.claims.optimiser_forms import Average, averages, power, responses
from gradlint.claims.optimiser_motion import Motion, degree, motion, step_turns, turns
from gradlint.reading import syntax as s
from gradlint.rules.optimiser_states import MEMORY
from gradlint.tracing import Store, Trace

_FAR = 0.1
"""How far a power may be from a whole number: an epsilon bends it a little."""

Slip = tuple[s.Stmt, str]


def slips(trace: Trace, claim: Claim) -> Iterator[Slip]:
    """What is odd in the motion of a parameter, the most telling first."""
    found = averages(trace, claim)
    for average in found:
        yield from _exchanged(trace, claim, average)
    moved = motion(trace, claim)
    if moved is None:
        return
    step = claim.updates[0].statement
    turn = step_turns(moved)
    if turn != 1:
        yield from _mixed(moved, claim)
    if turn is None:
        yield from _rooted(moved, claim)
    if turn == -1:
        yield _squared(trace, claim, found) or _even(moved) or step, _tells_even(claim)
    grown = degree(moved) if turn == 1 else None
    if grown is not None and min(abs(grown), abs(grown - 1.0)) > _FAR:
        yield step, _tells_growth(claim, grown)
    yield from _corrected(moved, claim, found)


def _exchanged(trace: Trace, claim: Claim, average: Average) -> Iterator[Slip]:
    """An average that keeps and takes in by the same rate, or keeps what it should take in."""
    place, statement = average.store.place, average.store.statement
    if trace.nodes[average.new].op not in ("add", "subtract"):
        return
    for one in responses(trace, claim, average):
        rate = last_part(one.name)
        if one.value > 0.5 and abs(one.kept - one.added) < _FAR and abs(one.kept) > 1 - _FAR:
            yield (
                statement,
                (
                    f"{place} keeps {average.kept:.3g} of itself and takes in {average.added:.3g} of what is "
                    f"new: an average keeps {rate} = {one.value:g} and takes in 1 - {rate}."
                ),
            )
        elif one.value > 0.5 and one.kept < _FAR - 1 and MEMORY.search(rate):
            yield (
                statement,
                (
                    f"{rate} and 1 - {rate} are exchanged: {place} keeps only {average.kept:.3g} of "
                    f"itself at each step, where it should keep {one.value:g}."
                ),
            )


def _mixed(moved: Motion, claim: Claim) -> Iterator[Slip]:
    """The first value of which a part turns with the gradient and a part does not."""
    for store in _stores(moved):
        if store.new is not None and turns(moved, store.new) == 0:
            still = _still(moved, store.new)
            what = f"{still} does not" if still else "a part of it does not"
            yield (
                store.statement,
                (
                    f"{store.place} should turn round with {claim.name}, but {what}: another moment "
                    "belongs there."
                ),
            )
            return


def _still(moved: Motion, node: int) -> str | None:
    """A named part of a value that does not change where all gradients turn round."""
    trace = moved.trace
    names = {old: trace.stores_of(old)[0].place for old, _ in moved.carried if trace.stores_of(old)}
    inputs = trace.ancestors([node], since=min(names, default=node))
    return next((names[i] for i in inputs if i in names and turns(moved, i) == -1), None)


def _stores(moved: Motion) -> list[Store]:
    """What is stored between the gradient and the step, in order, entry by entry."""
    held = frozenset({moved.fed, *(old for old, _ in moved.carried)})
    behind = set(moved.trace.ancestors(node for _, node in moved.terms))
    behind |= set(moved.trace.ancestors(new for _, new in moved.carried))
    reached = moved.trace.made_from(held) & behind
    return [store for store in moved.trace.stores if store.new in reached]


def _even(moved: Motion) -> s.Stmt | None:
    """Where the factor of the step that does not turn was made, if that was after the states."""
    renewed = {new for _, new in moved.carried}
    for store in _stores(moved):
        entry = moved.trace.nodes[store.new or 0]
        named = store.new not in renewed and entry.op in ("multiply", "divide")
        if named and turns(moved, entry.id) == -1 and _is_factor(moved, entry.id):
            return store.statement
    return None


def _squared(trace: Trace, claim: Claim, found: list[Average]) -> s.Stmt | None:
    """Where the second of two second moments is made, of which the step is a multiple."""
    if sum(average.degree == 2 for average in found) < 2:
        return None
    factors = (a for a in found if (power(trace, claim, a) or 0.0) > 1 - _FAR)
    return next((average.store.statement for average in factors), None)


def _rooted(moved: Motion, claim: Claim) -> Iterator[Slip]:
    """A root of what has both signs, since it is made from the gradient and not from its square."""
    for node in sorted(moved.trace.ancestors(node for _, node in moved.terms)):
        entry = moved.trace.nodes[node]
        if (
            entry.op == "sqrt"
            and turns(moved, entry.inputs[0]) == 1
            and entry.statement is not None
        ):
            stores = moved.trace.stores_of(entry.inputs[0])
            place = f"{stores[-1].place}, which" if stores else "what"
            yield (
                stores[-1].statement if stores else entry.statement,
                (
                    f"the root is taken of {place} turns round with {claim.name}: a mean of squares "
                    "belongs there."
                ),
            )


def _is_factor(moved: Motion, node: int) -> bool:
    """Whether the step is a multiple of a value: it is not under a root, nor what divides."""
    stack, seen = [n for _, n in moved.terms], set[int]()
    while stack:
        one = stack.pop()
        if one == node:
            return True
        if one in seen:
            continue
        seen.add(one)
        entry = moved.trace.nodes[one]
        if entry.op in ("multiply", "negative", "copy"):
            stack += entry.inputs
        elif entry.op == "divide":
            stack.append(entry.inputs[0])
    return False


def _tells_even(claim: Claim) -> str:
    return (
        f"the step of {claim.place} stays the same where {claim.name} turns round: it is made from the "
        f"square of {claim.name} where the first moment belongs."
    )


def _tells_growth(claim: Claim, grown: float) -> str:
    times = f"{10.0**grown:.3g}"
    return (
        f"where {claim.name} is 10 times as large, the step of {claim.place} is {times} times as large: "
        "it should be 10 times (momentum) or the same (divided by the root of a second moment)."
    )


_SAID = {
    "none": "{name} is not corrected for its start at zero, but the other moment is",
    "other": "the bias of {name} is corrected with the rate of the other moment",
    "plus": "{name} is divided by 1 + {rate:g} ** t: its bias after t steps is 1 - {rate:g} ** t",
    "times": "{name} is multiplied by 1 - {rate:g} ** t: it should be divided by it",
}


def _corrected(moved: Motion, claim: Claim, found: list[Average]) -> Iterator[Slip]:
    """Moments whose bias is corrected otherwise than by `1 - beta ** t`, both of them."""
    pair = [next((a for a in found if a.degree == n), None) for n in (1, 2)]
    if pair[0] is None or pair[1] is None:
        return
    ways = corrections(moved, pair[0], pair[1])
    if ways is None or set(ways) == {"none"}:
        return
    for average, way in zip(pair, ways, strict=True):
        if average is not None and way != "right":
            said = _SAID[way].format(name=average.store.place, rate=average.kept)
            where = None if way == "none" else _scaled(moved, average)
            yield where or claim.updates[0].statement, f"{said}."


def _scaled(moved: Motion, average: Average) -> s.Stmt | None:
    """The statement in which a renewed moment is multiplied or divided by a number."""
    for node in moved.trace.nodes[average.new :]:
        scales = node.op in ("multiply", "divide") and average.new in node.inputs
        others = [i for i in node.inputs if i != average.new]
        if scales and all(np.size(moved.trace.value(i)) == 1 for i in others):
            return node.statement
    return None
