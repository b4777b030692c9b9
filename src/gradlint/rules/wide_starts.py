"""GL802: weights drawn with a standard deviation of 1 into a wide layer.

What goes into the activation is then about the square root of the width times as large as what comes into
the layer: a sigmoid or tanh is flat there, and a ReLU network's outputs and slopes grow from layer to layer.
Many a script trains so all the same, with a tiny rate: it is worth knowing, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.health.symptom import number
from gradlint.judging.forward import Activation, Forward
from gradlint.model import Finding
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace, places

WIDE = 100
"""Inputs of a unit: what goes into the activation is ten times as large as they are, twice what
saturates a sigmoid or tanh (AUTOTRAINER, ICSE 2021)."""
_DRAWS = ("randn", "standard_normal", "normal")
_CASTS = ("astype", "cpu", "cuda", "double", "float", "requires_grad_", "to", "type")
_GAINS = {"relu": (2, "He"), "sigmoid": (1, "Xavier"), "tanh": (1, "Xavier")}
_FLAT = ", where its slope is almost 0"


def findings(subject: Subject) -> Iterator[Finding]:
    """A note on each matrix that is drawn so, at its draw."""
    judgement, point = subject.judgement, subject.case.points[0]
    roots = point.known
    if judgement is None or isinstance(subject.module, Driven) or not roots:
        return
    forward = Forward(point.frozen, roots, judgement.truths[0].loss)
    fed = set[int]()
    for activation in forward.activations():
        for root in activation.feeding:
            drawn = _drawn(point.frozen, root) if activation.hidden and root not in fed else None
            width = _width(subject, forward, root) if drawn is not None else None
            if drawn is not None and width is not None and width >= WIDE:
                yield _finding(point.frozen, activation, root, drawn, width)
        fed |= set(activation.feeding)


def _drawn(trace: Trace, root: int) -> s.Call | None:
    """The call that draws the parameter `root` from the standard normal distribution."""
    call: s.Expr | None = trace.nodes[root].expr
    while isinstance(call, s.Call) and isinstance(call.func, s.Attribute):
        if call.func.attr in _DRAWS:
            return call if _is_standard(call) else None
        if call.func.attr not in _CASTS:
            return None
        call = call.func.value
    return None


def _is_standard(call: s.Call) -> bool:
    """Whether nothing in the call says another mean or another standard deviation."""
    if not isinstance(call.func, s.Attribute) or call.func.attr != "normal":
        return True
    said = {
        a.keyword or place: a.value for place, a in zip((0, 1, "size"), call.args, strict=False)
    }
    parts = (said.get(0, said.get("loc")), said.get(1, said.get("scale")))
    usual = zip(parts, (0, 1), strict=True)
    return all(p is None or (isinstance(p, s.Constant) and p.value == u) for p, u in usual)


def _width(subject: Subject, forward: Forward, root: int) -> int | None:
    """How many inputs each unit of a matrix adds up, at the script's own sizes; None where that is open."""
    axis = forward.unit_axis(root)
    if axis is None:
        return None
    small = forward.trace.nodes[root].shape[1 - axis]
    sizes = subject.case.facts.sizes
    nodes = (node for node in descend(subject.module.everything) if id(node) in sizes)
    own = {n.value for n in nodes if isinstance(n, s.Constant) and sizes[id(n)] == small}
    (width,) = own if len(own) == 1 else (None,)
    return width if isinstance(width, int) else None


def _finding(trace: Trace, activation: Activation, root: int, drawn: s.Call, width: int) -> Finding:
    name = next((x.place for x in trace.stores_of(root)), places.text(drawn))
    gain, author = _GAINS[activation.kind]
    message = (
        f"{name} starts with a standard deviation of 1, and each of its units adds up {width} inputs: what "
        f"goes into the {activation.kind} is about {number(round(width**0.5))} times as large as they are"
        f"{'' if activation.kind == 'relu' else _FLAT}."
    )
    scale = f"sqrt({gain} / {width}) = {number(float(f'{(gain / width) ** 0.5:.2g}'))}"
    advice = f"draw {name} with a standard deviation of {scale} ({author})"
    return Finding(
        "GL802", NAMES["GL802"], severity_of("GL802", False), drawn.span, message, help=advice, about=(name,)
    )  # fmt: skip
