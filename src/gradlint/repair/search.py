"""The search for the smallest edit that makes every gradient right.

First the small edits of what all wrong claims were computed from are tried, cheapest first, for a while. If
none of them makes everything right, the derived expression of a gradient is put in the place of each
suspect line: where that works the mistake stands, and it is what is written if nothing smaller does. Then
the other small edits are tried. A second mistake is looked for where the best edit makes more claims right
than before, and none wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gradlint.judging import Case, Judgement
from gradlint.reading import syntax as s
from gradlint.repair import edits  # noqa: F401  (registers the generators)
from gradlint.repair.candidate import BEYOND, GENERATORS, Candidate, Generator
from gradlint.repair.edits.derived import COST, derived
from gradlint.repair.reach import Reach
from gradlint.repair.scene import Scene
from gradlint.repair.suspicion import blamed_statements, settled_statements
from gradlint.repair.trying import Repair, Trial, Work

WORK = 35_000
"""Trace nodes that walks of candidates may make together: about one second."""

_BEFORE_REWRITING = 8_000
"""The same for the cheapest edits, before it is known where the derived gradient works."""

_BESIDE_REWRITING = 15_000
"""The same for small edits where the derived gradient works: there is something to write already."""

_FOR_WALKS = 0.25
"""The part of it that is kept for candidates that must be walked."""

_FOR_DOUBTS = 10_000
"""The same where no edit of the suspects helps, for edits of what right claims were made from."""

MOST_MISTAKES = 3
_CHEAPEST = 0.6
"""What a second edit costs at least, where one is not enough."""

_UNSCALED = 0.2
"""What it is worth, in cost, that an edit leaves the gradients at the loss's own scale."""

_ELSEWHERE = 0.4
"""What it costs to try a line where the derived gradient did not help, beside one where it did."""

_BLAMED = 0.6
"""How much sooner edits are tried where, of what is right, something wrong is made."""

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
        repair = _best(scene, stage, below) or _doubted(scene, below)
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


Proposed = tuple[s.Stmt, Candidate]


@dataclass
class _Hunt:
    """The trials of one search: the cheapest `complete` repair below a cost, and that which mends most."""

    trial: Trial
    below: float
    reach: Reach
    complete: Repair | None = None
    most: Repair | None = None
    must_complete: bool = False

    def through(self, proposed: Sequence[Proposed], work: int) -> list[Proposed]:
        """Try candidates for so much `work`, those first that need no walk to be refuted.

        What it was not enough for is given back.
        """
        replay, until = self.trial.scene.replay, max(self.trial.work.left - work, 0)
        covered = {id(c) for _, c in proposed if replay.covers(c.swaps)}
        cheap = [pair for pair in proposed if id(pair[1]) in covered]
        dear = [pair for pair in proposed if id(pair[1]) not in covered]
        left = self._tried(cheap, until + int(work * _FOR_WALKS))
        return left + self._tried(dear, until)

    def _tried(self, proposed: Sequence[Proposed], until: int) -> list[Proposed]:
        for number, (statement, candidate) in enumerate(proposed):
            if self.trial.work.left < until:
                return list(proposed[number:])
            if not self._is_idle(statement, candidate):
                self.keep(self.trial(candidate))
        return []

    def _is_idle(self, statement: s.Stmt, candidate: Candidate) -> bool:
        """Whether there is a better repair already, whatever the candidate does."""
        if self.complete is not None and _cost(candidate, True) > _rank(self.complete)[0]:
            return True
        if candidate.cost >= self.below:
            return True
        reached = self.reach.of(statement, candidate)
        if reached == len(self.reach.wrong):
            return False
        alone = (
            self.must_complete
            or self.complete is not None
            or candidate.cost + _CHEAPEST >= self.below
        )
        return alone or (self.most is not None and (reached, -candidate.cost) <= _gain(self.most))

    def keep(self, repair: Repair | None) -> None:
        """Remember a repair if there is no better one."""
        if repair is None:
            return
        if repair.complete and (self.complete is None or _rank(repair) < _rank(self.complete)):
            self.complete = repair
        if self.most is None or _gain(repair) > _gain(self.most):
            self.most = repair


def _best(scene: Scene, work: Work, below: float) -> Repair | None:
    """The cheapest complete repair; without one, the one that mends most and spoils nothing."""
    hunt, spent = _Hunt(Trial(scene, work), below, Reach(scene)), work.left
    near, far = hunt.reach.split(scene.suspects)
    proposed = candidates(scene, near, GENERATORS) + candidates(scene, far, BEYOND)
    blamed, rewritten, places = blamed_statements(scene), list[Repair](), set[int]()
    rest = hunt.through(_ordered(proposed, blamed, places), _BEFORE_REWRITING)
    spent -= work.left
    if hunt.complete is None:
        rewritten, places = _rewritten(hunt)
    hunt.must_complete = any(repair.complete for repair in rewritten)
    enough = hunt.must_complete or hunt.complete is not None
    if not enough:  # none of these can mend everything
        rest += candidates(scene, far, [one for one in GENERATORS if one not in BEYOND])
    rest = _ordered(rest, blamed, places)
    hunt.through(rest, _BESIDE_REWRITING - spent if enough else work.left)
    return hunt.complete or _less(rewritten, hunt.most)


