"""A script's text with its old backward pass taken out and another one put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradlint.claims import Claim
from gradlint.claims.optimisers import began
from gradlint.composing.aim import Aim
from gradlint.composing.reversing.scopes import binds
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_SIMPLE = s.Assign | s.AugAssign | s.ExprStmt


def old_backward(aim: Aim, nameless: Sequence[s.Stmt], containers: Sequence[str]) -> list[s.Stmt]:
    """The statements that compute for the steps and not for the loss, and the `nameless` steps.

    So are those that make the `containers`, the dictionaries that the gradients are put into.
    """
    trace = aim.case.trace
    forward = {aim.goal.trace.keys[n] for n in aim.goal.behind if n in aim.goal.trace.keys}
    ahead = {x.statement for x in aim.goal.trace.stores if x.new in aim.goal.behind}
    ends = [node for claim in aim.case.claims for node in _computed(claim)]
    steps = {u.statement for claim in aim.case.claims for u in claim.updates}
    made = set(trace.ancestors(ends, since=began(trace)))
    found = {
        x.statement for x in trace.stores
        if x.new in made and x.new is not None and trace.keys.get(x.new) not in forward
        and x.statement not in ahead and x.statement not in steps
    }  # fmt: skip
    emptied = (n for n in descend(aim.case.module.body) if _makes_container(n, containers))
    return [one for one in (*found, *nameless, *emptied) if isinstance(one, _SIMPLE)]


def outside_names(aim: Aim) -> set[str]:
    """The parameters that are no names of the function around the loss: a step there would make them so."""
    functions = (n for n in descend(aim.goal.module.body) if isinstance(n, s.FunctionDef))
    around = next((f for f in functions if any(n is aim.after for n in descend(f.body))), None)
    if around is None:
        return set()
    own = {p.name for p in around.params}
    own |= {name for n in descend(around.body) if isinstance(n, s.Stmt) for name in binds(n)}
    own |= {name for n in descend(around.body) if isinstance(n, s.Scope) for name in n.names}
    return {place for place in aim.goal.parameters if place.isidentifier() and place not in own}


def _computed(claim: Claim) -> list[int]:
    """What a step takes from the backward pass: the gradient that it is fed, or all of it."""
    if claim.gradient is not None and not claim.name.startswith("step of"):
        return [claim.gradient]
    return [n for u in claim.updates for n in ([n for _, n in u.change] or [u.new])]


def _makes_container(node: s.Node, names: Sequence[str]) -> bool:
    match node:
        case s.Assign(targets=(s.Name(id=name),), value=s.DictDisplay(keys=()) | s.Call(args=())):
            return name in names
    return False


def replaced(
    module: s.Module,
    old: Iterable[s.Stmt],
    after: s.Stmt,
    lines: Sequence[str],
    steps: Sequence[str],
) -> str:
    """The text of `module` without the statements `old`, with `lines` behind the statement `after`.

    `steps` are put at the end of the block that `after` stands in.
    """
    text = module.text.splitlines()
    block = block_of(module.body, after)
    indent = indent_of(module, after)
    gone = {
        n for one in old if not one.span.file for n in range(one.span.line, one.span.end_line + 1)
    }
    emptied = _emptied(module.body, gone)
    last = max(one.span.end_line for one in block)
    found: list[str] = []
    for number, line in enumerate(text, 1):
        if number in emptied:
            found.append(" " * (len(line) - len(line.lstrip())) + "pass")
        elif number not in gone:
            found.append(line)
        if number == after.span.end_line:
            found += [indent + one for one in lines]
        if number == last:
            found += [indent + one for one in steps]
    return "\n".join(found) + "\n"


def indent_of(module: s.Module, statement: s.Stmt) -> str:
    """What stands before a statement in its line: blanks or tabs."""
    before = module.line_at(statement.span)[: statement.span.column - 1]
    return before if before.isspace() else " " * (statement.span.column - 1)


def block_of(block: s.Block, wanted: s.Stmt) -> s.Block:
    """The statements among which `wanted` stands."""
    for node in (None, *descend(block)):
        for name in ("body", "orelse", "finalbody"):
            inner = block if node is None else getattr(node, name, ())
            if isinstance(inner, tuple) and any(one is wanted for one in inner):
                return tuple(one for one in inner if isinstance(one, s.Stmt))
    return (wanted,)


def _emptied(block: s.Block, gone: set[int]) -> set[int]:
    """A line of each block that would be left without a statement."""
    found = set()
    for node in descend(block):
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, ())
            own = (
                [one for one in inner if isinstance(one, s.Stmt)]
                if isinstance(inner, tuple)
                else []
            )
            if own and all(one.span.line in gone for one in own):
                found.add(own[0].span.line)
    return found
