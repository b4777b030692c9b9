"""The step of an item that never moves, as another item has it: `p["b" + k] -= lr * g["db" + k]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.claims import Claim
from gradlint.rules.steps import Step
from gradlint.rules.subject import Subject

_PREFIX = r"(?<![A-Za-z])((?:d|g|grad|delta|nabla)_?)?"
_KEY = re.compile(r"""\[(['"])(.+)\1\]$""")


def steps_of_item(subject: Subject, place: str, gradient: str) -> Iterator[Step]:
    """What moves `place` along `gradient`, made of each step of the others that stands in one line."""
    seen: set[str] = set()
    for claim in subject.case.claims:
        statement = claim.updates[0].statement
        text = subject.module.excerpt(statement.span)
        if len(claim.updates) > 1 or "\n" in text or statement.span.file or text in seen:
            continue
        seen.add(text)
        written = _rewritten(text, claim, place, gradient)
        if written != text:
            yield Step(written, statement)


def _rewritten(text: str, claim: Claim, place: str, gradient: str) -> str:
    """The text of a claim's step with the names of another parameter and of its gradient."""
    old, new = _stem(claim.place), _stem(place)
    if old is not None and new is not None:
        return _in_quotes(text, old, new)
    words = {_holder(claim.place): _holder(place), _holder(claim.name): _holder(gradient)}
    return re.sub(r"\b\w+\b", lambda m: words.get(m[0], m[0]), text)


def _stem(place: str) -> str | None:
    """`W` of `params["W1"]`: what a key is without its number; None where there is no such key."""
    found = _KEY.search(place)
    return found[2].rstrip("0123456789") if found else None


def _in_quotes(text: str, old: str, new: str) -> str:
    """The text with one stem for another inside its strings, also behind a `d` or `grad_`."""
    stem = re.compile(rf"{_PREFIX}{re.escape(old)}(?![A-Za-z])")
    return re.sub(r"(['\"])(.*?)\1", lambda m: stem.sub(lambda k: f"{k[1] or ''}{new}", m[0]), text)


def _holder(place: str) -> str:
    """`biases` of `biases[0]`."""
    return place.partition("[")[0]
