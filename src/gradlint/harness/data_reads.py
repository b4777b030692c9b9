"""The calls of a script that read data: known to the run, and replaced where the user wants it."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gradlint.harness.instrument import DATA, Points
from gradlint.harness.made_data import MadeData

if TYPE_CHECKING:
    from gradlint.harness.job import Job
    from gradlint.harness.stage import Stage
    from gradlint.harness.walks import Read


def know_reads(
    job: Job, reads: Iterable[Read], points: Mapping[str, list[Points]], stage: Stage
) -> None:
    """Let `stage` know the `reads` of `job`; with `--stub-data` they are woven in at `points`."""
    made = stage.data = MadeData(job, list(reads))
    setattr(builtins, DATA, made)
    for number, read in enumerate(made.reads if job.stub_data else ()):
        points[read.node.span.file][0].reads[read.node.span] = number
