"""Whether a backward pass that was written is right, by the analysis that everything else goes through."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradlint.analysis import quiet
from gradlint.composing.inserting import indent_of
from gradlint.composing.partners.frames import Frame
from gradlint.composing.rereading import reread
from gradlint.composing.target import Underivable
from gradlint.examining import driven_alone
from gradlint.reading import UnreadableSyntax
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject


def inserted(module: s.Module, frame: Frame, code: Sequence[str]) -> str:
    """The text of `module` with `code` behind its forward pass, instead of an older one."""
    unit, lines = frame.unit, module.text.splitlines()
    indent, inner = indent_of(module, unit.definition), indent_of(module, unit.last)
    old = unit.old.definition if unit.old is not None else None
    gone = set() if old is None else set(range(first_line(old), old.span.end_line + 1))
    found: list[str] = []
    keeping = frame.keeping()
    for number, line in enumerate(lines, 1):
        if keeping is not None and number == unit.last.span.line:
            found.append(inner + keeping)
        if number not in gone:
            found.append(line)
        if number == unit.definition.span.end_line:
            found += ["", *(indent + one if one else "" for one in code), ""]
    return "\n".join(found) + "\n"


def first_line(statement: s.Stmt) -> int:
    """The line that a definition begins in, its decorators included."""
    above = [d.span.line for d in getattr(statement, "decorators", ())]
    return int(min([statement.span.line, *above]))


def expect_right(text: str, path: str, frame: Frame, places: Collection[str]) -> None:
    """Judge the backward pass in `text` as any that a user wrote.

    Raises:
        Underivable: it is not right, or one of the gradients at `places` was not compared.
    """
    unit = frame.unit
    name = frame.name if unit.owner is None else f"{unit.owner}.{frame.name}"
    if not places:
        raise Underivable(
            f"{unit.told} only calls what has a gradient ({unit.definition.span.told})"
        )
    try:
        module = reread(text, path)
    except UnreadableSyntax as error:
        raise Underivable(
            f"what was derived for {unit.told} does not parse: {error.message}"
        ) from None
    with quiet():
        subjects = list(driven_alone(module, name))
    if not any(_is_right(one, len(places)) for one in subjects):
        where = unit.definition.span.told
        raise Underivable(f"what was derived for {unit.told} could not be judged equal ({where})")


def _is_right(subject: Subject, count: int) -> bool:
    judgement = subject.judgement
    if judgement is None or not judgement.consistent or subject.wrong:
        return False
    return len(subject.case.claims) >= count and not subject.case.trace.unread
