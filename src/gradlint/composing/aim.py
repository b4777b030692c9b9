"""The goal of a script that may have no backward pass, with what its code can name after the loss."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradlint.claims import LossSpec, locate
from gradlint.composing.anchored import anchored
from gradlint.composing.sizing import told_apart
from gradlint.composing.target import (
    SEVERAL,
    NoSuchParameter,
    Target,
    Underivable,
    loss_store,
    made_parameters,
)
from gradlint.deriving.goal import Goal
from gradlint.judging import choose, split, truth, walk_case
from gradlint.judging.case import POINTS, Case, Point
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Exploration, Facts, Store, Trace, Traced, explore, retrace
from gradlint.tracing.facts import SiteKey


@dataclass(frozen=True, eq=False)
class Aim:
    """`visible` is what a statement behind the loss can name; `case` is the script with its own steps.

    `after` is the statement behind which the loss is known: that stores it, or the loop that adds it up.
    `walked` is the module of which the traces of the goal are walks, `anchor` the statement behind the loss.
    `inside`: the loss was looked for in functions first.
    """

    goal: Goal
    target: Target
    visible: dict[str, Traced]
    case: Case
    after: s.Stmt
    walked: s.Module
    anchor: s.Stmt
    inside: bool


def aim_at(
    module: s.Module, wanted: Sequence[str] = (), called: str | None = None, inside: bool = False,
    written: Collection[str] = (),
) -> Aim:  # fmt: skip
    """Where the script's loss is, what its parameters are, and the true gradients.

    `wanted` are places that are to be parameters; without them they are found. `called` is the name of
    the loss, if that is known; `inside`: it is looked for in functions first. The lines `written` are no
    steps, though `dz = dz + ...` may look like one.

    Raises:
        Underivable: there is no loss, no parameter, or no way between the two.
        NoSuchParameter: one of `wanted` is not there.
    """
    explored = explore(module)
    trace = explored.trace
    idle = not trace.updates and not trace.claimed
    case = _unmoved(module, explored) if idle else walk_case(module, explored.facts)
    target = _target(module, explored, case, wanted, (called, inside))
    once = _training_loops(module, explored, target)
    after = _behind_its_loops(module, target.statement, once)
    walked, anchor = anchored(module, after, once)
    facts = explore(walked).facts
    facts.parameters |= set(target.parameters.values())
    facts.updates -= {
        id(n) for n in descend(walked.body)
        if isinstance(n, s.Assign | s.AugAssign) and walked.excerpt(n.span) in written
    }  # fmt: skip
    own, facts.sizes = facts.sizes, told_apart(walked, facts)
    first = retrace(walked, facts, 0, watched=frozenset([id(anchor)]), frozen=True)
    if not any(x.statement is target.statement and x.new is not None for x in first.trace.stores):
        facts.sizes = own
    walks = [
        retrace(walked, facts, seed, watched=frozenset([id(anchor)]), frozen=True)
        for seed in range(POINTS)
    ]
    visible = walks[0].visible.get(id(anchor))
    if visible is None:
        raise Underivable(f"the walk does not come to the loss ({target.statement.span.told})")
    goal = _goal(module, target, [walk.trace for walk in walks], facts)
    there = _as_they_were(visible, goal.trace, target.statement)
    return Aim(goal, target, there, case, after, walked, anchor, inside)


def _as_they_were(visible: dict[str, Traced], trace: Trace, statement: s.Stmt) -> dict[str, Traced]:
    """The tensors behind `statement`, before the old backward pass changed some of them in place."""
    now = max(x.time for x in trace.stores if x.statement is statement)
    found: dict[str, Traced] = {}
    for place, tensor in visible.items():
        stores = (x.new for x in reversed(trace.stores) if x.place == place and x.time <= now)
        node = tensor.id if tensor.id < now else next(stores, None)
        if node is not None:
            value = tensor.value if node == tensor.id else trace.value(node)
            found[place] = Traced(node, value, tensor.library)
    return found


def _unmoved(module: s.Module, explored: Exploration) -> Case:
    """A case without claims: nothing in the script moves."""
    return Case(module, explored.facts, [Point(explored.trace, explored.trace, [], [])])


def _target(
    module: s.Module,
    explored: Exploration,
    case: Case,
    wanted: Sequence[str],
    told: tuple[str | None, bool],
) -> Target:
    claimed = _claimed(case)
    trace = case.trace if claimed else explored.trace
    spec = _judged(case) if claimed and told == (None, False) else None
    store = _stored(case.trace, spec) if spec is not None else None
    if spec is not None and store is None:
        known = _with_added(module, case, spec, claimed)
        return Target(_last_forward(case, spec), spec.name, _sites(trace, known), spec)
    store = store or loss_store(module, trace, claimed.values(), *told)
    assert store.new is not None
    known = _united(claimed, made_parameters(module, trace, store.new, claimed))
    places = {place: known.get(place) or _held(trace, place, store.new) for place in wanted}
    for place, node in places.items():
        if node is None:
            raise NoSuchParameter(place, list(known))
    sites = _sites(trace, places or known)
    if not sites:
        raise Underivable(f"{store.place} is made from no parameter: name them with --parameter")
    return Target(store.statement, store.place, sites)


def _claimed(case: Case) -> dict[str, int]:
    """What the steps move, by place.

    Raises:
        Underivable: two objects have a parameter of one name.
    """
    found: dict[str, int] = {}
    for one in case.claims:
        if one.root not in case.trace.keys:
            continue
        if found.setdefault(one.place, one.root) != one.root and "." in one.place:
            raise Underivable(SEVERAL.format(one.place, one.statement.span.told))
    return found


def _sites(trace: Trace, nodes: Mapping[str, int | None]) -> dict[str, SiteKey]:
    return {p: trace.keys[n] for p, n in nodes.items() if n is not None and n in trace.keys}


def _with_added(
    module: s.Module, case: Case, spec: LossSpec, claimed: dict[str, int]
) -> dict[str, int]:
    """What the steps move, and the parameters of a layer that was added since."""
    loss = locate(case.trace, spec, list(claimed.values()))
    if loss is None:
        return claimed
    return _united(claimed, made_parameters(module, case.trace, loss, claimed))


def _judged(case: Case) -> LossSpec | None:
    """The loss that the steps of the script descend; None if no step descends it and no line says it."""
    judgement, _ = choose(split(case)[0])
    if judgement is None or (judgement.right == 0 and not judgement.spec.is_written):
        return None
    return judgement.spec


def _stored(trace: Trace, spec: LossSpec) -> Store | None:
    """The store of a loss that is a number under a name before the parameters move."""
    if spec.family != "written":
        return None
    first = min((update.new for update in trace.updates), default=len(trace.nodes))
    named = (
        x for x in trace.stores
        if x.statement.span == spec.span and x.place == spec.name and x.time <= first
    )  # fmt: skip
    return next(named, None)


def _last_forward(case: Case, spec: LossSpec) -> s.Stmt:
    """The last statement that stores something on the way from the parameters to the loss.

    Raises:
        Underivable: there is none.
    """
    point = case.points[0]
    roots = point.known
    loss = locate(point.frozen, spec, roots)
    between = set() if loss is None else set(truth(point.frozen, loss, roots).of) - set(roots)
    stores = [x for x in point.frozen.stores if x.new in between]
    first = _first_step(case)
    early = [x for x in stores if x.time < first] or stores
    if not early:
        raise Underivable(f"nothing on the way to {spec.name} has a name ({spec.span.told})")
    return early[-1].statement


def _first_step(case: Case) -> int:
    """When the first parameter moved."""
    moved = {id(update.statement) for update in case.trace.updates}
    times = (x.time for x in case.points[0].trace.stores if id(x.statement) in moved)
    return min(times, default=len(case.trace.nodes))


def _held(trace: Trace, place: str, loss: int) -> int | None:
    above = set(trace.ancestors([loss]))
    return next((x.new for x in trace.stores if x.place == place and x.new in above), None)


def _united(claimed: dict[str, int], made: dict[str, int]) -> dict[str, int]:
    """What the steps move, and what was made like it (a layer that was added)."""
    known = set(claimed.values())
    return claimed | {place: node for place, node in made.items() if node not in known}


def _training_loops(module: s.Module, explored: Exploration, target: Target) -> set[int]:
    """The loops around the loss whose rounds do not build on one another's."""
    found = set(explored.facts.training_loops)
    stores = [
        x for x in explored.trace.stores
        if x.statement is target.statement and x.place == target.loss and x.new is not None
    ]  # fmt: skip
    chained = len(stores) > 1 and _is_chained(explored.trace, stores[0].new, stores[1].new)
    for node in descend(module.body):
        if (
            isinstance(node, s.For | s.While) and _holds(node, target.statement, module)
            and (not chained or _begins_anew(node, target.loss))
        ):  # fmt: skip
            found.add(id(node))
    return found


