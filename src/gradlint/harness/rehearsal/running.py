"""All drives of a script, one after the other, in one process."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gradlint.harness.confirm import Confirmation
from gradlint.harness.evidence import Evidence
from gradlint.harness.job import Job
from gradlint.harness.observer import Done, Observer
from gradlint.harness.plan import Plan, plan_for
from gradlint.harness.rehearsal.loading import Loaded, load
from gradlint.harness.rehearsal.player import Player
from gradlint.harness.rehearsal.rehearse import Rehearsal, Take
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.result import Witness
from gradlint.harness.stage import Stopped
from gradlint.harness.timing import TimeUp
from gradlint.reading.walking import descend

POINTS = 2
"""Random points at which each drive is played: one might be special."""
OBSERVER = "__gradlint_steps__"
"""The name of who watches the steps that a function makes by itself."""


def rehearse(torch: Any, device: str, jobs: Sequence[Job]) -> list[list[Witness]]:
    """A witness for each claim of each of `jobs`, whose modules are driven."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    found: list[list[Witness]] = []
    stopped: str | None = None
    try:
        for job in jobs:
            try:
                said = _silent(job, stopped) if stopped else _rehearsed(torch, device, job)
                found.append(list(said))
            except (TimeUp, Stopped) as error:
                stopped = str(error)
                found.append(list(_silent(job, stopped)))
    finally:
        torch.set_default_dtype(before)
    return found


def _silent(job: Job, why: str) -> Iterator[Witness]:
    for number, (place, _) in enumerate(job.claims, job.first):
        yield Witness(place, detail=why, number=number)


def _rehearsed(torch: Any, device: str, job: Job) -> Iterator[Witness]:
    try:
        evidence = _evidence(torch, device, job)
    except Unplayable as reason:
        return _silent(job, str(reason))
    return (replace(one.witness(), number=number) for number, one in enumerate(evidence, job.first))


def _evidence(torch: Any, device: str, job: Job) -> list[Evidence]:
    """What is found out of each claim of one drive, in their order."""
    takes = [Take.of(job, seed) for seed in range(POINTS)]
    steps = any(not claim.handed for claim in takes[0].claims)
    plan = plan_for(job, OBSERVER) if steps else None
    loaded = _loaded(job, takes, plan)
    rehearsal = Rehearsal(torch, device, job, loaded)
    for take in takes if any(claim.handed for claim in takes[0].claims) else ():
        rehearsal.confirm(take)
    if plan is None:
        return rehearsal.evidence
    player = loaded.player(takes[0].recorder.scribe.tape, job.path, torch)
    stepped = iter(_steps(torch, device, plan, player))
    both = zip(takes[0].claims, rehearsal.evidence, strict=True)
    lost = Evidence("", details=["its update was not found again"])
    return [one if claim.handed else next(stepped, lost) for claim, one in both]


def _loaded(job: Job, takes: Sequence[Take], plan: Plan | None) -> Loaded:
    wanted = {expr for take in takes for expr in take.recorder.scribe.tape.supplied}
    wanted |= set(job.facts.sizes)
    nodes = [node for node in descend(job.module.everything) if id(node) in wanted]
    return load(job, nodes, job.facts.sizes, plan.points if plan is not None else {})


def _steps(torch: Any, device: str, plan: Plan, player: Player) -> list[Evidence]:
    """What the steps say that the functions make by themselves."""
    observer = Observer(plan, lambda _: None)
    setattr(builtins, OBSERVER, observer)
    try:
        if plan.job.loop is None:
            observer.head()
        player.perform()
    except Done:
        pass
    observer.leave()
    confirmation = Confirmation(torch, plan, device)
    for seen in observer.steps:
        confirmation.step(seen)
    return confirmation.evidence
