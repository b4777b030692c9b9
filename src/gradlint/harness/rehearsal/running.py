"""All drives of a script, one after the other, in one process."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from gradlint.driving.contexts import AutogradDrive
from gradlint.driving.engines import EngineDrive
from gradlint.harness.calls.listening import Told
from gradlint.harness.confirm import Confirmation
from gradlint.harness.evidence import Evidence
from gradlint.harness.job import Job
from gradlint.harness.observer import Done, Nobody, Observer
from gradlint.harness.plan import Plan, plan_for
from gradlint.harness.rehearsal.loading import Loaded, load
from gradlint.harness.rehearsal.player import Player
from gradlint.harness.rehearsal.rehearse import Rehearsal
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.rehearsal.takes import Recorded, Retold
from gradlint.harness.result import Witness
from gradlint.harness.stage import Stopped
from gradlint.harness.timing import TimeUp
from gradlint.model import OwnCall
from gradlint.reading.walking import descend

POINTS = 2
"""Random points at which each drive is played: one might be special."""
OBSERVER = "__gradlint_steps__"
"""The name of who watches the steps that a function makes by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the witnesses say of one job, and the calls of the script's own that they were asked about.

    `unheld` says why none was held, where the script made some.
    """

    witnesses: list[Witness]
    own: tuple[OwnCall, ...] = ()
    unheld: str | None = None


def rehearse(
    torch: Any, device: str, jobs: Sequence[Job], told: Sequence[Sequence[Told]] = ()
) -> list[Said]:
    """A witness for each claim of each of `jobs`, which are driven; `told` are calls for each job."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    found: list[Said] = []
    stopped: str | None = None
    try:
        for job, own in zip_longest(jobs, told, fillvalue=()):
            assert isinstance(job, Job)
            try:
                said = _silent(job, stopped) if stopped else _rehearsed(torch, device, job, own)
                found.append(said)
            except (TimeUp, Stopped) as error:
                stopped = str(error)
                found.append(_silent(job, stopped))
    finally:
        torch.set_default_dtype(before)
    return found


def _silent(job: Job, why: str) -> Said:
    return Said(
        [Witness(place, detail=why, number=n) for n, (place, _) in enumerate(job.claims, job.first)]
    )


def _rehearsed(torch: Any, device: str, job: Job, own: Sequence[Told]) -> Said:
    try:
        evidence, (calls, unheld) = _evidence(torch, device, job, own)
    except Unplayable as reason:
        return _silent(job, str(reason))
    said = [replace(one.witness(), number=n) for n, one in enumerate(evidence, job.first)]
    return Said(said, tuple(calls), unheld)


def _evidence(
    torch: Any, device: str, job: Job, own: Sequence[Told]
) -> tuple[list[Evidence], tuple[list[OwnCall], str | None]]:
    """What is found out of each claim of one drive; and the calls of the script's own that were held."""
    takes = [Recorded.of(job, seed) for seed in range(POINTS)]
    steps = any(not claim.handed for claim in takes[0].take.claims)
    plan = plan_for(job, OBSERVER) if steps else None
    loaded = _loaded(job, takes, plan)
    rehearsal = Rehearsal(torch, device, job, loaded)
    calls = _at_own_arguments(rehearsal, takes[0].made, own)
    try:
        for take in takes if any(claim.handed for claim in takes[0].take.claims) else ():
            rehearsal.confirm(take)
    except Unplayable:
        if not calls[0]:
            raise
    if plan is None:
        return rehearsal.evidence, calls
    player = loaded.player(takes[0].tape, job.path, torch)
    stepped = iter(_steps(torch, device, plan, player))
    both = zip(takes[0].take.claims, rehearsal.evidence, strict=True)
    lost = Evidence("", details=["its update was not found again"])
    return [one if claim.handed else next(stepped, lost) for claim, one in both], calls


def _at_own_arguments(
    rehearsal: Rehearsal, small: Mapping[int, int], own: Sequence[Told]
) -> tuple[list[OwnCall], str | None]:
    """The calls of the script's own that were held, or why none was."""
    held: list[OwnCall] = []
    reason: str | None = None
    for told in own:
        call = OwnCall(_shown(rehearsal.job, told.last.name), told.last.line)
        found = _held(rehearsal, small, told)
        if found is None:
            held.append(call)
        elif reason is None:
            at = "" if call.line is None else f" in line {call.line}"
            reason = f"the call of {call.name}{at} could not be held: {found}"
    return held, None if held else reason


def _shown(job: Job, name: str) -> str:
    """What is called, as the script writes it: the forward pass of a torch function through `apply`."""
    drive = job.module.drive  # type: ignore[attr-defined]
    if isinstance(drive, AutogradDrive):
        return f"{drive.owner}.apply"
    return drive.name if isinstance(drive, EngineDrive) else name


def _held(rehearsal: Rehearsal, small: Mapping[int, int], told: Told) -> str | None:
    """Hold one call against the witnesses, or say why that cannot be."""
    reason = "its gradients were not found in what it returned"
    lends = isinstance(rehearsal.job.module.drive, AutogradDrive | EngineDrive)  # type: ignore[attr-defined]
    for calls in told.ways():
        try:
            if lends:
                borrowed = Recorded.borrowed(rehearsal.job, calls[-1], small)
                return None if rehearsal.confirm_borrowed(borrowed) else reason
            if rehearsal.confirm_own(Retold.of(rehearsal.job, calls, small)):
                return None
        except Unplayable as why:
            reason = str(why)
    return reason


def _loaded(job: Job, takes: Sequence[Recorded], plan: Plan | None) -> Loaded:
    wanted = {expr for take in takes for expr in take.tape.supplied}
    wanted |= set(job.facts.sizes)
    nodes = [node for node in descend(job.module.everything) if id(node) in wanted]
    setattr(builtins, OBSERVER, Nobody())
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
