"""The search for the smallest edit that makes every gradient right.

First the small edits are tried, cheapest first, for a while. If none of them makes everything right, the
derived expression of a gradient is put in the place of each suspect line: where that works the mistake
stands, and it is what is written if nothing smaller does. Then the other small edits are tried. A second
mistake is looked for where the best edit makes more claims right than before, and none wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradlint.judging import Case, Judgement
from gradlint.reading import syntax as s
from gradlint.repair import edits  # noqa: F401  (registers the generators)
from gradlint.repair.candidate import GENERATORS, Candidate
from gradlint.repair.edits.derived import COST, derived
from gradlint.repair.scene import Scene
from gradlint.repair.suspicion import settled_statements
from gradlint.repair.trying import Repair, Trial, Work

WORK = 35_000
"""Trace nodes that walks of candidates may make together: about one second."""

_BEFORE_REWRITING = 8_000
"""The same for the cheapest edits, before it is known where the derived gradient works."""

_BESIDE_REWRITING = 15_000
"""The same for small edits where the derived gradient works: there is something to write already."""

MOST_MISTAKES = 3
_UNSCALED = 0.2
"""What it is worth, in cost, that an edit leaves the gradients at the loss's own scale."""

_ELSEWHERE = 0.4
"""What it costs to try a line where the derived gradient did not help, beside one where it did."""

_SETTLED = 0.15
"""What it costs to change a line whose name says of what it is the gradient, and rightly so."""


def search(
    case: Case, judgement: Judgement, work: Work | None = None, below: float = float("inf")
) -> list[Repair]:
    """The repairs that make the claims of `case` right, in the order in which they were found.

    The last one is `complete` where together they make every claim right up to one positive constant.
    Those that cost `below` or more together are of no use and are not looked for.
    """
    found: list[Repair] = []
    scene, work = Scene(case, judgement), work or Work(2 * WORK)
    for _ in range(MOST_MISTAKES):
        stage = Work(min(work.left, WORK))
        before = stage.left
        repair = _best(scene, stage, below)
        work.left -= before - stage.left
        if repair is None:
            break
        found.append(repair)
        below -= repair.candidate.cost
        if repair.complete:
            break
        after = Judgement(judgement.spec, repair.comparisons, judgement.truths)
        scene = Scene(case, after, scene.overrides | repair.candidate.overrides)
    return found


@dataclass
class _Hunt:
    """The trials of one search: the cheapest `complete` repair below a cost, and the `partial` ones."""

    trial: Trial
    below: float
    complete: Repair | None = None
    partial: list[Repair] = field(default_factory=list)

    def through(self, candidates: Sequence[Candidate], work: int) -> int:
        """Try candidates for so much `work`; how many of them it was enough for."""
        until = self.trial.work.left - work
        for number, candidate in enumerate(candidates):
            if self.trial.work.left < max(until, 0):
                return number
            if self._is_dear(candidate):
                continue
            repair = self.trial(candidate)
            if repair is not None:
                self._keep(repair)
        return len(candidates)

    def _is_dear(self, candidate: Candidate) -> bool:
        """Whether there is a better repair already, whatever the candidate does."""
        beaten = self.complete is not None and _cost(candidate, True) > _rank(self.complete)[0]
        return beaten or candidate.cost >= self.below

    def _keep(self, repair: Repair) -> None:
        if repair.complete and (self.complete is None or _rank(repair) < _rank(self.complete)):
            self.complete = repair
        self.partial.append(repair)


def _best(scene: Scene, work: Work, below: float) -> Repair | None:
    """The cheapest complete repair; without one, the one that mends most and spoils nothing."""
    hunt, spent = _Hunt(Trial(scene, work), below), work.left
    proposed = _proposed(scene)
    small = [candidate for _, candidate in proposed]
    tried = hunt.through(small, _BEFORE_REWRITING)
    spent -= work.left
    if hunt.complete is not None:
        hunt.through(small[tried:], _BESIDE_REWRITING - spent)
        return hunt.complete
    rewritten, places = _rewritten(hunt)
    rest = sorted(proposed[tried:], key=lambda pair: pair[1].cost + _detour(*pair, places))
    whole = any(repair.complete for repair in rewritten)
    left = _BESIDE_REWRITING - spent if whole else work.left
    hunt.through([candidate for _, candidate in rest], left)
    if hunt.complete is not None:
        return hunt.complete
    if whole:
        return min((r for r in rewritten if r.complete), key=_rank)
    return max(
        [*rewritten, *hunt.partial], key=lambda r: (len(r.mended), -r.candidate.cost), default=None
    )


def _rewritten(hunt: _Hunt) -> tuple[list[Repair], set[int]]:
    """The derived expressions that work, and the statements, by identity, in which they mend most."""
    found: list[Repair] = []
    gains: dict[int, tuple[bool, int]] = {}
    scene = hunt.trial.scene
    if not _is_pinned_down(scene.judgement) or hunt.below <= COST:
        return found, set()
    for statement in scene.suspects:
        for candidate in derived(scene, statement):
            repair = hunt.trial(candidate)
            if repair is not None:
                found.append(repair)
                gain = repair.complete, len(repair.mended)
                gains[id(statement)] = max(gain, gains.get(id(statement), gain))
    most = max(gains.values(), default=None)
    return found, {place for place, gain in gains.items() if gain == most}


def _is_pinned_down(judgement: Judgement) -> bool:
    """Whether the loss is known apart from the line to be rewritten: anything can be made to fit a guess."""
    return judgement.right > 0 or (judgement.spec.is_written and judgement.spec.named)


def _rank(repair: Repair) -> tuple[float, float]:
    """Cheaper edits first; at equal cost those that leave the gradients at the loss's own scale."""
    unscaled = all(abs((c.scale or 0) - 1) < 1e-6 for c in repair.comparisons)
    return _cost(repair.candidate, unscaled), repair.candidate.span.line


def _cost(candidate: Candidate, unscaled: bool) -> float:
    return round(candidate.cost - _UNSCALED * unscaled, 3)


def _detour(statement: s.Stmt, candidate: Candidate, places: set[int]) -> float:
    """What it costs that the derived gradient does not help here; of a step it says nothing."""
    elsewhere = bool(places) and id(statement) not in places
    return _ELSEWHERE * (elsewhere and candidate.code.startswith("GL1"))


def _proposed(scene: Scene) -> list[tuple[s.Stmt, Candidate]]:
    """The small edits of the suspect statements, cheapest first."""
    settled = settled_statements(scene)
    known = _is_pinned_down(scene.judgement)
    proposed = [
        (statement, candidate.dearer(_SETTLED * (id(statement) in settled)))
        for statement in scene.suspects
        for generator in GENERATORS
        for candidate in generator(scene, statement)
        if candidate.code != "GL114" or known or len(scene.claims) > 1
    ]
    return sorted(proposed, key=lambda pair: pair[1].cost)
