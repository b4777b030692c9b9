"""The step that a parameter should have, written as the script writes the steps of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradlint.claims import Claim
from gradlint.claims.names import last_part, says_data, says_target
from gradlint.judging.case import walk_case
from gradlint.judging.judge import judge
from gradlint.model import Edit, Fix, Span
from gradlint.reading import syntax as s
from gradlint.reading.snippets import statement
from gradlint.rules.subject import Subject


@dataclass(frozen=True, slots=True)
class Step:
    """The text of a step, and the statement of another parameter that it was made after."""

    text: str
    model: s.Stmt


def step_like_others(subject: Subject, place: str, gradient: str) -> Step | None:
    """`W1 -= lr * dW1`, after the pattern of `W2 -= lr * dW2`; None where no step is that plain."""
    for claim in reversed(subject.case.claims):
        text = subject.module.excerpt(claim.updates[0].statement.span)
        plain = len(claim.updates) == 1 and is_plain(claim.place) and is_plain(claim.name)
        if not plain or "\n" in text or not _mentions(text, claim.place):
            continue
        if _mentions(text, claim.name) and claim.place != place:
            words = {claim.place: place, claim.name: gradient}
            names = rf"(?<![\w.])({re.escape(claim.place)}|{re.escape(claim.name)})\b"
            written = re.sub(names, lambda m, words=words: words[m[0]], text)  # type: ignore[misc]
            return Step(written, claim.updates[0].statement)
    return None


def is_plain(place: str) -> bool:
    """Whether a place is a variable or an attribute of one: `w`, `self.w`."""
    return all(part.isidentifier() for part in place.split(".", 1))


def _mentions(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", text))


def replacing(subject: Subject, old: s.Stmt, text: str) -> Fix:
    """The fix that writes `text` for a statement; verified where every step is right with it."""
    verified = verifies(subject, {id(old): statement(text)})
    told = f"replace {subject.module.excerpt(old.span)} by {text}"
    return Fix(told, (Edit(old.span, text),), verified)


def adding(subject: Subject, step: Step, more: int = 0) -> Fix:
    """The fix that writes a step behind the one that it was made after; `more` must be moved by it."""
    model = step.model
    verified = verifies(subject, {id(model): (model, statement(step.text))}, more)
    line, column = model.span.end_line, model.span.end_column
    before = subject.module.line_at(model.span)[: model.span.column - 1]
    parted = "; " if before.strip() else f"\n{before}"
    edit = Edit(Span(line, column, line, column), f"{parted}{step.text}")
    return Fix(f"add {step.text}", (edit,), verified)


def verifies(subject: Subject, overrides: dict[int, object], least: int = 0) -> bool:
    """Whether every step, and `least` more than before, are right with `overrides` in place."""
    assert subject.judgement is not None
    case = walk_case(subject.module, subject.case.facts, overrides=overrides)
    again = judge(case, subject.judgement.spec)
    more = len(case.claims) >= len(subject.case.claims) + least
    return again is not None and again.consistent and more


def is_sibling(place: str, claims: list[Claim]) -> bool:
    """Whether a name is that of a parameter beside those that are stepped: `W1` beside `W2`, a bias."""
    if says_data(place) or says_target(place):
        return False
    places = {claim.place for claim in claims}
    if len(place) == 1 and all(len(one) == 1 for one in places):
        return True
    alike = place[0].isupper() and any(one[0] == place[0] for one in places)
    if alike and all(len(one) == len(place) <= _SHORT for one in places):
        return True
    first = _words(place)[0]
    return is_parameter(place) or any(_words(claim.place)[0] == first for claim in claims)


def is_parameter(place: str) -> bool:
    """Whether a name is one that people give to weights and biases."""
    words = _words(place)
    return words[0] in _PARAMETERS or words[-1] in _PARAMETERS


def _words(place: str) -> list[str]:
    return re.sub(r"[\d_]+", " ", last_part(place).lower()).split() or [""]


_SHORT = 3
"""The length of names that are siblings by their first letter, in capitals, alone: `Wa`, `Wb`, `Wxh`."""

_PARAMETERS = {"w", "b", "weight", "weights", "bias", "biases", "theta", "gamma", "beta"}
