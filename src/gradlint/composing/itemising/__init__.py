"""Lists that loops append to, as lists whose items are set: a form in which each round can be taken back.

`states.append(x)` in the round `t` is `states[t + 1] = x` in a list that is long enough, `states[-1]` before
it is `states[t]`, and a loop over the weights themselves goes over their numbers. What is derived from that
form names items that the lists of the script have too, so that it holds behind the script as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradlint.composing.itemising.growing import Growing, growing
from gradlint.composing.itemising.rounds import Rounds, rounds_of
from gradlint.composing.rereading import reread
from gradlint.composing.rewriting import Edit, with_edits
from gradlint.model import Span
from gradlint.reading import UnreadableSyntax
from gradlint.reading import syntax as s
from gradlint.reading.walking import blocks, descend


def itemised(module: s.Module, block: s.Block) -> s.Module | None:
    """`module`, line for line, with items set where `block` appends to lists; None if it does not."""
    edits = list(_edits(module, block))
    if not edits:
        return None
    try:
        return reread(with_edits(module, edits), module.path)
    except UnreadableSyntax:
        return None


def _edits(module: s.Module, around: s.Block) -> Iterator[Edit]:
    held = {n.id for n in descend(module.body) if isinstance(n, s.Name)}
    for block in blocks(around):
        for at, loop in enumerate(block):
            if not isinstance(loop, s.For):
                continue
            rounds = rounds_of(module, loop, held)
            lists = list(growing(block[:at], loop, block)) if rounds is not None else []
            if rounds is not None and lists:
                yield from rounds.edits
                for one in lists:
                    yield from _of_list(module, one, rounds)
                    yield from _unpacked(block[at + 1 :], one.name)


def _of_list(module: s.Module, one: Growing, rounds: Rounds) -> Iterator[Edit]:
    """The list at its full length, its item for what is appended, and its last ones by their numbers."""
    room = f"[0.0] * {rounds.count}"
    begun = module.excerpt(one.begun.span)
    yield one.begun.span, f"{begun} + {room}" if one.length else room
    span, value = one.append.span, one.append.args[0].value.span
    left, right = ("(", ")") if value.line != value.end_line else ("", "")
    yield _between(span, value), f"{one.name}[{rounds.number(one.length)}] = {left}"
    yield replace(span, line=value.end_line, column=value.end_column), right
    for item, back in one.ends:
        is_longer = item.span.line > span.end_line
        yield item.index.span, rounds.number(one.length - back + is_longer)


def _unpacked(behind: s.Block, name: str) -> Iterator[Edit]:
    """The items of a list that is given to several names: `first, last = outputs`."""
    for node in descend(behind):
        match node:
            case s.Assign(
                targets=(s.Sequence(elements=names),), value=s.Name(id=given) as value
            ) if given == name:
                yield value.span, ", ".join(f"{name}[{k}]" for k in range(len(names)))


def _between(around: Span, inner: Span) -> Span:
    """What stands in a span before another one in it."""
    return replace(around, end_line=inner.line, end_column=inner.column)
