"""How the loss depends on a parameter, tensor by tensor."""

from __future__ import annotations

from gradlint.deriving.stepwise import above
from gradlint.explaining.lesson import Route
from gradlint.explaining.lessons import Derived

_LONGEST = 14


def routes(derived: Derived) -> tuple[Route, ...]:
    """The way from the loss to each parameter, in the order in which their gradients are derived."""
    goal = derived.goal
    tops = {max(goal.alike(node)): node for node in (*derived.handed, *derived.order)}
    over = {tops[top]: {tops[n] for n in found} for top, found in above(goal, set(tops))}
    return tuple(_route(derived, node, over) for node in derived.shown if node in derived.roots)


def _route(derived: Derived, parameter: int, over: dict[int, set[int]]) -> Route:
    way, node = [parameter], parameter
    while over.get(node):
        node = min(over[node])
        way.append(node)
    loss = "loss" if derived.handed else derived.goal.loss
    places = [loss, *(derived.called(n) for n in reversed(way))]
    if len(places) > _LONGEST:
        half = _LONGEST // 2
        places = [*places[:half], "...", *places[-half:]]
    on = _reached(parameter, over)
    steps = tuple(i for i, n in enumerate(derived.shown, 1) if n in on)
    return Route(derived.names[parameter], tuple(places), _ways(parameter, over, {}) - 1, steps)


def _reached(node: int, over: dict[int, set[int]]) -> set[int]:
    """All steps on the ways from the loss to a node, its own among them."""
    found, stack = set[int](), [node]
    while stack:
        current = stack.pop()
        if current not in found:
            found.add(current)
            stack += over.get(current, ())
    return found


def _ways(node: int, over: dict[int, set[int]], known: dict[int, int]) -> int:
    if node not in known:
        known[node] = sum(_ways(n, over, known) for n in over.get(node, ())) or 1
    return known[node]
