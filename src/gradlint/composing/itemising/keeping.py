"""Names that each round of a loop overwrites, kept in lists: what it began with is needed to take it back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gradlint.composing.itemising.rounds import rounds_of
from gradlint.composing.reversing.scopes import binds, carried
from gradlint.composing.rewriting import Edit, with_edits
from gradlint.model import Span
from gradlint.reading import read_script
from gradlint.reading import syntax as s
from gradlint.reading.walking import blocks, descend

_INDENT = "    "


def kept(lines: Sequence[str], held: Collection[str]) -> list[str]:
    """`lines` with a list for each name that a loop in them overwrites; `held` are names that are in use.

    `for x in xs: h = f(h, x)` becomes a loop that reads `hs[k]` and ends in `hs[k + 1] = h`; behind it `h` is
    `hs[-1]`.
    """
    module = read_script("\n".join(lines) + "\n", "lines.py").module
    edits: list[Edit] = []
    for block in blocks(module.body):
        for at, loop in enumerate(block):
            if isinstance(loop, s.For) and overwritten(loop):
                edits += _of_loop(module, loop, block[at + 1 :], held)
    return with_edits(module, edits).splitlines() if edits else list(lines)


def overwritten(loop: s.For) -> list[str]:
    """The names that a round of `loop` reads as the round before left them, and then gives a new value."""
    names = carried(loop.body)
    return sorted(name for name in names if any(_gives(one, name) for one in loop.body))


def _of_loop(
    module: s.Module, loop: s.For, behind: s.Block, held: Collection[str]
) -> Iterator[Edit]:
    rounds = rounds_of(module, loop, held)
    if rounds is None:
        return
    indent = " " * (loop.span.column - 1)
    before, end = "", ""
    for name in overwritten(loop):
        kept_in = _free(f"{name}s", held)
        before += f"{kept_in} = [{name}] + [None] * {rounds.count}\n{indent}"
        end += f"\n{indent}{_INDENT}{kept_in}[{rounds.number(1)}] = {name}"
        for read in _read_first(loop.body, name):
            yield read.span, f"{kept_in}[{rounds.number(0)}]"
        for read in _read_first(behind, name):
            yield read.span, f"{kept_in}[-1]"
    yield from rounds.edits
    yield _at(loop.span, loop.span.line, loop.span.column), before
    last = loop.body[-1].span
    yield _at(last, last.end_line, last.end_column), end


def _read_first(body: s.Block, name: str) -> Iterator[s.Name]:
    """Where a name is read before a statement of a block gives it a new value."""
    for statement in body:
        targets = {id(n) for t in getattr(statement, "targets", ()) for n in descend((t,))}
        for node in descend((statement,)):
            if isinstance(node, s.Name) and node.id == name and id(node) not in targets:
                yield node
        if _gives(statement, name):
            return


def _gives(statement: s.Stmt, name: str) -> bool:
    return isinstance(statement, s.Assign) and name in binds(statement)


def _free(name: str, held: Collection[str]) -> str:
    while name in held:
        name += "_"
    return name


def _at(span: Span, line: int, column: int) -> Span:
    """The place right before a column."""
    return replace(span, line=line, column=column, end_line=line, end_column=column)
