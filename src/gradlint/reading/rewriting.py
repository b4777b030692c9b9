"""A text, what was changed in it, and the way back: from the new text's offsets to the old one's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """`content` stands where the old text had its stretch from `start` to `end` (offsets)."""

    start: int
    end: int
    content: str


@dataclass(frozen=True)
class Rewriting:
    """`changes` to `old`, in order and without overlap."""

    old: str
    changes: tuple[Change, ...] = ()

    @cached_property
    def new(self) -> str:
        """The text after the changes."""
        parts, at = [], 0
        for change in self.changes:
            parts += [self.old[at : change.start], change.content]
            at = change.end
        return "".join(parts) + self.old[at:]

    @cached_property
    def _starts(self) -> list[int]:
        """Where the content of each change starts in the new text."""
        starts, shift = [], 0
        for change in self.changes:
            starts.append(change.start + shift)
            shift += len(change.content) - (change.end - change.start)
        return starts

    def back(self, offset: int, is_end: bool = False) -> int:
        """The old offset of a new one; inside of what was changed, the side that `is_end` says.

        Where something was taken out, a stretch begins behind it and ends before it.
        """
        find = bisect_left if is_end else bisect_right
        index = find(self._starts, offset) - 1
        if index < 0:
            return offset
        change = self.changes[index]
        behind = offset - self._starts[index] - len(change.content)
        if behind >= 0:
            return change.end + behind
        return change.end if is_end else change.start

    def splits(self, offset: int) -> bool:
        """Whether a new offset lies inside of what was written anew."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            return False
        start = self._starts[index]
        return start < offset < start + len(self.changes[index].content)


def rewritten(old: str, changes: Iterable[Change]) -> Rewriting:
    """The rewriting by `changes` in any order; of two that overlap the earlier one stands."""
    kept: list[Change] = []
    for change in sorted(changes, key=attrgetter("start", "end")):
        if change.content == old[change.start : change.end]:
            continue
        if not kept or change.start >= kept[-1].end:
            kept.append(change)
    return Rewriting(old, tuple(kept))
