"""Mistakes of the step itself: it climbs, or it comes before the old value was used."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from gradlint.claims.names import gradient_of, says_data, says_target
from gradlint.claims.optimisers import began
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import parts
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene

_TURNED = {"+": "-", "-": "+"}

_MANY = 30
"""Steps of which each is tried at the end of its block; of more, those whose parameter is named behind it."""


@proposes_beyond
def climbing(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`+=` for `-=`: at this step alone, and at all steps that climb."""
    turned = _turned_step(scene, statement)
    if turned is None:
        return
    place = next(c.place for c in scene.case.claims for u in c.updates if u.statement is statement)
    said = f"the step climbs: {place} moves along its gradient, not against it"
    natural = _gradient_is_right(scene, statement) and not _others_step_alike(scene, statement)
    cost = 0.8 if natural else 1.7
    yield Candidate("GL301", statement.span, said, cost, (turned,))
    all_steps = [t for one in _opposite_steps(scene) if (t := _turned_step(scene, one)) is not None]
    if len(all_steps) > 1 and all_steps[0][0] in (turned[0], statement):
        said = "the steps climb: the parameters move along their gradients, not against them"
        yield Candidate("GL301", statement.span, said, cost + 0.1, tuple(all_steps))


def _turned_step(scene: Scene, statement: s.Stmt) -> tuple[s.Node, s.Node] | None:
    if not any(u.statement is statement for c in scene.case.claims for u in c.updates):
        return None
    if isinstance(statement, s.AugAssign) and statement.op in _TURNED:
        turned = s.AugAssign(
            statement.target, _TURNED[statement.op], statement.value, span=statement.span
        )
        return statement, turned
    match statement:
        case s.Assign(value=s.BinOp(op=op) as value) if op in _TURNED:
            return value, s.BinOp(_TURNED[op], value.left, value.right)
        case s.Assign(value=s.Comprehension(element=s.BinOp(op=op) as value)) if op in _TURNED:
            return value, s.BinOp(_TURNED[op], value.left, value.right)
    return None


def _opposite_steps(scene: Scene) -> list[s.Stmt]:
    pairs = zip(scene.case.claims, scene.judgement.comparisons, strict=True)
    wrong = [c for c, found in pairs if found.agreement is Agreement.OPPOSITE]
    return [update.statement for claim in wrong for update in claim.updates]


def _gradient_is_right(scene: Scene, statement: s.Stmt) -> bool:
    """Whether the gradient that the step consumes has the sign of the true one, so the step is wrong."""
    for i, claim in enumerate(scene.case.claims):
        if claim.gradient is None or not any(u.statement is statement for u in claim.updates):
            continue
        root = scene.case.points[0].roots[i]
        if root is not None:
            true = scene.judgement.truths[0].gradient(scene.case.points[0].frozen, root)
            written = np.asarray(scene.case.trace.value(claim.gradient))
            same = written.shape == np.shape(true)
            return same and bool(np.sum(written * true) > 0)
    return False


def _others_step_alike(scene: Scene, statement: s.Stmt) -> bool:
    """Whether parameters that descend rightly are moved with the same operator."""
    pairs = zip(scene.case.claims, scene.judgement.comparisons, strict=True)
    right = [u.statement for claim, found in pairs if found.is_right for u in claim.updates]
    return any(_operator(one) == _operator(statement) for one in right)


def _operator(statement: s.Stmt) -> str | None:
    match statement:
        case s.AugAssign():
            return statement.op
        case (
            s.Assign(value=s.BinOp(op=op)) | s.Assign(value=s.Comprehension(element=s.BinOp(op=op)))
        ):
            return op
    return None


