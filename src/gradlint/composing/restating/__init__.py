"""The forward pass once more, behind the loss: with names for what the script's own functions compute inside.

What a function computes inside has no name where the loss is stored, and its gradient could not be written;
nor has what a loop overwrites in each round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from gradlint.composing.aim import Aim
from gradlint.composing.inserting import block_of
from gradlint.composing.itemising.keeping import kept, overwritten
from gradlint.composing.posing import Posed, with_lines
from gradlint.composing.restating.inlining import Inliner, names_in
from gradlint.composing.restating.resolving import Called, called_functions
from gradlint.composing.reversing.scopes import changes, lengthened, reads
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
    held = _held(module, aim)
    lines = Inliner(module, called, held).block(statements[_first(aim, statements, called) :], {})
    needed = kept(_needed(lines, aim.target.loss), held)
    return with_lines(module, tuple(needed), aim.target.loss, aim.after)


def _first(aim: Aim, statements: Sequence[s.Stmt], called: Mapping[int, Called]) -> int:
    """Which of the statements that make the loss is the first that is written once more.

    Raises:
        Underivable: none has to be.
    """
    lost = {
        name for one in statements for n in descend((one,)) if isinstance(n, s.For)
        for name in overwritten(n)
    }  # fmt: skip
    for k, one in enumerate(statements):
        if _calls(one, called) or changes(one) & lost:
            return k
    raise Underivable(f"nothing on the way to {aim.target.loss} calls functions of the script")


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
    gone = {one.span.line for one in _idle_appends(body)}
    return [line for one in _made_by(body, loss) for line in _lines_of(one, lines, gone)]


def _idle_appends(block: s.Block) -> Iterator[s.Stmt]:
    """The statements that append to a list which nothing reads."""
    appends = [(n, name) for n in descend(block) if isinstance(n, s.Stmt) for name in lengthened(n)]
    own = {id(n) for one, _ in appends for n in descend((one.value.func,))}  # type: ignore[attr-defined]
    targets = {
        id(n) for one in descend(block) if isinstance(one, s.Assign) for n in descend(one.targets)
    }  # fmt: skip
    read = {
        n.id for n in descend(block)
        if isinstance(n, s.Name) and id(n) not in own and id(n) not in targets
    }  # fmt: skip
    return (one for one, name in appends if name not in read)


def _lines_of(statement: s.Stmt, lines: Sequence[str], gone: Collection[int]) -> Iterator[str]:
    for number in range(statement.span.line, statement.span.end_line + 1):
        if number not in gone:
            yield lines[number - 1]
