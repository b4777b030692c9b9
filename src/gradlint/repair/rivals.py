"""Which loss a wrong script descends, where none is written under a name: the one that the smallest
edit makes every gradient right for. A loss that is shown (printed, kept in a history) goes before one
that is guessed from the error.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradlint.judging import Case, Judgement
from gradlint.repair.search import WORK, search
from gradlint.repair.trying import Repair, Work

_MOST = 4
_GUESSED = 0.3
"""What it costs, beside an edit, that the loss is nowhere to be seen in the script."""

_SLIP = 1.45
"""A single edit up to this cost under the loss that looks best needs no comparison with others."""


def search_rivals(
    case: Case, chosen: Judgement, judged: Sequence[Judgement]
) -> tuple[Judgement, list[Repair]]:
    """The loss under which the repairs are cheapest, and these repairs; `chosen` where none is whole."""
    if chosen.spec.is_written and chosen.spec.named:
        return chosen, search(case, chosen)
    rivals = [chosen, *_rivals(chosen, judged)]
    rivals.sort(key=lambda j: (-j.right, not j.spec.is_written))
    best, found, work = rivals[0], search(case, rivals[0], Work(WORK)), Work(WORK)
    for rival in rivals[1:]:
        settled = best.spec.is_written or not rival.spec.is_written
        if work.left < 0 or (settled and _price(best, found) <= _SLIP):
            break
        below = _price(best, found) - _GUESSED * (not rival.spec.is_written)
        repairs = search(case, rival, work, below)
        if _price(rival, repairs) < _price(best, found):
            best, found = rival, repairs
    whole = _price(best, found) < float("inf")
    return (best, found) if whole or best is chosen else (chosen, search(case, chosen, Work(WORK)))


def _rivals(chosen: Judgement, judged: Sequence[Judgement]) -> list[Judgement]:
    """The other losses that the claims go along at all: shown ones first, then those with most right."""
    others = [j for j in judged if not j.blocked and _direction(j) != _direction(chosen)]
    others.sort(key=lambda j: (not j.spec.is_written, -j.right))
    return list({_direction(j): j for j in reversed(others)}.values())[: -_MOST - 1 : -1]


def _direction(judgement: Judgement) -> tuple[float | None, ...]:
    """What tells losses apart that are not multiples of each other."""
    return tuple(None if c.cosine is None else round(c.cosine, 6) for c in judgement.comparisons)


def _price(judgement: Judgement, repairs: list[Repair]) -> float:
    """The cost of all edits together; infinite where they do not make every claim right."""
    if not repairs or not repairs[-1].complete:
        return float("inf")
    guessed = not judgement.spec.is_written
    return sum(r.candidate.cost for r in repairs) + _GUESSED * guessed
