"""Where a mistake can stand: behind what is right already, before what is wrong.

The value of a backward tensor that equals the true cotangent of a forward tensor (up to a constant)
was computed rightly, and so was all that it was made from. What wrong claims were made from, less
what right claims and right cotangents were made from, is where to look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.names import gradient_of, last_part
from gradlint.claims.optimisers import began
from gradlint.judging import Comparison, Truth
from gradlint.judging.groups import reference_group
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.directions import Directions
from gradlint.repair.reach import Reach
from gradlint.repair.scene import Scene
from gradlint.tracing import Trace, TraceNode

_PROPORTIONAL = 1e-8

MOST = 40
"""Statements that are searched; a mistake in a long script stands where all that is wrong came from."""

_STEPS = 8
"""Steps that are searched in a script with more of them."""


def suspects(scene: Scene) -> list[s.Stmt]:
    """The statements in which the mistake may stand, those nearest the loss first."""
    trace, judgement = scene.trace, scene.judgement
    comparisons = judgement.comparisons
    reference = _reference(comparisons)
    wrong = [i for i in range(len(judgement.comparisons)) if i not in reference]
    made_forward = forward(scene)
    trusted = () if scene.searched else reference
    right = set(_sources(trace, (scene.claims[i] for i in trusted)))
    right -= _summed(trace, right)
    region: set[int] = set()
    along = cache(lambda node: scene.cotangents.along(trace.value(node)))
    for i in wrong:
        ends = list(_ends(trace, scene.claims[i]))
        if scene.claims[i].gradient is None:
            # it decays alone: what it decays is part of the step
            ends += [u.new for u in scene.claims[i].updates]
        proportional = judgement.comparisons[i].agreement is not Agreement.DIFFERENT
        known = set() if proportional else _cotangents(trace, ends, along)
        region |= _behind(trace, ends, known, right)
    statements = _statements(scene, region - made_forward) + _dead_masks(scene, region)
    for i in wrong:
        statements += [u.statement for u in scene.claims[i].updates]
        statements += _names_alone(trace, scene.claims[i])
    statements += _sizes(scene, statements)
    found = list({id(one): one for one in statements}.values())
    return found if len(found) <= MOST else _narrowed(scene, found, wrong)


def _narrowed(scene: Scene, found: list[s.Stmt], wrong: list[int]) -> list[s.Stmt]:
    """Of many statements those from which most of the wrong claims were computed, and some steps."""
    reach = Reach(scene)
    first = sorted(found, key=lambda one: -reach.most(one))[:MOST]
    steps = [u.statement for i in wrong for u in scene.claims[i].updates][:_STEPS]
    return list({id(one): one for one in (*first, *steps)}.values())


def _summed(trace: Trace, right: set[int]) -> set[int]:
    """Of what is right because sums of it are, what only orders entries: a sum does not tell the order."""
    users: dict[int, list[TraceNode]] = {}
    for node in right:
        for i in trace.nodes[node].inputs:
            users.setdefault(i, []).append(trace.nodes[node])
    found = set[int]()
    for node in sorted(users, reverse=True):
        told = (use.op == "sum" or use.id in found for use in users[node])
        if trace.nodes[node].op in _ORDERING and all(told):
            found.add(node)
    return found


_ORDERING = ("transpose", "reshape", "swapaxes", "moveaxis")


def _sizes(scene: Scene, statements: Iterable[s.Stmt]) -> Iterable[s.Stmt]:
    """The statements beside suspects that name the size of an axis which a suspect reads."""
    blocks = {id(block): block for one in statements for block in (scene.blocks.get(id(one), ()),)}
    read = {n.id for one in statements for n in descend(one) if isinstance(n, s.Name)}
    for one in (one for block in blocks.values() for one in block):
        match one:
            case s.Assign(
                targets=(s.Name(id=name),), value=s.Subscript(value=s.Attribute(attr="shape"))
            ) if name in read:
                yield one


def _names_alone(trace: Trace, claim: Claim) -> Iterable[s.Stmt]:
    """Where what comes from upstream was only given the gradient's name: `db = dout` makes no node."""
    if claim.gradient is None:
        return
    leaf = trace.nodes[claim.gradient].is_leaf
    for store in trace.stores_of(claim.gradient):
        plain = isinstance(store.statement, s.Assign) and isinstance(
            store.statement.value, s.Attribute
        )
        if (leaf or plain) and last_part(store.place) == last_part(claim.name):
            yield store.statement


def _reference(comparisons: Sequence[Comparison]) -> set[int]:
    """The claims that are right; none where all share a constant that regularisation does not have."""
    group = reference_group(comparisons)
    scaled = any(abs((comparisons[i].scale or 1.0) - 1) > _PROPORTIONAL for i in group)
    if scaled and any(comparisons[i].is_penalised for i in group):
        return set()
    return {i for i in group if not comparisons[i].is_penalised}


def _ends(trace: Trace, claim: Claim) -> Iterable[int]:
    for update in claim.updates:
        yield from update.made_of


def _sources(trace: Trace, claims: Iterable[Claim]) -> Iterable[int]:
    for claim in claims:
        yield from trace.ancestors(_ends(trace, claim))