def _doubted(scene: Scene, below: float) -> Repair | None:
    """The whole repair of what only seems to be right, such as a sum whose parts are exchanged."""
    if not scene.judgement.right:
        return None
    found = _best(scene.doubting(), Work(_FOR_DOUBTS), below)
    return found if found is not None and found.complete else None


def _less(rewritten: list[Repair], most: Repair | None) -> Repair | None:
    """What is done where no small edit makes everything right."""
    whole = [repair for repair in rewritten if repair.complete]
    if whole:
        return min(whole, key=_rank)
    return max((r for r in (*rewritten, most) if r is not None), key=_gain, default=None)


def _gain(repair: Repair) -> tuple[int, float]:
    """More claims mended first, then the cheaper edit."""
    return len(repair.mended), -repair.candidate.cost


def _rewritten(hunt: _Hunt) -> tuple[list[Repair], set[int]]:
    """The derived expressions that work, and the statements, by identity, in which they mend most."""
    found: list[Repair] = []
    gains: dict[int, tuple[bool, int]] = {}
    scene = hunt.trial.scene
    if not _is_pinned_down(scene.judgement) or hunt.below <= COST:
        return found, set()
    for statement in scene.suspects:
        most = max(gains.values(), default=(False, 0))
        for repair in _rewritings(hunt, statement, most[1]):
            found.append(repair)
            gain = repair.complete, len(repair.mended)
            gains[id(statement)] = max(gain, gains.get(id(statement), gain))
    best = max(gains.values(), default=None)
    return found, {place for place, gain in gains.items() if gain == best}


def _rewritings(hunt: _Hunt, statement: s.Stmt, least: int) -> Iterator[Repair]:
    """The derived expressions that work in one statement, if `least` claims may be mended there.

    After one that mends all that can be mended here, at the loss's own scale, no other one is better.
    """
    if isinstance(statement, s.Assign) and hunt.reach.most(statement) < least:
        return
    for candidate in derived(hunt.trial.scene, statement):
        reached = hunt.reach.of(statement, candidate)
        if reached < least:
            return
        repair = hunt.trial(candidate)
        if repair is None:
            continue
        yield repair
        if len(repair.mended) == reached and (not repair.complete or _is_unscaled(repair)):
            return


def _is_pinned_down(judgement: Judgement) -> bool:
    """Whether the loss is known apart from the line to be rewritten: anything can be made to fit a guess."""
    return judgement.right > 0 or (judgement.spec.is_written and judgement.spec.named)


def _rank(repair: Repair) -> tuple[float, float]:
    """Cheaper edits first; at equal cost those that leave the gradients at the loss's own scale."""
    return _cost(repair.candidate, _is_unscaled(repair)), repair.candidate.span.line


def _is_unscaled(repair: Repair) -> bool:
    return all(c.cancelled or abs((c.scale or 0) - 1) < 1e-6 for c in repair.comparisons)


def _cost(candidate: Candidate, unscaled: bool) -> float:
    return round(candidate.cost - _UNSCALED * unscaled, 3)


def _detour(statement: s.Stmt, candidate: Candidate, places: set[int]) -> float:
    """What it costs that the derived gradient does not help here; of a step it says nothing."""
    elsewhere = bool(places) and id(statement) not in places
    return _ELSEWHERE * (elsewhere and candidate.code.startswith("GL1"))


def candidates(
    scene: Scene, statements: Sequence[s.Stmt], generators: Sequence[Generator]
) -> list[Proposed]:
    """The small edits of suspect statements."""
    settled = settled_statements(scene)
    known = _is_pinned_down(scene.judgement)
    return [
        (statement, candidate.dearer(_SETTLED * (id(statement) in settled)))
        for statement in statements
        for generator in generators
        for candidate in generator(scene, statement)
        if candidate.code != "GL114" or known or len(scene.claims) > 1
    ]


def _ordered(proposed: Iterable[Proposed], blamed: set[int], places: set[int]) -> list[Proposed]:
    """Each effect once, at its cheapest, in the order in which they are tried."""
    found = sorted(proposed, key=lambda pair: pair[1].cost)
    unique = list({pair[1].effect: pair for pair in reversed(found)}.values())[::-1]
    return sorted(unique, key=lambda pair: _turn(pair, blamed) + _detour(pair[0], pair[1], places))


def _turn(proposed: Proposed, blamed: set[int]) -> float:
    """When an edit is tried: the cheap ones first, and those where it goes wrong."""
    statement, candidate = proposed
    return candidate.cost - _BLAMED * (id(statement) in blamed)
