"""Draws mutants evenly over the classes and scripts, finds out the truth of each, and scores them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from mutation.keeping import GRADLINT, TRUTH, kept
from mutation.mutant import Mutant, mutants
from mutation.operators import OPERATORS
from mutation.scoring import Score, accused, score, verdict
from mutation.source import Source
from mutation.subjects import Subject, subjects
from mutation.truth import Plan, Truth, decide
from mutation.truth.running import prepare_process

_AHEAD = 4


@dataclass
class Sampled:
    """All that was found out: of the right scripts, of the mutants by truth, of the wrong ones."""

    verdicts: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, list[str]] = field(default_factory=dict)
    unplanned: list[str] = field(default_factory=list)
    truths: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    scores: list[Score] = field(default_factory=list)
    silent: int = 0
    accused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Drawn:
    subject: str
    plan: Plan
    mutant: Mutant


def sample(count: int, seed: int, only: str, scripts: str, jobs: int) -> Sampled:
    """About `count` wrong mutants, the same number of each class as far as there are so many."""
    found = Sampled()
    with ProcessPoolExecutor(jobs, initializer=prepare_process) as pool:
        names = [subject.name for subject in subjects() if scripts in subject.name]
        plans: dict[str, Plan] = {}
        for name, (said, alarms, plan) in zip(names, pool.map(_unbroken, names), strict=True):
            found.verdicts[name], found.alarms[name] = said, alarms
            if plan is None:
                found.unplanned.append(name)
            else:
                plans[name] = plan
        queues = _queues(plans, seed, only)
        chosen = _chosen(found, queues, max(1, count // max(len(queues), 1)), pool)
        found.scores = list(pool.map(_score, chosen[Truth.WRONG]))
        found.silent = len(chosen[Truth.EQUAL])
        found.accused = [said for said in pool.map(_silent, chosen[Truth.EQUAL]) if said]
    return found


def _unbroken(name: str) -> tuple[str, list[str], Plan | None]:
    """Of a right script: the verdict, what it is accused of, and how its truth can be found."""
    subject = _subject(name)
    text = subject.text
    said, alarms = kept(lambda: (verdict(text, name), accused(text, name)), GRADLINT, name, text)
    return said, alarms, kept(subject.plan, TRUTH, text, subject.driver, str(subject.asked))


def _queues(plans: dict[str, Plan], seed: int, only: str) -> dict[str, Iterator[_Drawn]]:
    """For each class its mutants: one operator and one script after the other, each in random order."""
    source = random.Random(seed)
    by_family: dict[str, dict[tuple[str, str], list[_Drawn]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for name, plan in plans.items():
        for mutant in mutants(Source(_subject(name).text), OPERATORS):
            if only in mutant.family or only in mutant.operator:
                by_family[mutant.family][mutant.operator, name].append(_Drawn(name, plan, mutant))
    return {family: _turns(groups, source) for family, groups in sorted(by_family.items())}


def _turns(groups: dict[tuple[str, str], list[_Drawn]], source: random.Random) -> Iterator[_Drawn]:
    lists = [source.sample(drawn, len(drawn)) for drawn in groups.values()]
    while lists:
        source.shuffle(lists)
        for one in lists:
            yield one.pop()
        lists = [one for one in lists if one]


def _chosen(
    found: Sampled, queues: dict[str, Iterator[_Drawn]], each: int, pool: ProcessPoolExecutor
) -> dict[Truth, list[_Drawn]]:
    """Draw from every queue until it has given its share of wrong mutants or is empty."""
    needed = dict.fromkeys(queues, each)
    chosen: dict[tuple[Truth, str], list[_Drawn]] = defaultdict(list)
    while needed:
        drawn = [one for family, n in needed.items() for one in islice(queues[family], n * _AHEAD)]
        for one, truth in zip(drawn, pool.map(_truth, drawn, chunksize=8), strict=True):
            found.truths[truth.name] += 1
            same = chosen[truth, one.mutant.family]
            if len(same) < each:
                same.append(one)
        left = {one.mutant.family for one in drawn}
        needed = {f: n for f in left if (n := each - len(chosen[Truth.WRONG, f])) > 0}
    return {
        kind: [d for (truth, _), some in chosen.items() if truth is kind for d in some]
        for kind in Truth
    }


def _truth(drawn: _Drawn) -> Truth:
    right, mutant = _subject(drawn.subject).text, drawn.mutant
    return kept(
        lambda: decide(right, mutant.text, drawn.plan, mutant.in_step),
        TRUTH, mutant.text, repr(drawn.plan), str(mutant.in_step),
    )  # fmt: skip


def _score(drawn: _Drawn) -> Score:
    right, mutant = _subject(drawn.subject).text, drawn.mutant
    return kept(
        lambda: score(drawn.subject, right, mutant, drawn.plan),
        GRADLINT, repr(mutant), repr(drawn.plan),
    )  # fmt: skip


def _silent(drawn: _Drawn) -> str | None:
    """What is accused of a mutant that changes nothing, None if nothing."""
    text, name = drawn.mutant.text, drawn.subject
    said = kept(lambda: accused(text, name), GRADLINT, "accused", name, text)
    return f"{drawn.subject}: {drawn.mutant.said}  {' '.join(said)}" if said else None


@cache
def _all() -> dict[str, Subject]:
    return {subject.name: subject for subject in subjects()}


def _subject(name: str) -> Subject:
    return _all()[name]
