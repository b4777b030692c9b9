"""The whole right-hand side from the chain rule: what is written where no small edit fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from gradlint.claims.names import gradient_of, last_part
from gradlint.deriving import derive, handed_in
from gradlint.judging.groups import reference_group
from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.repair.building import parts, right_side
from gradlint.repair.candidate import Candidate
from gradlint.repair.scene import Scene
from gradlint.repair.sizes import known_sizes

COST = 2.2
_LENGTH = 1e-5
"""What a character costs: of two lines that would mend all, the one is meant that takes less writing."""
_MOST_TARGETS = 4
_MOST_SCALES = 3


def derived(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The true cotangents, in the user's names, of what the statement may be the gradient of."""
    place = _written(scene, statement)
    if place is None:
        return
    expr, made = place
    seen: set[str] = set()
    for node, name in _targets(scene, statement, made):
        for scale in _scales(scene, statement):
            text = _text(scene, statement, node, scale)
            if text is None or text in seen:
                continue
            seen.add(text)
            said = f"{scene.text(expr)} is not the gradient of the loss in {name}"
            cost = COST + _LENGTH * len(text)
            yield Candidate("GL199", expr.span, said, cost, ((expr, expression(text)),))
            if isinstance(statement, s.AugAssign) and (rate := _rate(scene, statement, expr)):
                swap = expr, s.BinOp("*", rate, expression(text))
                yield Candidate("GL199", expr.span, said, cost + _LENGTH, (swap,))


def _rate(scene: Scene, statement: s.Stmt, step: s.Expr) -> s.Expr | None:
    """The number that a step begins with: `0.01` of `0.01 * error * x`."""
    first = step
    while isinstance(first, s.BinOp) and first.op == "*":
        first = first.left
    numbers = {named.place for named in scene.named(statement) if not named.shape}
    is_number = isinstance(first, s.Constant) or scene.text(first) in numbers
    return first if is_number and first is not step else None


def _written(scene: Scene, statement: s.Stmt) -> tuple[s.Expr, int] | None:
    """The expression of a statement that may be a gradient, and the last node that it made."""
    for claim in scene.claims:
        consumed = claim.gradient is not None and any(
            u.statement is statement for u in claim.updates
        )
        if consumed and claim.gradient is not None:
            expr = scene.trace.nodes[claim.gradient].expr
            owner = None if expr is None else scene.owners.get(id(expr))
            return (expr, claim.gradient) if expr is not None and owner is statement else None
    value = right_side(statement)
    if value is None or not isinstance(statement, s.Assign | s.Return):
        return None
    node = next((x.new for x in reversed(scene.trace.stores) if x.statement is statement), None)
    node = scene.made_at.get(id(value)) if node is None else node
    return None if node is None else (value, node)


def _targets(scene: Scene, statement: s.Stmt, made: int) -> list[tuple[int, str]]:
    """The forward nodes of the frozen walk of which `made` may be the gradient, likeliest first."""
    point, true = scene.case.points[0], scene.judgement.truths[0]
    for i, claim in enumerate(scene.claims):
        root = point.roots[i]
        if claim.gradient == made and root is not None:
            return [(root, claim.place)]
    shape = scene.trace.nodes[made].shape
    if not shape:
        return []
    names: dict[int, str] = {}
    for store in point.frozen.stores:
        if store.new in true.of and np.shape(true.of[store.new]) == shape:
            names.setdefault(store.new, store.place)
    for slope in scene.slopes:
        key = scene.trace.keys.get(slope.before)
        node = None if key is None else point.frozen.at(key)
        if node in true.of and slope.shape == shape:
            names.setdefault(node, f"what {slope.place} was made from")
    wanted = _wanted(statement)
    if not any(_says(place, wanted) for place in names.values()):
        for store in point.frozen.stores:
            if store.new in true.of and _says(store.place, wanted):
                names.setdefault(store.new, store.place)
    read = {scene.text(n) for n in parts(statement)}
    ranked = sorted(
        names.items(),
        key=lambda item: (not _says(item[1], wanted), read.isdisjoint(item[1].split()), -item[0]),
    )
    return ranked[:_MOST_TARGETS]


def _wanted(statement: s.Stmt) -> str:
    if not isinstance(statement, s.Assign) or len(statement.targets) != 1:
        return ""
    target = statement.targets[0]
    name = getattr(target, "id", None) or getattr(target, "attr", None) or ""
    return (gradient_of(re.sub(r"_(error|err)$", "_grad", name)) or "").lower()


def _says(place: str, wanted: str) -> bool:
    return bool(wanted) and last_part(place).lower() == wanted


def _scales(scene: Scene, statement: s.Stmt) -> list[float]:
    """The constants that the gradients of the script carry: those of right ones, then 1 and -1."""
    found: dict[float, None] = {}
    for i in reference_group(scene.judgement.comparisons):
        found.setdefault(round(scene.judgement.comparisons[i].scale or 1.0, 9))
    for named in reversed(scene.named(statement)):
        ratio = scene.cotangents.ratio(named.value)
        if ratio is not None:
            found.setdefault(round(ratio, 9))
    found.setdefault(1.0)
    found.setdefault(-1.0)
    chosen = list(found)[:_MOST_SCALES]
    if not reference_group(scene.judgement.comparisons):
        chosen += [float(size.value) for size in known_sizes(scene, statement)[:3]]
    return chosen


def _text(scene: Scene, statement: s.Stmt, node: int, scale: float) -> str | None:
    point = scene.case.points[0]
    target = _target_name(statement)
    cotangents = handed_in(point.frozen)
    cotangents += [(n.place, n.value) for n in scene.named(statement) if n.place != target]
    true = scene.judgement.truths[0]
    sizes = {size.value: size.text for size in known_sizes(scene, statement)}
    found = derive(
        point.frozen, true, node, cotangents, scene.dialect, scene.own_sizes, scale, sizes,
        _places(scene, statement),
    )  # fmt: skip
    return None if found is None else found.text


def _places(scene: Scene, statement: s.Stmt) -> dict[int, str]:
    """The items and attributes that a statement can name, `params["W2"]`, `self.w`, by their frozen nodes."""
    point, found = scene.case.points[0], dict[int, str]()
    roots: dict[int, int | None] = {}
    for claim, root in zip(scene.claims, point.roots, strict=True):
        roots |= dict.fromkeys((claim.root, *(u.new for u in claim.updates)), root)
    for named in scene.named(statement):
        key = scene.trace.keys.get(named.node)
        node = roots.get(named.node) if named.node in roots or key is None else point.frozen.at(key)
        if node is not None and named.shape and not named.place.isidentifier():
            found.setdefault(node, named.place)
    return found


def _target_name(statement: s.Stmt) -> str | None:
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], s.Name) else None
