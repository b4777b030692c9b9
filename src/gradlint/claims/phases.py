"""Training loops that follow one another: each has its own steps and its own loss.

Steps outside of any loop are a training of their own where they come after a loop, and where they move
what was made only after the steps before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from gradlint.claims.rates import strip
from gradlint.tracing import Trace, Update

Stretch = tuple[int, int]
"""When a training loop began and when it was left, in nodes of the trace."""


def phase(trace: Trace, update: Update) -> int:
    """Which of the trainings an update belongs to: 0 for the first."""
    return sum(cut <= update.new for cut in _cuts(trace, len(trace.nodes), len(trace.updates)))


@lru_cache(maxsize=4)
def _cuts(trace: Trace, nodes: int, updates: int) -> tuple[int, ...]:
    """When each training but the first began; `nodes` and `updates` say how far the trace had grown."""
    loops = stretches(trace)
    cuts = {start for start, _ in loops[1:]} | set(_fresh(trace, loops))
    cuts |= {update.new for update in (*_anew(trace, loops), *_repeated(trace))}
    for i, (_, end) in enumerate(loops):
        following = loops[i + 1][0] if i + 1 < len(loops) else nodes
        if any(end <= update.new < following for update in trace.updates):
            cuts.add(end)
    if loops and (_is_other(trace, loops[0][0]) or _starts_anew(trace, loops[0])):
        cuts.add(loops[0][0])
    return tuple(sorted(cuts))


def stretches(trace: Trace) -> list[Stretch]:
    """The outermost training loops; one inside another, by its text or when it ran, does not count."""
    found: list[tuple[tuple[str, int], tuple[str, int], Stretch]] = []
    for loop, start in sorted(trace.rounds, key=lambda round_: round_[1]):
        first, last = (loop.span.file, loop.span.line), (loop.span.file, loop.span.end_line)
        end = trace.ends.get(id(loop), len(trace.nodes))
        if not any((a <= first and last <= b) or start < over[1] for a, b, over in found):
            found.append((first, last, (start, end)))
    return [stretch for *_, stretch in found]


def _fresh(trace: Trace, loops: list[Stretch]) -> Iterator[int]:
    """The steps outside of any loop that move what was made after the steps before them."""
    roots, latest = _roots(trace), -1
    for update in trace.updates:
        if any(start <= update.new < end for start, end in loops):
            continue
        if 0 <= latest < roots[update.new]:
            yield update.new
        latest = update.new


def _anew(trace: Trace, loops: list[Stretch]) -> Iterator[Update]:
    """The steps outside of any loop along a gradient that was worked out anew after the step before."""
    latest: dict[int, Update] = {}
    roots = _roots(trace)
    for update in trace.updates:
        if any(start <= update.new < end for start, end in loops):
            continue
        before = latest.get(roots[update.new])
        latest[roots[update.new]] = update
        if before is None:
            continue
        along = [strip(trace, node).node for _, node in update.change]
        if trace.depends([node for node in along if node != before.new], before.new):
            yield update


def _repeated(trace: Trace) -> Iterator[Update]:
    """The steps of a round whose forward pass was computed again with what the step before made."""
    latest: dict[int, Update] = {}
    for update in trace.updates:
        before = latest.get(update.old)
        latest[update.new] = update
        if before is not None and before.statement is update.statement:
            first = _applied(trace, before, before.old)
            if first and first & _applied(trace, update, before.new):
                yield update


def _applied(trace: Trace, update: Update, parameter: int) -> set[int]:
    """The expressions, by identity, that use a parameter on the way to the gradient of a step."""
    above = trace.ancestors((node for _, node in update.change), since=parameter)
    made = (trace.nodes[node] for node in above)
    return {id(node.expr) for node in made if node.expr is not None and parameter in node.inputs}


def _is_other(trace: Trace, start: int) -> bool:
    """Whether the steps before the first loop, if there are any, move nothing that later ones move."""
    roots = _roots(trace)
    before = {roots[update.new] for update in trace.updates if update.new < start}
    later = {roots[update.new] for update in trace.updates if update.new >= start}
    return bool(before) and not before & later


def _starts_anew(trace: Trace, loop: Stretch) -> bool:
    """Whether the first loop steps along what it works out from parameters that a step before it moved."""
    start, end = loop
    moved = {update.new for update in trace.updates if update.new < start}
    along = [
        strip(trace, node).node for update in trace.updates if start <= update.new < end
        for _, node in update.change if node not in moved
    ]  # fmt: skip
    return any(trace.depends(along, node) for node in moved)


def _roots(trace: Trace) -> dict[int, int]:
    """The node of each parameter before its first step, by every node that it became."""
    roots: dict[int, int] = {}
    for update in trace.updates:
        roots[update.new] = roots.get(update.old, update.old)
    return roots


def turned_back(trace: Trace) -> set[int]:
    """The parameters that a later step moves against the first: somebody shows what a step does."""
    roots, firsts, found = _roots(trace), dict[int, float](), set[int]()
    for update in trace.updates:
        if len(update.change) == 1:
            [(factor, node)] = update.change
            way = factor * strip(trace, node).factor(trace)
            root = roots[update.new]
            if way * firsts.setdefault(root, way) < 0:
                found.add(root)
    return found


def later_steps(trace: Trace) -> list[Update]:
    """Steps of parameters that an earlier training has moved already: these are not judged."""
    firsts: dict[int, Update] = {}
    found: list[Update] = []
    for update in trace.updates:
        first = firsts.get(update.old, update)
        firsts[update.new] = first
        if phase(trace, first) != phase(trace, update):
            found.append(update)
    return found
