"""A loss that no line stores: one that the user states, or the number that the script shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.composing.aim import called_name
from gradlint.composing.inserting import block_of, indent_of
from gradlint.composing.rereading import reread
from gradlint.composing.reversing.scopes import lengthened
from gradlint.composing.target import Underivable, made_parameters
from gradlint.judging import truth
from gradlint.reading import UnreadableSyntax, read_script
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Shown, Trace, explore
from gradlint.tracing.places import text as text_of

_NAMES = ("loss", "cost", "objective", "the_loss", "the_cost")


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A script whose loss `lines` store under `name`, put behind its statement `after`."""

    module: s.Module
    name: str
    lines: tuple[str, ...]
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
    return _posed(module, text, _whole(module, bound[-1], expression, places))


def _whole(module: s.Module, made: s.Stmt, expression: s.Expr, places: set[str]) -> s.Stmt:
    """The loop that fills, item by item, what an expression takes whole; or else the statement itself."""
    loops = [n for n in descend(module.body) if isinstance(n, s.For) and _stands_in(made, n)]
    appended = set(lengthened(made)) & places
    for loop in loops[-1:] if appended else loops:
        counted = set(_bound(loop.target))
        filled = appended or any(
            _read(target.index) & counted and set(_bound(target)) & places
            for target in _targets(made) if isinstance(target, s.Subscript)
        )  # fmt: skip
        if filled and not _read(expression) & counted:
            return loop
    return made


def _stands_in(one: s.Stmt, loop: s.For) -> bool:
    return one is not loop and any(n is one for n in descend(loop.body))


def _targets(statement: s.Stmt) -> tuple[s.Expr, ...]:
    match statement:
        case s.Assign(targets=targets):
            return targets
        case s.AugAssign(target=target):
            return (target,)
    return ()


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
    if trace.nodes[node].is_leaf:
        return False
    made = list(made_parameters(module, trace, node).values())
    return bool(made) and not truth(trace, node, made).of.keys().isdisjoint(made)


def _expression(text: str) -> s.Expr:
    try:
        body = read_script(f"{text}\n", "loss.py").module.body
    except UnreadableSyntax as error:
        raise Underivable(f"the loss {text} is not Python: {error.message}") from None
    if len(body) != 1 or not isinstance(body[0], s.ExprStmt):
        raise Underivable(f"the loss {text} is not an expression")
    return body[0].value


def _binding(module: s.Module, places: set[str]) -> list[s.Stmt]:
    """The statements that give one of `places` a value, where most of them are known: in loops if any are."""
    loops = _inside(module, s.For | s.While)
    plain = {place for place in places if place.isidentifier()}
    by_names: dict[int, list[list[s.Stmt]]] = {}
    for known, statements in _scopes(module):
        found = [one for one in statements if _binds(one) & places]
        by_names.setdefault(len(known & plain) if found else -1, []).append(found)
    best = by_names[max(by_names)]
    inner = _inside(module, s.FunctionDef)
    outside = [found for found in best if found and id(found[0]) not in inner]
    first = [one for found in outside or best for one in found]
    first.sort(key=lambda one: (one.span.line, one.span.column))
    return [one for one in first if id(one) in loops] or first


def _scopes(module: s.Module) -> Iterator[tuple[set[str], list[s.Stmt]]]:
    """The statements of the module and of each function, with the names that are known in them."""
    inner = _inside(module, s.FunctionDef)
    outside = [one for one in _statements(module.body) if id(one) not in inner]
    known = _given(outside)
    yield known, outside
    for one in descend(module.body):
        if isinstance(one, s.FunctionDef):
            own = _statements(one.body)
            yield known | {p.name for p in one.params} | _given(own), own


def _statements(block: s.Block) -> list[s.Stmt]:
    return [n for n in descend(block) if isinstance(n, s.Stmt)]


def _given(statements: Iterable[s.Stmt]) -> set[str]:
    """What statements give a value, the targets of loops too."""
    targets = (n.target for n in statements if isinstance(n, s.For))
    return {place for target in targets for place in _bound(target)} | {
        place for one in statements for place in _binds(one)
    }


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
    return set(lengthened(statement))


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
    return with_lines(module, (f"{name} = {' '.join(text.split())}",), name, after)


def with_lines(module: s.Module, added: tuple[str, ...], name: str, after: s.Stmt) -> Posed:
    """`module` with the lines `added` behind a statement, which store the loss under `name`."""
    lines, indent = module.text.splitlines(), indent_of(module, after)
    lines[after.span.end_line : after.span.end_line] = [indent + one for one in added]
    again = reread("\n".join(lines) + "\n", module.path)
    return Posed(again, name, added, after)
