"""The search for the smallest edit that makes every gradient right.

First the derived expression of a gradient is put in the place of each suspect line: where that works
the mistake stands, and it is what is written if nothing smaller does. Then small edits are tried,
cheapest first. A second mistake is looked for where the best edit makes more claims right than before,
and none wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.judging import Case, Judgement
from gradlint.reading import syntax as s
from gradlint.repair import edits  # noqa: F401  (registers the generators)
from gradlint.repair.candidate import GENERATORS, Candidate
from gradlint.repair.edits.derived import derived
from gradlint.repair.scene import Scene
from gradlint.repair.suspicion import settled_statements
from gradlint.repair.trying import Repair, Trial, Work

WORK = 35_000
"""Trace nodes that walks of candidates may make together: about one second."""

_AFTER_REWRITING = 15_000
"""The same for small edits where the derived gradient works: there is something to write already."""

MOST_MISTAKES = 3
_UNSCALED = 0.2
"""What it is worth, in cost, that an edit leaves the gradients at the loss's own scale."""

_ELSEWHERE = 0.4
"""What it costs to try a line where the derived gradient did not help, beside one where it did."""

_SETTLED = 0.15
"""What it costs to change a line whose name says of what it is the gradient, and rightly so."""


def search(case: Case, judgement: Judgement, work: Work | None = None) -> list[Repair]:
    """The repairs that make the claims of `case` right, in the order in which they were found.

    The last one is `complete` where together they make every claim right up to one positive constant.
    """
    found: list[Repair] = []
    scene, work = Scene(case, judgement), work or Work(2 * WORK)
    for _ in range(MOST_MISTAKES):
        stage = Work(min(work.left, WORK))
        before = stage.left
        repair = _best(scene, stage)
        work.left -= before - stage.left
        if repair is None:
            break
        found.append(repair)
        if repair.complete:
            break
        after = Judgement(judgement.spec, repair.comparisons, judgement.truths)
        scene = Scene(case, after, scene.overrides | repair.candidate.overrides)
    return found


def _best(scene: Scene, work: Work) -> Repair | None:
    """The cheapest complete repair; without one, the one that mends most and spoils nothing."""
    trial = Trial(scene, work)
    rewritten, places = _rewritten(scene, trial)
    whole = any(repair.complete for repair in rewritten)
    spare = max(work.left - _AFTER_REWRITING, 0) if whole else 0
    best: Repair | None = None
    partial = list(rewritten)
    for candidate in _candidates(scene, places):
        if work.left < spare:
            break
        if best is not None and _cost(candidate, unscaled=True) > _rank(best)[0]:
            continue
        repair = trial(candidate)
        if repair is None:
            continue
        if repair.complete and (best is None or _rank(repair) < _rank(best)):
            best = repair
        partial.append(repair)
    if best is None:
        best = min((r for r in rewritten if r.complete), key=_rank, default=None)
    if best is not None:
        return best
    return max(partial, key=lambda r: (len(r.mended), -r.candidate.cost), default=None)


def _rewritten(scene: Scene, trial: Trial) -> tuple[list[Repair], set[int]]:
    """The derived expressions that work, and the statements, by identity, in which they mend most."""
    found: list[Repair] = []
    gains: dict[int, tuple[bool, int]] = {}
    if not _is_pinned_down(scene.judgement):
        return found, set()
    for statement in scene.suspects:
        for candidate in derived(scene, statement):
            repair = trial(candidate)
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


def _detour(candidate: Candidate, statement: s.Stmt, places: set[int]) -> float:
    """What it costs that the derived gradient does not help here; of a step it says nothing."""
    elsewhere = bool(places) and id(statement) not in places
    return _ELSEWHERE * (elsewhere and candidate.code.startswith("GL1"))


def _candidates(scene: Scene, places: set[int]) -> Iterator[Candidate]:
    settled = settled_statements(scene)
    known = _is_pinned_down(scene.judgement)
    proposed = [
        (candidate.cost + _detour(candidate, statement, places), candidate.dearer(extra))
        for statement in scene.suspects
        for extra in [_SETTLED * (id(statement) in settled)]
        for generator in GENERATORS
        for candidate in generator(scene, statement)
        if candidate.code != "GL114" or known or len(scene.claims) > 1
    ]
    proposed.sort(key=lambda pair: pair[0])
    yield from (candidate for _, candidate in proposed)
