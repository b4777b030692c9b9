"""Checks all targets, one after the other or in parallel processes; the order is the targets'."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradlint.checking import (
    INTERNAL_ERROR,
    check_bytes,
    check_file,
    is_internal_error,
    unreadable,
)
from gradlint.files import STDIN, Target
from gradlint.fixing import NotFixed, mended, write_fixes
from gradlint.model import FileReport, Verdict
from gradlint.patching import unified_diff
from gradlint.reports.places import line_of
from gradlint.selection import keep_findings
from gradlint.settings import CheckOptions, Settings

_WORTH_A_POOL = 8
"""Files: below this number, starting processes costs more than they save."""


@dataclass(frozen=True, slots=True)
class Task:
    """A target and, if it is standard input, its bytes."""

    target: Target
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file's report, lines for standard error, the diff asked for; `failed` means exit code 2."""

    report: FileReport
    notices: tuple[str, ...] = ()
    diff: str = ""
    failed: bool = False


def check_targets(targets: Sequence[Target], settings: Settings) -> Iterator[Outcome]:
    """The outcome of each target, in order, each as soon as it and those before it are there."""
    tasks = [Task(t, _read_stdin() if t.path == STDIN else None) for t in targets]
    workers = min(settings.jobs or _by_size(len(tasks)), len(tasks))
    if workers > 1:
        return _in_parallel(tasks, settings, workers)
    return (check_task(task, settings) for task in tasks)


def check_task(task: Task, settings: Settings) -> Outcome:
    """Check one target, show or write its fixes if asked, and leave out what was not selected."""
    options = settings.options(task.target.named and task.target.path != STDIN)
    outcome = _outcome(_report(task, options, settings), settings)
    if settings.diff:
        report = outcome.report
        texts = mended(report, options, settings.selection)
        before = {report.path: report.text, **report.others}
        diffs = (unified_diff(before[path], text, path) for path, text in texts.items())
        return replace(outcome, diff="".join(diffs))
    return _fixed(outcome, task, options, settings) if settings.fix else outcome


def _report(task: Task, options: CheckOptions, settings: Settings) -> FileReport:
    path = task.target.path
    if task.target.problem is not None:
        return unreadable(path, task.target.problem)
    if task.data is not None:
        return check_bytes(task.data, settings.stdin_filename or "<stdin>", options)
    return check_file(path, options)


def _outcome(report: FileReport, settings: Settings) -> Outcome:
    told = [f.message for f in report.findings if f.code == "GL002"]
    failed = report.verdict is Verdict.UNREADABLE or is_internal_error(report)
    selected = keep_findings(report, lambda finding: settings.selection.wants(finding.code))
    return Outcome(selected, tuple(told), failed=failed)


def _fixed(outcome: Outcome, task: Task, options: CheckOptions, settings: Settings) -> Outcome:
    """The outcome for the file as it stands after its fixes were written."""
    path = outcome.report.path
    try:
        if not write_fixes(outcome.report, options, settings.selection):
            return outcome
    except NotFixed as error:
        return replace(outcome, notices=(*outcome.notices, f"{path}: {error}"), failed=True)
    after = _outcome(_report(task, options, settings), settings)
    return replace(after, notices=(*_fixes(outcome.report), *after.notices))


def _fixes(report: FileReport) -> Iterator[str]:
    for finding in report.findings:
        if finding.fix and finding.fix.verified:
            yield f"{line_of(report, finding.span)}: fixed: {finding.fix.message}"


def _in_parallel(tasks: Sequence[Task], settings: Settings, workers: int) -> Iterator[Outcome]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    def submit(task: Task) -> Future[Outcome] | None:
        try:
            return pool.submit(check_task, task, settings)
        except BrokenProcessPool:
            return None

    pool = ProcessPoolExecutor(workers)
    try:
        for task, future in [(task, submit(task)) for task in tasks]:
            try:
                yield future.result() if future else _alone(task, settings)
            except BrokenProcessPool:
                yield _alone(task, settings)
    finally:
        pool.shutdown(cancel_futures=True)


def _alone(task: Task, settings: Settings) -> Outcome:
    """A dead worker takes its whole pool with it: each unfinished file gets its own process."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    try:
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(check_task, task, settings).result()
    except BrokenProcessPool:
        reason = f"{INTERNAL_ERROR}the process that checked this file died; please report"
        return _outcome(FileReport(task.target.path, Verdict.UNVERIFIED, reason), settings)


def _by_size(files: int) -> int:
    if files < _WORTH_A_POOL:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_stdin() -> bytes:
    import sys

    return sys.stdin.buffer.read()
