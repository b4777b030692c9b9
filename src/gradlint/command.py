"""What `gradlint check` does: targets to outcomes, outcomes to a report and an exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from gradlint.files import STDIN, expand
from gradlint.model import FileReport
from gradlint.reports import Look, look_of, render
from gradlint.reports.counts import count
from gradlint.running import Outcome, check_targets
from gradlint.settings import Settings

OK, FOUND, FAILED = 0, 1, 2


class CannotWrite(click.ClickException):
    """The report cannot be written where the user wants it."""

    exit_code = FAILED


def check_paths(paths: Sequence[str], settings: Settings) -> int:
    """Check `paths`, print or write the report, and return the exit code (0, 1 or 2).

    Raises:
        click.UsageError: the settings ask for what cannot be done.
    """
    if settings.fix and STDIN in paths:
        raise click.UsageError("--fix cannot write to standard input; use --diff.")
    if settings.output is not None:
        _expect_writable(Path(settings.output))
    seen: list[Outcome] = []
    reports = _watched(check_targets(expand(paths), settings), seen)
    _write(_pieces(reports, settings, seen), settings)
    return _exit_code(seen, settings)


def complain(message: str) -> None:
    """One line on standard error."""
    click.echo("gradlint: " + " ".join(message.split()), err=True)


def _watched(outcomes: Iterable[Outcome], seen: list[Outcome]) -> Iterator[FileReport]:
    """The reports as they come in; what is to be said on standard error is said at once."""
    for outcome in outcomes:
        seen.append(outcome)
        for notice in outcome.notices:
            complain(notice)
        if outcome.report.run.refused:
            complain(f"{outcome.report.path}: not run: {outcome.report.run.detail}")
        yield outcome.report


def _pieces(
    reports: Iterator[FileReport], settings: Settings, seen: Sequence[Outcome]
) -> Iterator[str]:
    if not settings.diff:
        yield from render(settings.output_format, reports, _look(settings))
        return
    for _ in reports:
        yield seen[-1].diff
    complain(count(outcome.report for outcome in seen).sentence())


def _look(settings: Settings) -> Look:
    return Look() if settings.output is not None else look_of(sys.stdout)


def _expect_writable(path: Path) -> None:
    """A report that cannot be written is better known before the scripts run than after."""
    if path.is_dir():
        raise click.UsageError(f"cannot write to {path}: it is a directory.")
    if not path.parent.is_dir():
        raise click.UsageError(f"cannot write to {path}: there is no directory {path.parent}.")


def _write(pieces: Iterable[str], settings: Settings) -> None:
    if settings.output is not None:
        text = "".join(pieces)
        try:
            Path(settings.output).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise CannotWrite(f"cannot write to {settings.output}: {error.strerror}.") from None
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()


def _exit_code(outcomes: Iterable[Outcome], settings: Settings) -> int:
    listed = list(outcomes)
    if any(outcome.failed or outcome.report.run.refused for outcome in listed):
        return FAILED
    found = any(
        finding.severity.rank >= settings.fail_on.rank
        for outcome in listed
        for finding in outcome.report.findings
    )
    return FOUND if found and not settings.exit_zero else OK