@proposes_beyond
def exchanged(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Two parameters that are stepped with each other's gradient."""
    for other in scene.suspects if len(scene.wrong) <= _MANY else ():
        if other is statement or other.span < statement.span:
            continue
        here, there = _gradient_name(scene, statement), _gradient_name(scene, other)
        if here is None or there is None:
            continue
        said = f"{scene.text(here)} and {scene.text(there)} are exchanged"
        swaps = ((here, _copy(there)), (there, _copy(here)))
        yield Candidate("GL303", here.span, said, 1.1, swaps)


@proposes_beyond
def other_target(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`W -= lr * db` beside the step of `W`: by the name of its gradient it is the step of `b`."""
    if not isinstance(statement, s.AugAssign) or not isinstance(statement.target, s.Name):
        return
    claims = (c for c in scene.claims for u in c.updates if u.statement is statement)
    if all(len(claim.updates) < 2 for claim in claims):
        return
    moved, left = statement.target.id, _unmoved(scene, statement)
    read = {n.id for n in parts(statement) if isinstance(n, s.Name)}
    of = {(gradient_of(name) or "").lower() for name in read}
    meant = [place for place in left if place.lower() in of] or left[: len(left) == 1]
    for place in meant:
        if place != moved and place.isidentifier():
            step = s.AugAssign(s.Name(place), statement.op, statement.value, span=statement.span)
            said = f"{moved} is moved where {place} is meant: its gradient is used here"
            yield Candidate("GL303", statement.span, said, 0.8, ((statement, step),))


def _unmoved(scene: Scene, statement: s.AugAssign) -> list[str]:
    """The names of what the loss was made from before the training, of a step's size, that no step moves."""
    moved = {node for c in scene.claims for u in c.updates for node in (u.old, u.new)}
    frozen, start = scene.case.points[0].frozen, began(scene.trace)
    above = set(frozen.ancestors([scene.judgement.truths[0].loss]))
    kept = {scene.trace.at(frozen.keys[node]) for node in above if node in frozen.keys}
    steps = [u for c in scene.claims for u in c.updates if u.statement is statement and u.change]
    size = np.size(scene.trace.value(steps[0].change[0][1])) if steps else 0
    return [
        named.place for named in scene.named(statement)
        if named.node in kept - moved and named.node < start and np.size(named.value) == size
        and not says_data(named.place) and not says_target(named.place)
    ]  # fmt: skip


def _gradient_name(scene: Scene, statement: s.Stmt) -> s.Name | None:
    """The variable that an update consumes as its gradient."""
    claim = next((c for c in scene.claims for u in c.updates if u.statement is statement), None)
    if claim is None or claim.gradient is None:
        return None
    held = {named.place for named in scene.named(statement) if named.node == claim.gradient}
    names = (n for n in parts(statement) if isinstance(n, s.Name) and n.id in held)
    return next(names, None)


def _copy(name: s.Name) -> s.Name:
    return s.Name(name.id)


@proposes_beyond
def too_early(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A parameter that is updated before the gradients of the others have read it."""
    if statement is not next((one for one in scene.suspects if _is_step(scene, one)), None):
        return
    for claim in scene.case.claims:
        for update in claim.updates:
            block = scene.blocks.get(id(update.statement))
            if block is None or update.statement is block[-1]:
                continue
            if len(scene.claims) <= _MANY or _is_read_after(scene, claim.place, update.statement):
                place = claim.place
                said = f"{place} is updated before the other gradients have used its old value"
                moved = _moved_down(block, update.statement)
                yield Candidate("GL302", update.statement.span, said, 0.9, ((block, moved),))


def _is_step(scene: Scene, statement: s.Stmt) -> bool:
    return any(u.statement is statement for c in scene.case.claims for u in c.updates)


def _is_read_after(scene: Scene, place: str, step: s.Stmt) -> bool:
    """Whether a suspect statement behind the step names the parameter."""
    name = re.split(r"[.\[]", place)[0]
    later = [one for one in scene.suspects if one is not step and one.span > step.span]
    return any(isinstance(n, s.Name) and n.id == name for n in descend(tuple(later)))


def _moved_down(block: s.Block, step: s.Stmt) -> s.Block:
    """The block with a step at its end; what the block returns is computed before the step."""
    rest = tuple(one for one in block if one is not step)
    last = rest[-1]
    if not isinstance(last, s.Return):
        return (*rest, step)
    if last.value is None or isinstance(last.value, s.Name):
        return (*rest[:-1], step, last)
    held = s.Name("upstream")
    return (*rest[:-1], s.Assign((held,), last.value), step, s.Return(held))
