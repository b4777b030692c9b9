"""What the fixture `gradlint` gives to people's own tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gradlint.gradcheck import GradientCheck, check_gradients
from gradlint.model import FileReport, Verdict
from gradlint.testing.cases import Case
from gradlint.testing.items import Session, text_of


class Gradlint:
    """`check_script` fails the test with what is wrong; `check_gradients` is that of the package."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._folder = session, folder

    def check_script(self, path: str | os.PathLike[str], run: bool = False) -> FileReport:
        """The report of a script, which is looked for beside the test; each is analysed once a session.

        The test fails with the findings at or above `fail-on`, or if the file cannot be read. Whether what
        could not be checked is good enough is for the test to say: `report.verdict`.
        """
        __tracebackhide__ = True
        place = self._folder / path
        report = self._session.report(place, run)
        level = self._session.fail_on(place).rank
        told = tuple(f for f in report.findings if f.severity.rank >= level)
        if told:
            pytest.fail(text_of(report, Case("script", 1, told)), pytrace=False)
        if report.verdict is Verdict.UNREADABLE:
            pytest.fail(f"{report.path}: {report.reason}", pytrace=False)
        return report

    def check_gradients(self, forward: Any, /, *args: Any, **keywords: Any) -> GradientCheck:
        """See `gradlint.check_gradients`."""
        __tracebackhide__ = True
        return check_gradients(forward, *args, **keywords)
