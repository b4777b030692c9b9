"""The claims of the plan found again in a replay, where the values are the script's own.

Reading claims off a trace leans on made-up values (a parameter is random, optimiser state is
zeros); at real values a parameter may start at zero and state be anything. So what a claim is, is
taken from the plan, and only its numbers from the replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.rates import strip
from gradlint.harness.readings import Unread
from gradlint.harness.walks import Walker
from gradlint.tracing import Trace, Update
from gradlint.tracing.updates import added_to_items


def claims_again(planned: Sequence[Claim], scout: Walker, replay: Walker) -> list[Claim | Unread]:
    """The claims `planned` (found by `scout`) with roots, updates, rates and values of `replay`.

    In the place of a claim whose update the replay did not reach stands the reason.
    """
    groups, known = by_root(replay.trace), by_root(scout.trace)
    found: list[Claim | Unread] = []
    for claim in planned:
        root = _match(claim, list(known), list(known).index(claim.root), groups)
        if root is None:
            stopped = replay.trace.stopped
            why = stopped.reason if stopped is not None else "its update stands elsewhere"
            found.append(Unread(f"this step could not be replayed: {why}"))
            continue
        again = replace(claim, root=root, updates=tuple(_same_steps(claim, groups[root])))
        try:
            found.append(_valued(again, claim, scout, replay))
        except Unread as reason:
            found.append(reason)
    return found


def by_root(trace: Trace) -> dict[int, list[Update]]:
    """The updates of each parameter, by the node that it was before the first."""
    groups: dict[int, list[Update]] = {}
    roots: dict[int, int] = {}
    for update in trace.updates:
        root = roots.setdefault(update.new, roots.get(update.old, update.old))
        groups.setdefault(root, []).append(update)
    return groups


def _match(
    claim: Claim, known: list[int], number: int, groups: dict[int, list[Update]]
) -> int | None:
    """The root of the parameter that these steps move first; later ones may be of another training."""
    firsts = {root: _same_steps(claim, updates) for root, updates in groups.items()}
    same = [root for root, made in firsts.items() if made]
    if len(groups) == len(known):
        root = list(groups)[number]
        return root if root in same else None
    places = {u.place for u in claim.updates}
    same = [root for root in same if {u.place for u in firsts[root]} == places]
    return same[0] if len(same) == 1 else None


def _same_steps(claim: Claim, updates: list[Update]) -> list[Update]:
    """The first of `updates`, as many as are those of `claim`; none where they are others.

    What one statement in a loop steps several times it steps as often as the loop runs here.
    """
    statements = [u.statement for u in claim.updates]
    made = [u.statement for u in updates]
    if len(set(statements)) == 1 < len(statements):
        count = next((i for i, one in enumerate(made) if one is not statements[0]), len(made))
        return updates[:count]
    return updates[: len(statements)] if made[: len(statements)] == statements else []


def _valued(again: Claim, claim: Claim, scout: Walker, replay: Walker) -> Claim:
    trace = replay.trace
    if claim.through_optimiser:
        node = _gradient_again(claim, scout, replay)
        factor = _factor(claim.value, scout.trace.value(claim.gradient))  # type: ignore[arg-type]
        return replace(again, gradient=node, value=factor * np.asarray(trace.value(node)))
    terms = [term for update in again.updates for term in update.change]
    rate = _rate(trace, again, terms)
    if claim.gradient is not None and len(terms) == 1:
        inner = strip(trace, terms[0][1])
        value = -terms[0][0] * inner.factor(trace) * np.asarray(trace.value(inner.node)) / rate
        return replace(again, gradient=inner.node, rate=rate, value=_fitted(value, again, trace))
    if all(update.change for update in again.updates):
        moved = -sum(factor * np.asarray(trace.value(node)) for factor, node in terms)
    else:
        moved = np.asarray(trace.value(again.root)) - np.asarray(trace.value(again.updates[-1].new))
    return replace(again, gradient=None, rate=rate, value=_fitted(moved / rate, again, trace))


def _rate(trace: Trace, claim: Claim, terms: list[tuple[float, int]]) -> float:
    made = [node for _, node in terms if node != claim.root]
    if not made:
        added = added_to_items(trace, claim.updates[0].new)
        if added is None:
            return 1.0
        made = [added]
    return strip(trace, made[0]).with_inner_rates(trace).rate(trace)


def _gradient_again(claim: Claim, scout: Walker, replay: Walker) -> int:
    """The gradient that is fed to the optimiser: the same value of the same expression."""
    key = scout.trace.keys.get(-1 if claim.gradient is None else claim.gradient)
    if key is not None:
        expr, number = key
        turn = replay.made[expr] - (scout.made[expr] - number)
        node = replay.trace.at((expr, turn))
        if node is not None:
            return node
    raise Unread("the gradient that is fed to the optimiser was not found")


def _factor(value: Any, node: Any) -> float:
    """The number by which `value` is `node`: a sign."""
    size = float(np.sum(np.square(node)))
    return float(np.sum(np.asarray(value) * np.asarray(node))) / size if size else 1.0


def _fitted(value: Any, claim: Claim, trace: Trace) -> Any:
    """`value` as it is added to the parameter, if it fits."""
    shape = trace.nodes[claim.root].shape
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        return np.asarray(value)
