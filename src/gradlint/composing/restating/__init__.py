"""The forward pass once more, behind the loss: with names for what the script's own functions compute inside.

What a function computes inside has no name where the loss is stored, and its gradient could not be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gradlint.composing.aim import Aim
from gradlint.composing.inserting import block_of
from gradlint.composing.posing import Posed, with_lines
from gradlint.composing.restating.inlining import Inliner, names_in
from gradlint.composing.restating.resolving import Called, called_functions
from gradlint.composing.reversing.scopes import changes, reads
from gradlint.composing.target import Underivable
from gradlint.reading import UnreadableSyntax, read_script
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def restated(module: s.Module, aim: Aim) -> Posed:
    """`module` with its forward pass once more behind the loss, from the first call of its own functions on.

    Raises:
        Underivable: nothing on the way to the loss calls them, or they cannot be written out.
    """
    called = called_functions(aim)
    statements = _slice(block_of(module.body, aim.after), aim.after, aim.target.loss)
    first = next((k for k, one in enumerate(statements) if _calls(one, called)), None)
    if first is None:
        raise Underivable(f"nothing on the way to {aim.target.loss} calls functions of the script")
    lines = Inliner(module, called, _held(module, aim)).block(statements[first:], {})
    needed = _needed(lines, aim.target.loss)
    return with_lines(module, tuple(needed), aim.target.loss, aim.after)


def _held(module: s.Module, aim: Aim) -> set[str]:
    """The names that stand for something at the loss: those of the module, and of the function around."""
    inner = [n for n in descend(module.body) if isinstance(n, s.FunctionDef)]
    around = [f for f in inner if any(n is aim.after for n in descend(f.body))]
    top = {id(n) for f in inner for n in descend(f.body)}
    outer = names_in(
        [n for n in descend(module.body) if isinstance(n, s.Name) and id(n) not in top]
    )
    seen = {place for place in aim.visible if place.isidentifier()}
    return seen | outer | names_in([n for f in around for n in f.body]) | {f.name for f in inner}


def _slice(block: s.Block, after: s.Stmt, loss: str) -> list[s.Stmt]:
    """The statements of a block, up to `after`, that the loss is made by."""
    early = [one for one in block if one.span.line <= after.span.line]
    return _made_by(early, loss)


def _made_by(statements: Sequence[s.Stmt], loss: str) -> list[s.Stmt]:
    wanted, found = {loss.partition(".")[0]}, list[s.Stmt]()
    for one in reversed(statements):
        if changes(one) & wanted:
            found.append(one)
            wanted |= reads(one)
    return found[::-1]


def _calls(statement: s.Stmt, called: Mapping[int, Called]) -> bool:
    return any(id(n) in called for n in descend((statement,)))


def _needed(lines: Sequence[str], loss: str) -> list[str]:
    """The lines without the statements that nothing on the way to the loss needs."""
    try:
        body = read_script("\n".join(lines) + "\n", "lines.py").module.body
    except UnreadableSyntax as error:
        raise Underivable(f"what was written out does not parse: {error.message}") from None
    return [line for one in _made_by(body, loss) for line in _lines_of(one, lines)]


def _lines_of(statement: s.Stmt, lines: Sequence[str]) -> Iterator[str]:
    return iter(lines[statement.span.line - 1 : statement.span.end_line])
