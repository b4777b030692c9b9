"""How the rounds of a loop are counted: by the number that it has, or by one that it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gradlint.composing.reversing.moments import is_place
from gradlint.composing.reversing.scopes import binds
from gradlint.composing.rewriting import Edit
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_COUNTERS = ("k", "i", "t", "n", "step", "number")


@dataclass(frozen=True, slots=True)
class Rounds:
    """`counter` counts them, the first is `first`; `count` is how many there are, as text for a factor.

    `edits` make the loop one over its numbers, with items for what it went over.
    """

    counter: str
    first: int
    count: str
    edits: tuple[Edit, ...] = ()

    def number(self, more: int) -> str:
        """The number of a round, from 0 on, and `more`."""
        shift = more - self.first
        return self.counter + (f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else "")


def rounds_of(module: s.Module, loop: s.For, held: Collection[str]) -> Rounds | None:
    """How `loop` is counted; None where it goes over something that cannot be counted by items.

    `held` are the names that the script has already.
    """
    match loop.target, loop.iter:
        case s.Name(id=counter), s.Call(func=s.Name(id="range"), args=args):
            return _by_range(module, counter, [a.value for a in args])
        case target, s.Call(func=s.Name(id="enumerate"), args=(inner,)):
            match target:
                case s.Sequence(elements=(s.Name(id=counter), items)):
                    return _by_items(module, loop, counter, items, inner.value)
        case target, over:
            free = next((name for name in _COUNTERS if name not in held), None)
            return None if free is None else _by_items(module, loop, free, target, over)
    return None


def _by_range(module: s.Module, counter: str, bounds: list[s.Expr]) -> Rounds | None:
    texts = [module.excerpt(b.span) for b in bounds]
    match bounds:
        case [s.Name() | s.Constant()]:
            return Rounds(counter, 0, texts[0])
        case [_]:
            return Rounds(counter, 0, f"({texts[0]})")
        case [s.Constant(value=int() as first), _]:
            return Rounds(counter, first, f"({texts[1]} - {first})")
    return None


def _by_items(
    module: s.Module, loop: s.For, counter: str, target: s.Expr, over: s.Expr
) -> Rounds | None:
    """A loop over items, or over pairs of them, with the items by their numbers."""
    pairs = _pairs(target, over)
    if pairs is None or {name for name, _ in pairs} & _bound(loop.body):
        return None
    names = {name: f"{module.excerpt(place.span)}[{counter}]" for name, place in pairs}
    count = f"len({module.excerpt(pairs[0][1].span)})"
    read = (n for n in descend(loop.body) if isinstance(n, s.Name) and n.id in names)
    return Rounds(counter, 0, count, (
        (loop.target.span, counter), (loop.iter.span, f"range({count})"),
        *((n.span, names[n.id]) for n in read),
    ))  # fmt: skip


def _pairs(target: s.Expr, over: s.Expr) -> list[tuple[str, s.Expr]] | None:
    """The names that a loop gives its items to, each with what they are items of."""
    match target, over:
        case s.Sequence(elements=names), s.Call(func=s.Name(id="zip"), args=args):
            pairs = list(zip(names, (a.value for a in args), strict=False))
            is_whole = len(names) == len(args)
        case _:
            pairs, is_whole = [(target, over)], True
    found = [(n.id, place) for n, place in pairs if isinstance(n, s.Name) and is_place(place)]
    return found if is_whole and len(found) == len(pairs) else None


def _bound(block: s.Block) -> set[str]:
    return {name for one in _statements(block) for name in binds(one)}


def _statements(block: s.Block) -> Iterator[s.Stmt]:
    return (n for n in descend(block) if isinstance(n, s.Stmt))
