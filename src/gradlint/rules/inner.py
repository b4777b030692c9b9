"""GL109: a matrix moved by one number, the inner product of two vectors: `W -= lr * np.dot(error, a)`."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.claims import Claim
from gradlint.model import Finding
from gradlint.reading import syntax as s
from gradlint.reading.writing import write
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace, TraceNode

_PRODUCTS = frozenset({"dot", "matmul", "inner"})
_SCALING = frozenset({"multiply", "divide", "negative", "copy", "clip"})


def findings(subject: Subject) -> list[Finding]:
    """A warning for each such product, where nothing says that the step is right."""
    if subject.repairs and subject.repairs[-1].complete:
        return []
    found: dict[int, Finding] = {}
    for i, claim in enumerate(subject.case.claims):
        if subject.judgement is not None and not subject.judgement.comparisons[i].is_wrong:
            continue
        for node in _products(subject.case.trace, claim):
            if isinstance(node.expr, s.Call | s.BinOp):
                found.setdefault(id(node.expr), _finding(subject, claim, node.expr))
    return list(found.values())


def _products(trace: Trace, claim: Claim) -> Iterator[TraceNode]:
    """The inner products that move a matrix as one number."""
    if sum(size > 1 for size in trace.nodes[claim.root].shape) < 2:
        return
    for update in claim.updates:
        for node in (trace.nodes[n] for n in trace.ancestors([update.new])):
            of_step = node.statement is update.statement and node.op in ("add", "subtract")
            if of_step and node.shape and trace.depends([node.id], claim.root):
                yield from _inner(trace, node.inputs)


def _inner(trace: Trace, inputs: tuple[int, ...]) -> Iterator[TraceNode]:
    """The inner products that numbers are multiples of."""
    stack = [n for n in inputs if trace.nodes[n].shape == ()]
    while stack:
        node = trace.nodes[stack.pop()]
        shapes = [trace.nodes[n].shape for n in node.inputs]
        if node.op in _SCALING and all(shape == () for shape in shapes):
            stack += node.inputs
        elif node.op in _PRODUCTS and [len(shape) for shape in shapes] == [1, 1]:
            yield node


def _finding(subject: Subject, claim: Claim, product: s.Expr) -> Finding:
    text = write(product, subject.module)
    message = (
        f"{text} is the inner product of two vectors, one number: it moves every entry of {claim.place} "
        f"alike. The gradient of a matrix is an outer product."
    )
    return Finding(
        "GL109", NAMES["GL109"], severity_of("GL109", False), product.span, message,
        help="np.outer(delta, a) has an entry for each weight: delta of the layer's outputs, a its inputs",
    )  # fmt: skip
