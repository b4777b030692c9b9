"""What `gradlint check` does: targets to outcomes, outcomes to a report and an exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from gradlint.config import Configuration
from gradlint.files import STDIN, Target, expand
from gradlint.model import FileReport
from gradlint.reports import Look, look_of, render
from gradlint.reports.counts import count
from gradlint.running import Outcome, check_targets
from gradlint.settings import Settings

OK, FOUND, FAILED = 0, 1, 2


class CannotWrite(click.ClickException):
    """The report cannot be written where the user wants it."""

    exit_code = FAILED


def check_paths(paths: Sequence[str], configuration: Configuration) -> int:
    """Check `paths`, print or write the report, and return the exit code (0, 1 or 2).

    Raises:
        click.UsageError: the settings ask for what cannot be done.
    """
    settings = configuration.here()
    if settings.output is not None:
        _expect_writable(Path(settings.output))
    if settings.plot is not None:
        _expect_drawable(settings)
    targets = _kept(expand(paths, configuration.excludes), settings)

    def settings_of(path: str) -> Settings:
        if path != STDIN:
            return configuration.settings(path)
        return replace(configuration.settings(settings.stdin_filename or "stdin.py"), fix=False)

    seen: list[Outcome] = []
    reports = _watched(check_targets(targets, settings_of, settings.jobs), seen)
    _write(_pieces(reports, settings, seen), settings)
    if settings.plot is not None:
        _draw(seen, Path(settings.plot))
    return _exit_code(seen, settings)


def _kept(targets: Sequence[Target], settings: Settings) -> list[Target]:
    """The targets that are to be checked; what was named and is left out is said in one line."""
    excluded = [target.path for target in targets if target.excluded]
    if excluded and not settings.quiet:
        more = f" and {len(excluded) - 1} more" if len(excluded) > 1 else ""
        complain(f"{excluded[0]}{more}: left out, as `exclude` asks")
    return [target for target in targets if not target.excluded]


def complain(message: str) -> None:
    """One line on standard error."""
    click.echo("gradlint: " + " ".join(message.split()), err=True)


def _watched(outcomes: Iterable[Outcome], seen: list[Outcome]) -> Iterator[FileReport]:
    """The reports as they come in; what is to be said on standard error is said at once."""
    said: set[str] = set()
    for outcome in outcomes:
        seen.append(outcome)
        for notice in outcome.notices:
            complain(notice)
        if outcome.report.run.refused:
            complain(f"{outcome.report.path}: not run: {outcome.report.run.detail}")
        for what in outcome.report.run.unguarded:
            if what not in said:
                complain(f"on this system, {what} while a script runs")
            said.add(what)
        yield outcome.report


def _pieces(
    reports: Iterator[FileReport], settings: Settings, seen: Sequence[Outcome]
) -> Iterator[str]:
    if settings.statistics and not settings.diff:
        from gradlint.reports import statistics

        yield from statistics.render(reports, settings.output_format)
        return
    if not settings.diff:
        yield from render(settings.output_format, reports, _look(settings))
        return
    shown: set[tuple[str, str]] = set()
    for _ in reports:
        new = [item for item in seen[-1].diffs.items() if item not in shown]
        yield "".join(diff for _, diff in new)
        shown.update(new)
    if not settings.quiet:
        complain(count(outcome.report for outcome in seen).sentence())


def _look(settings: Settings) -> Look:
    look = Look() if settings.output is not None else look_of(sys.stdout)
    return replace(look, quiet=settings.quiet)


def _expect_writable(path: Path) -> None:
    """A report that cannot be written is better known before the scripts run than after."""
    if path.is_dir():
        raise click.UsageError(f"cannot write to {path}: it is a directory.")
    if not path.parent.is_dir():
        raise click.UsageError(f"cannot write to {path}: there is no directory {path.parent}.")


def _expect_drawable(settings: Settings) -> None:
    from gradlint.reports.picture import NoPicture, expect_drawable

    path = Path(settings.plot or "")
    _expect_writable(path)
    if settings.run is False:
        raise click.UsageError("--plot draws what a run sees: leave out --no-run.")
    try:
        expect_drawable(path)
    except NoPicture as reason:
        raise click.UsageError(f"{reason}.") from None


def _draw(seen: Sequence[Outcome], path: Path) -> None:
    from gradlint.reports.picture import NoPicture, draw

    try:
        draw([outcome.report for outcome in seen], path)
    except NoPicture as reason:
        complain(str(reason))
    except OSError as error:
        raise CannotWrite(f"cannot write to {path}: {error.strerror}.") from None


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
    found = any(outcome.found for outcome in listed)
    return FOUND if found and not settings.exit_zero else OK
