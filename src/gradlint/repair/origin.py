"""Where it begins to go wrong, for what no edit mends."""

from __future__ import annotations

from gradlint.claims.optimisers import began
from gradlint.judging import Case, Judgement
from gradlint.reading import syntax as s
from gradlint.repair.scene import Scene
from gradlint.repair.suspicion import blamed_statements


def origin(case: Case, judgement: Judgement) -> s.Stmt | None:
    """The first statement that makes what is wrong out of true cotangents, if all wrong claims come of it.

    What a true cotangent is made from is right, whatever it is: a product that is summed only later. A second
    name makes nothing, and may stand where something was left out.
    """
    scene = Scene(case, judgement)
    trace, start, blamed = scene.trace, began(scene.trace), blamed_statements(scene)
    made = [(x.new, x.statement) for x in trace.stores if x.new is not None and x.new >= start]
    true = {node for node, _ in made if scene.cotangents.along(trace.value(node))}
    behind = [
        set(trace.ancestors(n for u in c.updates for _, n in u.change)) for c in scene.wrong_claims
    ]
    spoilt = set[int].intersection(*behind) - set(trace.ancestors(true)) - scene.forward
    carried = trace.descendants(true)
    found = (
        statement for node, statement in made
        if node in spoilt and id(statement) in blamed and (node in carried or _is_name(statement))
    )  # fmt: skip
    return next(found, None)


def _is_name(statement: s.Stmt) -> bool:
    return isinstance(statement, s.Assign) and isinstance(statement.value, s.Name)
