"""Running a script for the calls that it makes: of what is driven, and only until enough were heard."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from gradlint.harness.calls.listening import NAME, Listener
from gradlint.harness.calls.wanting import listener_for
from gradlint.harness.calls.weaving import tell_calls
from gradlint.harness.data_reads import know_reads
from gradlint.harness.freezing import own_modules
from gradlint.harness.importing import watch_imports
from gradlint.harness.instrument import Points, instrumented
from gradlint.harness.job import Job
from gradlint.harness.script import run_script
from gradlint.harness.stage import Stage
from gradlint.harness.walks import Read, Scout

PATIENCE = 10.0
"""Seconds that a script is run for its calls alone: what it calls is judged at made inputs as well."""


@dataclass(slots=True, eq=False)
class Hearing:
    """A listener and the points where draws are watched; `reason` says why the run heard nothing."""

    listener: Listener
    points: Points
    reason: str | None = None

    def woven(self, tree: ast.Module) -> ast.Module:
        """`tree` with telling put in; the listener stands among the builtins."""
        setattr(builtins, NAME, self.listener)
        names = {name for wanted in self.listener.wanted for name in wanted.names}
        return tell_calls(tree, names, NAME)

    def run(self, job: Job, stage: Stage, shown: Job | None) -> None:
        """Run the script of `job` until enough was heard; `shown` is about the data that it reads."""
        self.listener.stops = True
        files = {file: [Points(None, {}, {}, {}, file, True, NAME)] for file in job.module.others}
        if shown is not None:
            know_reads(shown, _reads(shown), {**files, "": [self.points]}, stage)
        tree = instrumented(job.module.text, job.path, [self.points], job.module.python2)
        watch_imports(job, files)
        ended = run_script(self.woven(tree), job, (), stage, PATIENCE)
        self.listener.done, self.listener.stops = True, False
        for module in own_modules - {"__main__"}:  # they are loaded again, at other sizes
            sys.modules.pop(module, None)
        self.reason = ended.reason and f"the script's own calls were not seen: {ended.reason}"


def _reads(job: Job) -> list[Read]:
    scout = Scout(job)
    scout.walked()
    return list(scout.data.values())


def hearing_of(driven: Sequence[Job]) -> Hearing | None:
    """Who hears the calls that the script of `driven` makes; None where it makes none."""
    found = listener_for(driven)
    return None if found is None else Hearing(*found)
