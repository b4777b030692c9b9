"""Running one job in the child: plan, run, confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gradlint.harness.confirm import Confirmation
from gradlint.harness.device import NoDevice, resolve_device
from gradlint.harness.importing import watch_imports
from gradlint.harness.instrument import instrumented
from gradlint.harness.job import Job
from gradlint.harness.observer import Observer
from gradlint.harness.plan import Plan, plan_for
from gradlint.harness.result import RunResult, Witness
from gradlint.harness.script import Ended, run_script
from gradlint.harness.stage import Stage

Leave = Callable[[Path, RunResult], None]


def conduct(torch: Any, job: Job, folder: Path, leave: Leave) -> RunResult:
    """Run the script of `job` in `folder` and hold it against the witnesses."""
    try:
        device = resolve_device(torch, job.device, job.module.text)
    except NoDevice as error:
        return RunResult("failed", detail=str(error), refused=True)
    plan = plan_for(job)
    if not plan.claims:
        return RunResult("not-run", device, detail="no gradient to confirm")
    tree = instrumented(job.module.text, job.path, plan.points[""], job.module.python2)
    watch_imports(job, plan.points)
    stage = Stage(torch, device, folder)
    observer = Observer(
        plan, lambda seen: leave(folder, _confirmed(torch, plan, seen, device, Ended(), stage))
    )
    ended = run_script(tree, job, observer, stage)
    return _confirmed(torch, plan, observer, device, ended, stage)


def _confirmed(
    torch: Any, plan: Plan, observer: Observer, device: str, ended: Ended, stage: Stage
) -> RunResult:
    confirmation = Confirmation(torch, plan, device)
    with stage.left():
        for seen in observer.steps:
            confirmation.step(seen)
    enough = len(observer.steps) >= plan.job.iterations
    status, detail = ended.verdict(enough, bool(observer.steps))
    return RunResult(
        status, device, len(observer.steps), stage.told(detail),
        tuple(_in_order(plan, [e.witness() for e in confirmation.evidence])), tuple(confirmation.losses),
    )  # fmt: skip


def _in_order(plan: Plan, witnesses: list[Witness]) -> Iterator[Witness]:
    """A witness for each claim of the job, also for those that the plan has not."""
    left = list(witnesses)
    for place, statement in plan.job.claims:
        known = any(c.place == place and c.statement is statement for c in plan.claims)
        yield left.pop(0) if known else Witness(place, detail="its update was not found again")
