"""Checks all targets, one after the other or in parallel processes; the order is the targets'."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradlint.checking import unreadable
from gradlint.files import STDIN, Target
from gradlint.fixing import NotFixed, mended, write_fixes
from gradlint.interface import check_script, check_text
from gradlint.model import INTERNAL_ERROR, FileReport, Verdict
from gradlint.patching import unified_diff, verified_fixes
from gradlint.reports.places import line_of
from gradlint.reports.progress import is_watched
from gradlint.settings import CheckOptions, Settings

_WORTH_A_POOL = 8
"""Files: below this number, starting processes costs more than they save."""


@dataclass(frozen=True, slots=True)
class Task:
    """A target, how to check it and, if it is standard input, its bytes."""

    target: Target
    settings: Settings
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file's report, lines for standard error, the diffs asked for by path.

    `failed` means exit code 2, `found` that there is something at or above `fail_on`.
    """

    report: FileReport
    found: bool
    notices: tuple[str, ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False


def check_targets(
    targets: Sequence[Target], settings: Callable[[str], Settings], jobs: int
) -> Iterator[Outcome]:
    """The outcome of each target, in order, each as soon as it and those before it are there.

    `settings` are those of each path; with `jobs` 0 the number of files decides how many are
    checked at a time. Files that are mended come one after the other: they may share a module.
    """
    tasks = [Task(t, settings(t.path), _read_stdin() if t.path == STDIN else None) for t in targets]
    workers = min(jobs or _by_size(len(tasks)), len(tasks))
    if workers > 1 and not any(task.settings.fix for task in tasks):
        return _in_parallel(tasks, workers)
    return (check_task(task, progress=is_watched() and not task.settings.quiet) for task in tasks)


def check_task(task: Task, progress: bool = False) -> Outcome:
    """Check one target, and show or write its fixes if asked; `progress` shows how far a run is."""
    settings = task.settings
    options = settings.options(task.target.named and task.target.path != STDIN)
    options = replace(options, progress=progress)
    outcome = _outcome(_report(task, options), settings)
    if settings.diff:
        return _with_diffs(outcome, options, settings)
    return _fixed(outcome, task, options) if settings.fix else outcome


def _with_diffs(outcome: Outcome, options: CheckOptions, settings: Settings) -> Outcome:
    changes = mended(outcome.report, options, settings.unsafe_fixes).changes
    diffs = {path: unified_diff(*change, path) for path, change in changes.items()}
    notices = (*outcome.notices, *_held_back(outcome.report, settings))
    return replace(outcome, diffs=diffs, notices=notices)


def _report(task: Task, options: CheckOptions) -> FileReport:
    path = task.target.path
    if task.target.problem is not None:
        return unreadable(path, task.target.problem)
    if task.data is not None:
        name = task.settings.stdin_filename or "<stdin>"
        return check_text(task.data, name, options.run, options)
    return check_script(path, options.run, options)


def _outcome(report: FileReport, settings: Settings) -> Outcome:
    told = [f.message for f in report.findings if f.code == "GL002"]
    failed = report.verdict is Verdict.UNREADABLE or report.failed
    found = any(f.severity.rank >= settings.fail_on.rank for f in report.findings)
    return Outcome(report, found, tuple(told), failed=failed)


def _fixed(outcome: Outcome, task: Task, options: CheckOptions) -> Outcome:
    """The outcome for the file as it stands after its fixes were written."""
    report, settings = outcome.report, task.settings
    held_back = _held_back(report, settings)
    try:
        made = write_fixes(report, options, settings.unsafe_fixes)
    except NotFixed as error:
        notices = (*outcome.notices, f"{report.path}: {error}")
        return replace(outcome, notices=notices, failed=True)
    if not made.changes:
        return replace(outcome, notices=(*outcome.notices, *held_back))
    after = _outcome(_report(task, options), settings)
    said = [f"{line_of(of, f.span)}: fixed: {f.fix.message}" for of, f in made.done if f.fix]
    return replace(after, notices=(*said, *held_back, *after.notices))


def _held_back(report: FileReport, settings: Settings) -> tuple[str, ...]:
    """That there are fixes which are only written on demand."""
    all_fixes, safe = (list(verified_fixes(report, unsafe)) for unsafe in (True, False))
    number = len(all_fixes) - len(safe)
    if not number or settings.unsafe_fixes:
        return ()
    told = "the fix of a warning is" if number == 1 else f"the fixes of {number} warnings are"
    return (f"{report.path}: {told} left out without --unsafe-fixes",)


def _in_parallel(tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    def submit(task: Task) -> Future[Outcome] | None:
        try:
            return pool.submit(check_task, task)
        except BrokenProcessPool:
            return None

    pool = ProcessPoolExecutor(workers)
    try:
        for task, future in [(task, submit(task)) for task in tasks]:
            try:
                yield future.result() if future else _alone(task)
            except BrokenProcessPool:
                yield _alone(task)
    finally:
        pool.shutdown(cancel_futures=True)


def _alone(task: Task) -> Outcome:
    """A dead worker takes its whole pool with it: each unfinished file gets its own process."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    try:
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(check_task, task).result()
    except BrokenProcessPool:
        reason = f"{INTERNAL_ERROR}the process that checked this file died; please report"
        return _outcome(FileReport(task.target.path, Verdict.UNVERIFIED, reason), task.settings)


def _by_size(files: int) -> int:
    if files < _WORTH_A_POOL:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_stdin() -> bytes:
    import sys

    return sys.stdin.buffer.read()