def _begins_anew(loop: s.Stmt, name: str) -> bool:
    """Whether a loop gives `name` a value in each round that is not made from what it was."""
    return any(
        isinstance(node, s.Assign)
        and any(isinstance(n, s.Name) and n.id == name for n in descend(node.targets))
        and not any(isinstance(n, s.Name) and n.id == name for n in descend((node.value,)))
        for node in descend((loop,))
    )


def _behind_its_loops(module: s.Module, statement: s.Stmt, once: Collection[int]) -> s.Stmt:
    """The outermost loop around a statement, in its own function, that is walked to its end."""
    loops = [
        n for n in descend(module.body)
        if isinstance(n, s.For | s.While) and id(n) not in once
        and any(one is statement for one in _own_statements(n.body))
    ]  # fmt: skip
    inner = {id(one) for n in descend(module.body) if isinstance(n, s.For | s.While) and id(n) in once
             for one in _own_statements(n.body)}  # fmt: skip
    within = [loop for loop in loops if id(loop) in inner] or loops
    return within[0] if within else statement


def _own_statements(block: s.Block) -> Iterator[s.Stmt]:
    """The statements of a block with those in its loops and branches, not in its functions."""
    for statement in block:
        yield statement
        for name in ("body", "orelse"):
            if isinstance(statement, s.For | s.While | s.If | s.With):
                yield from _own_statements(getattr(statement, name, ()))


