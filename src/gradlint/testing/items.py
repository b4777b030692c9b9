"""pytest's collectors and items for the cases of a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from gradlint.config import BadConfiguration, Configuration
from gradlint.model import FileReport, Severity
from gradlint.settings import Settings
from gradlint.testing.cases import Case, after_run, cases
from gradlint.testing.once import Once


@dataclass(slots=True)
class Session:
    """What one session of pytest needs: the user's configuration, the reports, whether scripts run."""

    once: Once
    run: bool = False
    configuration: Configuration = field(default_factory=Configuration)

    def report(self, path: Path, run: bool) -> FileReport:
        """The report of a file, named as it is seen from here."""
        options = self._settings(path).options(named=run)
        return self.once.report(_shown(path), replace(options, run=run))

    def fail_on(self, path: Path) -> Severity:
        """The weakest finding that fails a test of this file."""
        return self._settings(path).fail_on

    def _settings(self, path: Path) -> Settings:
        try:
            return self.configuration.settings(_shown(path))
        except BadConfiguration as error:
            raise pytest.Collector.CollectError(f"gradlint: {error}") from None

    def excludes(self, path: Path) -> bool:
        """Whether the configuration leaves out this file."""
        try:
            return self.configuration.excludes(_shown(path))
        except BadConfiguration:
            return False


def _shown(path: Path) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return str(path)
    return str(path) if relative.startswith("..") else relative


class GradlintFile(pytest.File):
    """A script or notebook; it is analysed when its tests are collected, and never executed then."""

    shared: Session
    named: bool
    planned: tuple[str, ...] = ()

    @classmethod
    def made(cls, parent: Any, path: Path, session: Session, named: bool) -> GradlintFile:
        """The collector of the file at `path`."""
        made: GradlintFile = cls.from_parent(parent, path=path)
        made.shared, made.named = session, named
        return made

    def collect(self) -> Iterable[pytest.Item]:
        """An item for each case."""
        report = self.shared.report(self.path, run=False)
        found = cases(report, self.shared.fail_on(self.path), self.named, self.shared.run)
        self.planned = tuple(case.name for case in found)
        for case in found:
            yield GradlintItem.made(self, case)


class GradlintItem(pytest.Item):
    """One gradient of a file, or what is said of the file beside its gradients."""

    case: Case

    @classmethod
    def made(cls, parent: GradlintFile, case: Case) -> GradlintItem:
        """The item of `case`."""
        made: GradlintItem = cls.from_parent(parent, name=case.name)
        made.case = case
        made.add_marker("gradlint")
        return made

    def runtest(self) -> None:
        """Fail with the findings, skip with the reason, or pass; run the script first where that is asked."""
        file = self.parent
        assert isinstance(file, GradlintFile)
        session, case = file.shared, self.case
        report = session.report(file.path, run=session.run)
        if session.run:
            case = after_run(case, file.planned, report, session.fail_on(file.path))
        if case.fails:
            raise Wrong(report, case)
        if case.reason:
            raise pytest.skip.Exception(case.reason, _use_item_location=True)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands: pytest counts lines from 0."""
        return self.path, self.case.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding as the command line prints it, and no traceback."""
        if isinstance(excinfo.value, Wrong):
            return Shown(excinfo.value.text(), str(self.path), self.case.line, excinfo.value.told)
        return super().repr_failure(excinfo)


class Wrong(Exception):
    """A case that fails."""

    def __init__(self, report: FileReport, case: Case) -> None:
        super().__init__(case.name)
        self.report, self.case = report, case

    def text(self) -> str:
        """The findings at full length."""
        return text_of(self.report, self.case) if self.case.findings else str(self.case.reason)

    @property
    def told(self) -> str:
        """The first of them in one line, for the summary."""
        first = next(iter(self.case.findings), None)
        if first is None:
            return str(self.case.reason)
        return f"{first.code} {' '.join(first.message.split())}"


class Shown(TerminalRepr):
    """A failure as text, with the place and the line that pytest's summary shows."""

    def __init__(self, text: str, path: str, line: int, told: str) -> None:
        self.text = text
        self.reprcrash = ReprFileLocation(path, line, told)

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the text."""
        tw.write(self.text)
        tw.write("\n")


def text_of(report: FileReport, case: Case) -> str:
    """The findings of a case with excerpts and fixes, as `gradlint` prints them."""
    from gradlint.reports import Look, render

    alone = replace(report, findings=case.findings, gradients=())
    pieces: Iterator[str] = render("full", [alone], Look(quiet=True))
    return "".join(pieces).rstrip("\n")
