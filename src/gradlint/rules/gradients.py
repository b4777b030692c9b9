"""The table of gradients: each claim with what it should be."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from gradlint.deriving import Derivation, derive, handed_in, values_of
from gradlint.judging import Comparison
from gradlint.model import Agreement, Gradient
from gradlint.ops import Dialect
from gradlint.rules.scales import name_factor
from gradlint.rules.subject import Subject
from gradlint.tracing import LEAST, Driven, Trace
from gradlint.tracing.sizes import own_sizes

_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
_SHAPES = re.compile(r"\b(?:reshape|view|broadcast_to|expand|zeros|ones|full)\(([^()]*)")
_DRAWN = re.compile(r"(?<![\w.])\d+\.\d{8,}")


def gradient_rows(subject: Subject) -> tuple[Gradient, ...]:
    """One row for each claim, in the order of the lines that make the gradients."""
    rows = [_row(subject, i) for i in range(len(subject.case.claims))]
    return tuple(sorted(rows, key=lambda row: (row.file, row.line)))


def _row(subject: Subject, i: int) -> Gradient:
    claim, judgement = subject.case.claims[i], subject.judgement
    found = judgement.comparisons[i] if judgement is not None else None
    penalised = judgement is not None and claim.place in judgement.spec.penalised
    derived = None if penalised else derivation_of(subject, i)
    return Gradient(
        claim.name, claim.place, judgement.spec.name if judgement is not None else None, claim.line,
        Agreement.UNKNOWN if found is None else _agreement(found, penalised),
        scale=None if found is None else _own_scale(subject, found),
        expected=None if derived is None else derived.text,
        uses=() if derived is None else derived.uses,
        file=claim.file, number=subject.first + i,
        static_error=None if found is None else found.error,
        by_slopes=found is not None and found.by_slopes,
        straight=found is not None and found.straight,
    )  # fmt: skip


def _own_scale(subject: Subject, found: Comparison) -> float | None:
    """The factor at the script's own sizes; it was measured at small ones."""
    if found.scale is None or abs(found.scale - 1) < 1e-9:
        return found.scale
    sign = -1.0 if found.scale < 0 else 1.0
    facts = subject.case.facts
    return sign * name_factor(subject.module, subject.case.trace, facts, abs(found.scale)).value


def _agreement(found: Comparison, meant: bool) -> Agreement:
    """What is told of a claim: a penalty makes it another gradient, unless it is `meant`."""
    other = found.is_penalised and found.is_right and not meant
    return Agreement.DIFFERENT if other else found.agreement


def derivation_of(subject: Subject, i: int) -> Derivation | None:
    """The true gradient of claim `i` in the script's names."""
    if i not in subject.derived:
        subject.derived[i] = _derived(subject, i)
    return subject.derived[i]


def _derived(subject: Subject, i: int) -> Derivation | None:
    if subject.judgement is None:
        return None
    point = subject.case.points[0]
    root = point.roots[i]
    if root is None or _is_no_derivative(subject.judgement.comparisons[i]):
        return None
    dialect = Dialect.from_source(subject.module.text)
    own = own_sizes(subject.module, subject.case.facts.sizes)
    name = subject.case.claims[i].name
    written = [x for x in handed_in(point.frozen) + _written(subject.mended) if x[0] != name]
    found = derive(point.frozen, subject.judgement.truths[0], root, written, dialect, own)
    return None if found is not None and _invents(subject, found.text) else found


def _is_no_derivative(found: Comparison) -> bool:
    """Whether what a claim is equal to is not what reverse mode over the trace gives."""
    return found.by_slopes or found.straight


def stands(subject: Subject, i: int, text: str) -> bool:
    """Whether the line of a claim reads like this already: its names stand for other tensors there."""
    written = "".join(subject.module.line_at(subject.line_of(i)).split())
    whole = rf"(=|,|return){re.escape(''.join(text.split()))}(,|;|#|$)"
    return re.search(whole, written) is not None


@lru_cache(maxsize=2)
def _written(named: Trace) -> list[tuple[str, Any]]:
    return values_of(named.stores, named)


def _invents(subject: Subject, text: str) -> bool:
    """Whether an expression has a number that is made up: a value, or made of sizes, of data not there."""
    if not subject.case.facts.inputs.asked and not isinstance(subject.module, Driven):
        return False
    if any(n not in subject.module.text for n in _DRAWN.findall(text)):
        return True
    known, trace = set(_NUMBER.findall(subject.module.text)), subject.case.trace
    made = {size for node in trace.inputs for size in trace.nodes[node].shape if size > 2}
    shapes = [n for shape in _SHAPES.findall(text) for n in _NUMBER.findall(shape)]
    if any(int(n) in made and n not in known for n in shapes):
        return True
    return any(int(n) >= LEAST and n not in known for n in _NUMBER.findall(text))
