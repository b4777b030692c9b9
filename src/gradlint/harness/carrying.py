"""What a script made from its parameters before a round, made again at the head of the round.

A prediction that is made before the loop and once more after each step is no function of the parameters
where its value is only put there. It is computed again, and taken where that gives what the script had.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from gradlint.harness.evidence import rounding, unit_roundoff
from gradlint.harness.freezing import Array
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Trace, Traced
from gradlint.tracing.facts import SiteKey
from gradlint.tracing.statements import Interpreter


def carried(
    trace: Trace, parameters: Set[SiteKey], steps: Set[int], body: s.Block
) -> list[s.Assign]:
    """The statements that gave names what is made from `parameters`, in order; none that take `steps`."""
    roots = frozenset(node for node, key in trace.keys.items() if key in parameters)
    moved = {update.place for update in trace.updates}
    made = trace.made_from(roots) - roots if roots else frozenset[int]()
    last = {store.place: store for store in trace.stores}
    found = [
        store.statement for place, store in last.items()
        if store.new in made and place not in moved and _names(store.statement, place)
    ]  # fmt: skip
    return [one for one in found if isinstance(one, s.Assign) and _is_plain(one.value, steps, body)]


def make_again(m: Interpreter, statements: list[s.Assign], real: Mapping[str, Any]) -> None:
    """Compute what `statements` give anew, and keep what agrees with the `real` values."""
    for statement in statements:
        name = statement.targets[0].id  # type: ignore[attr-defined]
        scope = m.scope if name in m.scope.names else m.scope.module
        put = scope.names.get(name)
        if not isinstance(put, Traced) or name not in real:
            continue
        m.at = m.statement = statement
        try:
            made = m.named(statement.value)
        except Exception:
            continue  # it is what was put
        if (
            isinstance(made, Traced)
            and _agree(made, put, real[name])
            and not _is_copy(m.trace, made)
        ):
            scope.names[name] = made
            m.note(name, None, made, statement)


def _is_copy(trace: Trace, made: Traced) -> bool:
    """Whether it is what a parameter was once: a target network stays where it is when that moves."""
    return trace.nodes[made.id].op in ("copy", "detach")


def _agree(made: Traced, put: Traced, real: Any) -> bool:
    one, other = (np.asarray(x.value, dtype=np.float64) for x in (made, put))
    if one.shape != other.shape:
        return False
    dtype = real.dtype if isinstance(real, Array) else "float64"
    allowed = rounding(unit_roundoff(dtype), dtype)
    return bool(np.linalg.norm(one - other) <= allowed * np.linalg.norm(other))


def _names(statement: s.Stmt, place: str) -> bool:
    """Whether a statement does nothing but to give a value the name `place`."""
    if not isinstance(statement, s.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    return isinstance(target, s.Name) and target.id == place


def _is_plain(value: s.Expr, steps: Set[int], body: s.Block) -> bool:
    """Whether nothing that an expression may call takes a step."""
    functions = {one.name: one for one in descend(body) if isinstance(one, s.FunctionDef)}
    waiting: list[s.Node] = [value]
    seen = set[str]()
    while waiting:
        for node in descend(waiting.pop()):
            if id(node) in steps:
                return False
            if (name := _called(node)) in functions and name not in seen:
                seen.add(name)
                waiting.append(functions[name])
    return True


def _called(node: s.Node) -> str:
    match node:
        case s.Name(id=name) | s.Attribute(attr=name):
            return name
    return ""
