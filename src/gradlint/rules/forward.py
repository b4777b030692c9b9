"""GL206: all gradients are right, but for another forward pass: one slip in the loss or before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradlint.judging import Judgement, choose
from gradlint.judging.case import walk_case
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.reading.writing import write
from gradlint.rules.losses import is_maximised, is_training_loss
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven

Slip = tuple[s.Expr, s.Expr]
_MOST = 40
_OTHER = {"+": "-", "-": "+"}
_OVER_AXES = ("sum", "max", "mean", "amax")


def findings(subject: Subject) -> list[Finding]:
    """A finding for the first slip of the forward pass that explains all gradients at once."""
    written = _disagreeing(subject)
    if written is None or isinstance(subject.module, Driven) or len(subject.case.claims) < 2:
        return []
    slips = list(_slips(_statements(subject, written)))[:_MOST]
    found = next(((slip, name) for slip in slips if (name := _explained(subject, slip))), None)
    return [] if found is None else [_finding(subject, written, *found)]


def _disagreeing(subject: Subject) -> Judgement | None:
    """The named loss whose gradients these are not, although they all fit some other, or none at all."""
    judgement = subject.judgement
    if judgement is None or (subject.repairs and subject.repairs[-1].complete):
        return None
    named = [j for j in subject.judged if j.spec.is_written and j.spec.named]
    if any(is_maximised(j) for j in named):
        return None
    if judgement.spec.is_written:
        fails = judgement.right == 0 and judgement.spec.named
        return judgement if fails and is_training_loss(subject, judgement) else None
    if not judgement.explained or any(j.right for j in named):
        return None
    return next((j for j in named if is_training_loss(subject, j)), None)


def _statements(subject: Subject, written: Judgement) -> list[s.Stmt]:
    """The statements that the loss is made by, those nearest to it first."""
    frozen = subject.case.points[0].frozen
    above = sorted(frozen.ancestors([written.truths[0].loss]), reverse=True)
    found = [frozen.nodes[n].statement for n in above if frozen.nodes[n].inputs]
    return list({id(one): one for one in found if one is not None}.values())


def _slips(statements: Sequence[s.Stmt]) -> Iterator[Slip]:
    for statement in statements:
        if isinstance(statement, s.Assign | s.AugAssign | s.Return):
            for node in descend(statement.value):
                yield from _of(node)


def _of(node: s.Node) -> Iterator[Slip]:
    """The other sign, the other axis."""
    match node:
        case s.BinOp(op=op) if op in _OTHER:
            yield node, s.BinOp(_OTHER[op], node.left, node.right)
        case s.UnaryOp(op="-"):
            yield node, node.operand
        case s.Call(func=s.Attribute(attr="exp") as func, args=(only,)) if not isinstance(
            only.value, s.UnaryOp
        ):
            yield node, s.Call(func, (s.Argument(s.UnaryOp("-", only.value)),))
        case s.Call(func=s.Attribute(attr=attr), args=args) if attr in _OVER_AXES:
            for argument in args:
                if argument.keyword in ("axis", "dim") and isinstance(argument.value, s.Constant):
                    yield from _other_axes(node, argument, argument.value.value)


def _other_axes(node: s.Call, argument: s.Argument, was: object) -> Iterator[Slip]:
    for axis in (0, 1):
        if was != axis:
            moved = s.Argument(s.Constant(axis), argument.keyword)
            args = tuple(moved if one is argument else one for one in node.args)
            yield node, s.Call(node.func, args)


def _explained(subject: Subject, slip: Slip) -> str | None:
    """The named loss whose gradients all claims are with the other forward pass, if there is one."""
    overrides, name = {id(slip[0]): slip[1]}, None
    for points in (1, len(subject.case.points)):
        case = walk_case(subject.module, subject.case.facts, points, overrides)
        if len(case.claims) != len(subject.case.claims):
            return None
        judgement, _ = choose(case)
        if judgement is None or not judgement.consistent or not judgement.spec.named:
            return None
        name = judgement.spec.name
    return name


def _finding(subject: Subject, written: Judgement, slip: Slip, name: str) -> Finding:
    old, new = slip
    was, text = subject.module.excerpt(old.span), write(new, subject.module)
    certain = subject.judgement is written
    message = (
        f"{text} stands in the forward pass of which these are the gradients, not {was}: with it every "
        f"gradient is that of {name}."
    )
    fix = Fix(f"replace {was} by {text}", (Edit(old.span, text),), verified=True)
    return Finding(
        "GL206", NAMES["GL206"], severity_of("GL206", certain), old.span, message, fix=fix
    )