def forward(scene: Scene) -> set[int]:
    """The nodes that the loss was made from, less the differences that an inferred loss is built on.

    A helper that the forward pass calls is forward wherever it is called: it is what it is.
    """
    judgement, point = scene.judgement, scene.case.points[0]
    above = set(point.frozen.ancestors([judgement.truths[0].loss]))
    keys = {point.frozen.keys[n] for n in above if n in point.frozen.keys}
    differences = {key for n in above if point.frozen.nodes[n].op in ("subtract", "setitem")
                   for key in [point.frozen.keys.get(n)] if key is not None}  # fmt: skip
    walked = {expr for expr, _ in keys - differences}
    return {n for n, (expr, _) in scene.trace.keys.items() if expr in walked}


def right_cotangents(trace: Trace, true: Truth, ends: list[int]) -> set[int]:
    """The nodes before `ends` whose value is proportional to the cotangent of a forward tensor."""
    known = Directions(true.of.values())
    return _cotangents(trace, ends, lambda node: known.along(trace.value(node)))


def _cotangents(trace: Trace, ends: list[int], along: Callable[[int], bool]) -> set[int]:
    above = trace.ancestors(ends, since=began(trace))
    return {node for node in above if along(node)} - set(ends)


def blamed_statements(scene: Scene) -> set[int]:
    """The statements, by identity, at which it goes wrong: of what is right they make what is not.

    An alias makes nothing and may be where something was left out. It is where to look first.
    """
    trace, start, known = scene.trace, began(scene.trace), scene.cotangents
    stored = {x.new for x in trace.stores if x.new is not None}
    right = {n for n in stored if n >= start and known.along(trace.value(n))}
    known_nodes = right | scene.forward
    found = set()
    for store in trace.stores:
        new, statement = store.new, store.statement
        if (
            new is None
            or new < start
            or new in scene.forward
            or not isinstance(statement, s.Assign)
        ):
            continue
        alias = isinstance(statement.value, s.Name | s.Subscript)
        if alias or (new not in right and is_made_of(trace, new, stored, known_nodes)):
            found.add(id(statement))
    return found


def is_made_of(trace: Trace, node: int, stored: set[int], known: set[int]) -> bool:
    """Whether all arrays that a node was made from at once, stored ones and leaves, are `known`.

    So are zeros: what is carried into the last step of time.
    """
    stack, seen = [*trace.nodes[node].inputs], set[int]()
    while stack:
        one = stack.pop()
        if one in seen:
            continue
        seen.add(one)
        if one not in stored and trace.nodes[one].inputs:
            stack += trace.nodes[one].inputs
        elif trace.nodes[one].shape and one not in known and np.any(trace.value(one)):
            return False
    return True


def settled_statements(scene: Scene) -> set[int]:
    """The statements, by identity, that store the gradient of what their name says: `dh`, `h_error`."""
    point, true = scene.case.points[0], scene.judgement.truths[0]
    named: dict[str, list[Any]] = {}
    for store in point.frozen.stores:
        if store.new in true.of:
            named.setdefault(last_part(store.place).lower(), []).append(true.of[store.new])
    known = {name: Directions(arrays) for name, arrays in named.items()}
    found = set()
    for store in scene.trace.stores:
        of = gradient_of(_ERROR.sub("_grad", store.place))
        if store.new is None or of is None or of.lower() not in known:
            continue
        if known[of.lower()].along(scene.trace.value(store.new)):
            found.add(id(store.statement))
    return found


_ERROR = re.compile(r"_(error|err)$")


def _behind(trace: Trace, ends: list[int], known: set[int], right: set[int]) -> set[int]:
    """The nodes that `ends` were made from, up to the first of `known` (a slope may be missing there)."""
    stack, seen, start = [n for n in ends if n < len(trace.nodes)], set[int](), began(trace)
    while stack:
        node = stack.pop()
        if node in seen or node in right or node < start:
            continue
        seen.add(node)
        if node not in known:
            stack += trace.nodes[node].inputs
    return seen


def _dead_masks(scene: Scene, region: set[int]) -> list[s.Stmt]:
    """Statements that change an array of the region in place when nobody reads it any more."""
    trace = scene.trace
    read = {i for node in trace.nodes for i in node.inputs}
    near = region | {i for n in region for i in trace.nodes[n].inputs}
    return [
        store.statement
        for store in trace.stores
        if store.new is not None and store.new not in read and store.old in near
        and trace.nodes[store.new].op == "setitem"
    ]  # fmt: skip


def _statements(scene: Scene, nodes: set[int]) -> list[s.Stmt]:
    found = []
    for node in sorted(nodes):
        entry = scene.trace.nodes[node]
        owner = scene.owners.get(id(entry.expr)) if entry.expr is not None else entry.statement
        if owner is not None and entry.inputs:
            found.append(owner)
    return found + _aliases(scene, nodes)


def _aliases(scene: Scene, nodes: set[int]) -> list[s.Stmt]:
    """Statements such as `db = dz` or `a.grad = out.grad` that gave the region a name and made nothing.

    An item, `dy = errors[t]`, and what a function returned only where it is taken for the backward pass.
    """
    near = nodes | {i for n in nodes for i in scene.trace.nodes[n].inputs}
    first, named = min(nodes, default=0), s.Name | s.Attribute | s.Subscript | s.Call
    return [
        store.statement
        for store in scene.trace.stores
        if store.new in near and isinstance(store.statement, s.Assign)
        and isinstance(store.statement.value, named if store.time >= first else s.Name | s.Attribute)
    ]  # fmt: skip
