"""GL309: a loop over the samples that ends one before the last: `range(len(x) - 1)`."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.judging import choose, walk_case
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """The training loops in which one sample has no part and nothing else has a use for it."""
    if subject.judgement is None or not subject.judgement.consistent:
        return []
    return [_finding(subject, loop, name, less) for loop, name, less in _short(subject)]


def _short(subject: Subject) -> Iterator[tuple[s.For, str, s.BinOp]]:
    everything = list(descend(subject.module.body))
    for loop in everything:
        if not isinstance(loop, s.For) or not isinstance(loop.target, s.Name):
            continue
        less = _less_one(loop.iter)
        name = None if less is None else _counted(less.left)
        if less is None or name is None or not _trains(subject, loop):
            continue
        if _takes_each(everything, loop, name) and not _calculates(loop):
            yield loop, name, less


def _less_one(iterated: s.Expr) -> s.BinOp | None:
    """`len(x) - 1` of `range(len(x) - 1)`."""
    match iterated:
        case s.Call(
            func=s.Name(id="range" | "xrange"),
            args=(s.Argument(value=s.BinOp(op="-", right=s.Constant(value=1)) as less),),
        ):
            return less
    return None


def _counted(count: s.Expr) -> str | None:
    """`x` of `len(x)` and of `x.shape[0]`."""
    match count:
        case s.Call(func=s.Name(id="len"), args=(s.Argument(value=s.Name(id=name)),)):
            return name
        case s.Subscript(
            value=s.Attribute(value=s.Name(id=name), attr="shape"), index=s.Constant(value=0)
        ):
            return name
    return None


def _trains(subject: Subject, loop: s.For) -> bool:
    """Whether gradients or steps are made in the loop."""
    inside = {id(node) for node in descend(loop.body)}
    trace = subject.case.trace
    return any(
        trace.nodes[node].statement is not None and id(trace.nodes[node].statement) in inside
        for claim in subject.case.claims
        for node in [claim.gradient if claim.gradient is not None else claim.updates[0].new]
    ) or any(id(update.statement) in inside for c in subject.case.claims for update in c.updates)


def _takes_each(everything: list[s.Node], loop: s.For, name: str) -> bool:
    """Whether the samples are taken one by one, `x[i]`, in the loop and in no other way anywhere."""
    target = loop.target.id if isinstance(loop.target, s.Name) else ""
    inside = {id(node) for node in descend(loop.body)}
    taken = [n for n in everything if isinstance(n, s.Subscript) and _is(n.value, name)]
    plain = [n for n in taken if isinstance(n.index, s.Name)]
    return len(plain) == len(taken) and any(id(n) in inside and _is(n.index, target) for n in plain)


def _calculates(loop: s.For) -> bool:
    """Whether the body looks one further, `y[i + 1]`, or asks which round it is (but for `i % 100`)."""
    target = loop.target.id if isinstance(loop.target, s.Name) else ""
    for node in descend(loop.body):
        parts = [n for n in descend(node) if isinstance(n, s.BinOp)]
        counting = any(n.op == "%" for n in parts)
        if (
            isinstance(node, s.BinOp | s.Compare | s.Slice)
            and not counting
            and any(_is(inner, target) and not _is_index(node, inner) for inner in descend(node))
        ):
            return True
    return False


def _is_index(node: s.Node, name: s.Node) -> bool:
    """Whether a name stands as the whole index of something inside `node`."""
    return any(isinstance(n, s.Subscript) and n.index is name for n in descend(node))


def _is(node: s.Node | None, name: str) -> bool:
    return isinstance(node, s.Name) and node.id == name


def _finding(subject: Subject, loop: s.For, name: str, less: s.BinOp) -> Finding:
    text = subject.module.excerpt(less.left.span)
    message = (
        f"the last of {name} has no part in the training: range({text} - 1) ends one before it. "
        f"range({text}) takes all."
    )
    told = f"replace {text} - 1 by {text}"
    case = walk_case(subject.module, subject.case.facts, overrides={id(less): less.left})
    chosen, _ = choose(case)
    fix = Fix(told, (Edit(less.span, text),), chosen is not None and chosen.consistent)
    return Finding(
        "GL309", NAMES["GL309"], severity_of("GL309", False), less.span, message, fix=fix
    )
