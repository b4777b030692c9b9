"""Running the jobs for one script in the child: plan, run, confirm."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlint.harness.confirm import Confirmation
from gradlint.harness.data_reads import know_reads
from gradlint.harness.device import NoDevice, resolve_device
from gradlint.harness.health.examining import examined, watch_for
from gradlint.harness.importing import watch_imports
from gradlint.harness.instrument import Points, instrumented
from gradlint.harness.job import Job
from gradlint.harness.observer import Observer
from gradlint.harness.plan import Plan, matched, plan_for
from gradlint.harness.progress import Meter
from gradlint.harness.result import RunResult, Witness
from gradlint.harness.script import Ended, run_script
from gradlint.harness.stage import Stage
from gradlint.health import Health

if TYPE_CHECKING:
    from gradlint.harness.calls.hearing import Hearing

Leave = Callable[[Path, RunResult], None]


def conduct(torch: Any, jobs: Sequence[Job], folder: Path, leave: Leave) -> RunResult:
    """Run the script of `jobs` in `folder` and hold it against the witnesses."""
    try:
        device = resolve_device(torch, jobs[0].device, jobs[0].module.text)
    except NoDevice as error:
        return RunResult("failed", detail=str(error), refused=True)
    if jobs[0].only_watched:
        from gradlint.harness.health.autograd_run import watched_training

        return watched_training(torch, jobs[0], device, Stage(torch, device, folder))
    trained = [job for job in jobs if not job.driven]
    named = (plan_for(job, f"__gradlint_{i}__") for i, job in enumerate(trained) if job.claims)
    plans = [plan for plan in named if plan.claims]
    driven = [job for job in jobs if job.driven]
    hearing = _hearing(driven)
    stage = Stage(torch, device, folder)
    result = RunResult("not-run", device, detail="no gradient to confirm")
    if plans:
        scene = Scene(torch, device, plans, stage, hearing)
        result = scene.play(
            lambda found: leave(folder, _with_drives(found, driven, stage, hearing))
        )
    elif hearing is not None:
        hearing.run(driven[0], stage, next(iter(trained), None))
    return _with_drives(result, driven, stage, hearing)


def _hearing(driven: Sequence[Job]) -> Hearing | None:
    """Who hears the calls that the script makes of what is driven, if anything is."""
    if not driven:
        return None
    from gradlint.harness.calls.hearing import hearing_of

    return hearing_of(driven)


def _with_drives(
    result: RunResult, driven: Sequence[Job], stage: Stage, hearing: Hearing | None
) -> RunResult:
    """The result with the witnesses of what the script itself does not train."""
    if not driven:
        return result
    from gradlint.harness.rehearsal.running import rehearse

    told = hearing.listener.told if hearing is not None else ()
    with stage.set_for(driven[0]):
        found = rehearse(stage.torch, stage.device, driven, told)
    called = sum(any(w.detail is None for w in one.witnesses) for one in found)
    said = [witness for one in found for witness in one.witnesses]
    own = tuple(call for one in found for call in one.own)
    both = replace(result, called=called, own=own, witnesses=(*result.witnesses, *said))
    if result.witnesses:
        return both
    unheard = None if own or hearing is None else hearing.reason
    reasons = dict.fromkeys(r for r in (unheard, *(one.unheld for one in found)) if r is not None)
    detail = ("; ".join(reasons) or None) if called else said[0].detail
    return replace(both, status="ok" if called else "failed", detail=stage.told(detail))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One run of the script, in which each of the `plans` watches a training loop of its own.

    `hearing` is for the calls that the script makes of what it does not train.
    """

    torch: Any
    device: str
    plans: list[Plan]
    stage: Stage
    hearing: Hearing | None = None

    def play(self, leave: Callable[[RunResult], None]) -> RunResult:
        """Run the script, and say what the witnesses say of the steps that were seen."""
        job = self.plans[0].job
        meter = Meter(self.stage.folder)
        watches = [watch_for(plan, meter) for plan in self.plans]
        points = {file: [plan.points[file] for plan in self.plans] for file in self.plans[0].points}
        know_reads(job, self.plans[0].scout.data.values(), points, self.stage)
        tree = self._woven(points[""])
        watch_imports(job, points)
        observers: list[Observer] = []
        for plan, watch in zip(self.plans, watches, strict=True):
            made = Observer(plan, lambda _: leave(self._confirmed(observers, Ended())), observers)
            made.watch = watch
            observers.append(made)
        return self._confirmed(observers, run_script(tree, job, observers, self.stage))

    def _woven(self, points: list[Points]) -> ast.Module:
        """The script with watching, and telling of calls, put in."""
        job, hearing = self.plans[0].job, self.hearing
        heard = points if hearing is None else [*points, hearing.points]
        tree = instrumented(job.module.text, job.path, heard, job.module.python2)
        return tree if hearing is None else hearing.woven(tree)

    def _confirmed(self, observers: Sequence[Observer], ended: Ended) -> RunResult:
        found = [self._of(observer, ended) for observer in observers]
        first = next((one for one in found if one.status == "ok"), found[0])
        witnesses = tuple(w for one in found for w in one.witnesses)
        health = tuple(h for one in found for h in one.health)
        return replace(
            first, detail=self.stage.told(first.detail), witnesses=witnesses, health=health,
            unguarded=self.stage.unguarded,
        )  # fmt: skip

    def _of(self, observer: Observer, ended: Ended) -> RunResult:
        """What one training loop says."""
        plan, steps = observer.plan, observer.steps
        confirmation = Confirmation(self.torch, plan, self.device)
        with self.stage.left():
            for seen in steps:
                confirmation.step(seen)
        status, detail = ended.verdict(len(steps) >= plan.job.iterations, bool(steps))
        witnesses = [e.witness() for e in confirmation.evidence]
        if not steps:
            witnesses = [replace(w, detail=detail) for w in witnesses]
        ordered, losses = tuple(_in_order(plan, witnesses)), tuple(confirmation.losses)
        health = self._health(observer, confirmation)
        return RunResult(status, self.device, len(steps), detail, ordered, losses, health=health)

    def _health(self, observer: Observer, confirmation: Confirmation) -> tuple[Health, ...]:
        made = self.stage.data is not None and self.stage.data.note() is not None
        if observer.watch is None or not observer.steps or made:
            return ()
        with self.stage.left():
            return (examined(self.torch, observer.plan, observer.watch, confirmation),)


def _in_order(plan: Plan, witnesses: list[Witness]) -> Iterator[Witness]:
    """A witness for each claim of the job, also for those that the plan has not."""
    by = {id(claim): witness for claim, witness in zip(plan.claims, witnesses, strict=True)}
    wanted = matched(plan.job.claims, plan.claims)
    for number, ((place, _), claim) in enumerate(
        zip(plan.job.claims, wanted, strict=True), plan.job.first
    ):
        lost = Witness(place, detail="its update was not found again")
        yield replace(lost if claim is None else by[id(claim)], number=number)
