"""What all tests share: golden outputs with `--golden` to renew them, and an analysis of paper."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from gradlint.model import Edit, FileReport, Finding, Fix, Severity, Span, Verdict
from gradlint.settings import CheckOptions

from .analysing import SHARED_REPORTS

Golden = Callable[[str, str], None]
Analysis = Callable[[str, str, CheckOptions], FileReport]

pytest_plugins = ["pytester"]

for _name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"):
    os.environ.pop(_name, None)
"""pytest prints longer summaries where these are set; what tests start prints the same everywhere."""

_FOLDER = Path(__file__).parent / "reports" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="renew the golden outputs")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and SHARED_REPORTS not in os.environ:
        os.environ[SHARED_REPORTS] = folder = tempfile.mkdtemp(prefix="gradlint-tests-")

        def forget() -> None:
            os.environ.pop(SHARED_REPORTS, None)
            shutil.rmtree(folder, ignore_errors=True)

        config.add_cleanup(forget)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(name, text)` holds `text` against that file of reports/golden, or renews it."""

    def compare(name: str, text: str) -> None:
        path = _FOLDER / name
        if request.config.getoption("--golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert text == path.read_text(encoding="utf-8"), f"`make golden` renews {path.name}"

    return compare


def paper_analysis(text: str, path: str, options: CheckOptions) -> FileReport:
    """Finds WRONG (GL101, mended by RIGHT), HMM (GL202, a warning) and CRASH in any text."""
    if "CRASH" in text:
        raise ValueError("no such\nthing")
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        for word, code, severity in (
            ("WRONG", "GL101", Severity.ERROR),
            ("HMM", "GL202", Severity.WARNING),
        ):
            if word in line:
                at = line.index(word) + 1
                span = Span(number, at, number, at + len(word))
                fix = Fix("write RIGHT", (Edit(span, "RIGHT"),), verified=code == "GL101")
                findings.append(Finding(code, word.lower(), severity, span, f"{word}.", fix=fix))
    worst = max((finding.severity.rank for finding in findings), default=-1)
    verdict = {2: Verdict.WRONG, 1: Verdict.SUSPECT}.get(worst, Verdict.CORRECT)
    return FileReport(path, verdict, findings=tuple(findings))


@pytest.fixture
def analysis(monkeypatch: pytest.MonkeyPatch) -> Callable[[Analysis], None]:
    """`analysis(function)` puts `function` in place of the analysis; first `paper_analysis`."""

    def put(function: Analysis) -> None:
        module = ModuleType("gradlint.analysis")
        module.__dict__["analyse"] = function
        monkeypatch.setitem(sys.modules, "gradlint.analysis", module)

    put(paper_analysis)
    return put
