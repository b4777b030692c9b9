"""A loss that no line stores: one that the user states, or the number that the script shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.composing.aim import called_name
from gradlint.composing.inserting import block_of, indent_of
from gradlint.composing.rereading import reread
from gradlint.composing.target import Underivable, made_parameters
from gradlint.reading import UnreadableSyntax, read_script
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Shown, Trace, explore
from gradlint.tracing.places import text as text_of

_NAMES = ("loss", "cost", "objective", "the_loss", "the_cost")


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A script whose loss `line` stores under `name`, put behind its statement `after`."""

    module: s.Module
    name: str
    line: str
    after: s.Stmt


def pose(module: s.Module, text: str) -> Posed:
    """`module` with the expression `text` for its loss.

    Raises:
        Underivable: it is no expression, or none of its names is bound by a statement.
    """
    expression = _expression(text)
    places = _read(expression)
    bound = [one for one in _binding(module, places) if not one.span.file]
    if not bound:
        raise Underivable(f"no line makes what the loss {text} is computed from")
    return _posed(module, text, bound[-1])


def pose_shown(module: s.Module) -> Posed | None:
    """`module` with the last number that it shows, and that is made from parameters, for its loss."""
    trace = explore(module).trace
    for shown in reversed(trace.shown):
        at, expr = _statement_of(module, shown.expr), _shown_expression(module, trace, shown)
        value = np.asarray(trace.value(shown.node))
        if at is None or expr is None or value.size != 1 or value.dtype.kind != "f":
            continue
        if _is_learnt(module, trace, shown.node):
            return _posed(module, module.excerpt(expr.span), _ahead(module, at, expr))
    return None


def _shown_expression(module: s.Module, trace: Trace, shown: Shown) -> s.Expr | None:
    """What was printed or kept: the expression that made it, or the call or name that gave it."""
    if shown.expr.span.file or not isinstance(shown.expr, s.Call):
        return None
    inside = [n for n in descend(shown.expr.args) if isinstance(n, s.Expr)]
    made = trace.nodes[shown.node].expr
    if any(one is made for one in inside):
        return made
    places = {x.place for x in trace.stores_of(shown.node)}
    named = [n for n in inside if isinstance(n, s.Name) and n.id in places]
    own = {f.name for f in descend(module.body) if isinstance(f, s.FunctionDef)}
    calls = [n for n in inside if isinstance(n, s.Call) and called_name(n) in own]
    return next(iter((*named, *(calls if len(calls) == 1 else ()))), None)


def _is_learnt(module: s.Module, trace: Trace, node: int) -> bool:
    return not trace.nodes[node].is_leaf and bool(made_parameters(module, trace, node))


def _expression(text: str) -> s.Expr:
    try:
        body = read_script(f"{text}\n", "loss.py").module.body
    except UnreadableSyntax as error:
        raise Underivable(f"the loss {text} is not Python: {error.message}") from None
    if len(body) != 1 or not isinstance(body[0], s.ExprStmt):
        raise Underivable(f"the loss {text} is not an expression")
    return body[0].value


def _binding(module: s.Module, places: set[str]) -> list[s.Stmt]:
    """The statements that give one of `places` a value: those in loops if there are any, functions last."""
    functions, loops = _inside(module, s.FunctionDef), _inside(module, s.For | s.While)
    found = [n for n in descend(module.body) if isinstance(n, s.Stmt) and _binds(n) & places]
    found.sort(key=lambda one: (one.span.line, one.span.column))
    outside = [one for one in found if id(one) not in functions] or found
    return [one for one in outside if id(one) in loops] or outside


def _inside(module: s.Module, kind: Any) -> set[int]:
    """What stands in the blocks of nodes of a kind, by identity."""
    around = (n for n in descend(module.body) if isinstance(n, kind))
    return {id(n) for one in around for n in descend(one.body)}


def _binds(statement: s.Stmt) -> set[str]:
    """What a statement gives a value; one that only counts (`i += 1`) gives none."""
    match statement:
        case s.Assign(targets=(target,), value=s.BinOp(left=left, right=s.Constant())):
            counts = text_of(left) == text_of(target)
            return set() if counts else set(_bound(target))
        case s.AugAssign(value=s.Constant()):
            return set()
        case s.Assign(targets=targets):
            return {place for target in targets for place in _bound(target)}
        case s.AugAssign(target=target):
            return set(_bound(target))
    return set()


def _bound(target: s.Expr) -> Iterator[str]:
    """The names and attributes that an assignment to `target` changes: `h` of `h[t]` and of `h, c`."""
    match target:
        case s.Name() | s.Attribute():
            yield text_of(target)
        case s.Sequence(elements=elements):
            for one in elements:
                yield from _bound(one)
        case s.Subscript(value=value) | s.Starred(value=value):
            yield from _bound(value)


def _read(expr: s.Expr) -> set[str]:
    """The names in an expression, and its attributes with those that they are attributes of."""
    found = (n for n in descend((expr,)) if isinstance(n, s.Name | s.Attribute))
    return {text_of(n) for n in found}


def _statement_of(module: s.Module, expr: s.Expr) -> s.Stmt | None:
    """The innermost statement that an expression stands in."""
    around = [
        n for n in descend(module.body)
        if isinstance(n, s.Stmt) and any(x is expr for x in descend((n,)))
    ]  # fmt: skip
    return around[-1] if around else None


def _ahead(module: s.Module, at: s.Stmt, expr: s.Expr) -> s.Stmt:
    """The statement behind which all that `expr` is made of is known, in every round."""
    places = _read(expr)
    loops = _inside(module, s.For | s.While)
    inner = [one for one in _binding(module, places) if id(one) in loops]
    if inner and id(at) not in loops:
        return inner[-1]
    while True:
        before = [one for one in block_of(module.body, at) if one.span.line < at.span.line]
        made = [one for one in before if _binds_inside(one) & places]
        outer = _branch_around(module, at)
        if made or outer is None:
            return [*before, *made][-1] if before else at
        at = outer


def _branch_around(module: s.Module, at: s.Stmt) -> s.If | None:
    """The `if` in one of whose blocks a statement stands."""
    ifs = (n for n in descend(module.body) if isinstance(n, s.If))
    return next((n for n in ifs if any(x is at for x in (*n.body, *n.orelse))), None)


def _binds_inside(statement: s.Stmt) -> set[str]:
    return {name for n in descend((statement,)) if isinstance(n, s.Stmt) for name in _binds(n)}


def _posed(module: s.Module, text: str, after: s.Stmt) -> Posed:
    held = {n.id for n in descend(module.body) if isinstance(n, s.Name)}
    name = next(name for name in _NAMES if name not in held)
    line = f"{name} = {' '.join(text.split())}"
    lines = module.text.splitlines()
    lines.insert(after.span.end_line, indent_of(module, after) + line)
    again = reread("\n".join(lines) + "\n", module.path)
    return Posed(again, name, line, after)
