"""GL101: a number that looks like a name: `y - 12` for `y - l2`, so that no loss is to be seen at all."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.judging import choose
from gradlint.judging.case import walk_case
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven

_ALIKE = str.maketrans({"l": "1", "I": "1", "i": "1", "O": "0", "o": "0", "S": "5", "s": "5", "Z": "2",
                        "z": "2", "B": "8", "b": "6", "g": "9", "q": "9"})  # fmt: skip


def findings(subject: Subject) -> list[Finding]:
    """A finding where a name in the place of a number makes every step a gradient."""
    if subject.judgement is not None or not subject.case.claims:
        return []
    if isinstance(subject.module, Driven):
        return []
    for node, name in _pairs(subject):
        if _explains(subject, node, name):
            return [_finding(subject, node, name)]
    return []


def _pairs(subject: Subject) -> Iterator[tuple[s.Constant, str]]:
    """The numbers of the script with the names that look like them."""
    nodes = list(descend(subject.module.body))
    names = dict.fromkeys(n.id for n in nodes if isinstance(n, s.Name))
    alike = {name: name.translate(_ALIKE) for name in names}
    for node in nodes:
        if isinstance(node, s.Constant) and type(node.value) is int and node.span.line:
            written = subject.module.excerpt(node.span)
            yield from ((node, name) for name, digits in alike.items() if digits == written)


def _explains(subject: Subject, node: s.Constant, name: str) -> bool:
    case = walk_case(subject.module, subject.case.facts, overrides={id(node): s.Name(name)})
    judgement = choose(case)[0] if len(case.claims) >= len(subject.case.claims) else None
    return judgement is not None and judgement.consistent


def _finding(subject: Subject, node: s.Constant, name: str) -> Finding:
    written = subject.module.excerpt(node.span)
    message = f"the number {written} stands where the name {name} belongs."
    fix = Fix(f"replace {written} by {name}", (Edit(node.span, name),), verified=True)
    return Finding("GL101", NAMES["GL101"], severity_of("GL101", True), node.span, message, fix=fix)
