"""GL601: `(N,)` against `(N, 1)` broadcasts to `(N, N)` without a word."""

from __future__ import annotations

from gradlint.model import Finding
from gradlint.reading import syntax as s
from gradlint.reading.writing import write
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import TraceNode


def findings(subject: Subject) -> list[Finding]:
    """One finding for each expression whose operands broadcast to a square by accident."""
    trace = subject.case.trace
    reached: set[int] = {claim.root for claim in subject.case.claims}
    found: dict[int, Finding] = {}
    for node in trace.nodes:
        touched = [i in reached for i in node.inputs]
        if any(touched):
            reached.add(node.id)
        if len(touched) == 2 and touched[0] != touched[1] and isinstance(node.expr, s.BinOp):
            finding = _finding(subject, node, node.expr)
            if finding is not None:
                found.setdefault(id(node.expr), finding)
    return list(found.values())[:1]


def _finding(subject: Subject, node: TraceNode, expr: s.BinOp) -> Finding | None:
    left, right = (subject.case.trace.nodes[i].shape for i in node.inputs)
    if node.op not in ("subtract", "add", "multiply") or {len(left), len(right)} != {1, 2}:
        return None
    flat, column = (left, right) if len(left) == 1 else (right, left)
    if column != (flat[0], 1) or flat[0] < 2:
        return None
    side = expr.left if len(left) == 1 else expr.right
    name = write(side, subject.module)
    message = (
        f"{write(expr.left, subject.module)} and {write(expr.right, subject.module)} have the shapes "
        f"{_shape(left)} and {_shape(right)}: together they broadcast to (N, N), every row against "
        f"every other."
    )
    return Finding(
        "GL601", NAMES["GL601"], severity_of("GL601", False), expr.span, message,
        help=f"give both the same shape: {name}.reshape(-1, 1)",
    )  # fmt: skip


def _shape(shape: tuple[int, ...]) -> str:
    return "(N,)" if len(shape) == 1 else "(N, 1)"