def _is_chained(trace: Trace, first: int | None, second: int | None) -> bool:
    return first is not None and second is not None and trace.depends([second], first)


def _holds(loop: s.Stmt, statement: s.Stmt, module: s.Module) -> bool:
    """Whether a statement stands in a loop, or in a function that the loop calls."""
    around = {f.name for f in descend(module.body)
              if isinstance(f, s.FunctionDef) and any(n is statement for n in descend(f.body))}  # fmt: skip
    return any(
        node is statement or (isinstance(node, s.Call) and called_name(node) in around)
        for node in descend(loop)
    )


def called_name(call: s.Call) -> str | None:
    """The name by which a function or method is called."""
    match call.func:
        case s.Name(id=name) | s.Attribute(attr=name):
            return name
    return None


def _goal(module: s.Module, target: Target, traces: list[Trace], facts: Facts) -> Goal:
    roots = [{p: trace.at(key) for p, key in target.parameters.items()} for trace in traces]
    losses = [_loss(trace, target, at) for trace, at in zip(traces, roots, strict=True)]
    above = set(traces[0].ancestors([losses[0]]))
    reached = {p: n for p, n in roots[0].items() if n is not None and n in above}
    if not reached:
        raise Underivable(f"{target.loss} does not depend on {', '.join(target.parameters)}")
    truths = tuple(
        truth(trace, loss, [n for p, n in at.items() if p in reached and n is not None])
        for trace, loss, at in zip(traces, losses, roots, strict=True)
    )
    felt = {p: n for p, n in reached.items() if n in truths[0].of} or reached
    return Goal(module, facts, target.loss, tuple(traces), truths, felt)


def _loss(trace: Trace, target: Target, roots: Mapping[str, int | None]) -> int:
    """The node of the loss in a walk.

    Raises:
        Underivable: the walk does not come to it.
    """
    if target.spec is not None:
        found = locate(trace, target.spec, [n for n in roots.values() if n is not None])
    else:
        stores = (
            x.new for x in reversed(trace.stores)
            if x.statement is target.statement and x.place == target.loss
        )  # fmt: skip
        found = next(stores, None)
    if found is None or np.size(trace.value(found)) != 1:
        raise Underivable(f"the walk does not come to the loss ({target.statement.span.told})")
    return found
