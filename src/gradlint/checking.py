"""Checks one file from its bytes to its report; whatever happens, there is a report."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

from gradlint.model import INTERNAL_ERROR, FileReport, Finding, Severity, Span, Verdict
from gradlint.reading.documents import Document, open_document
from gradlint.selection import keep_findings
from gradlint.settings import CheckOptions as CheckOptions
from gradlint.sources import UnreadableFile, decode_source, read_source
from gradlint.suppressions import Suppressions, find_suppressions, suppressions_of

_START = Span(1, 1, 1, 1)


def check_file(path: str, options: CheckOptions) -> FileReport:
    """Check the file at `path`; a file that cannot be read gives a report that says so (GL002)."""
    try:
        source = read_source(path)
    except UnreadableFile as error:
        return unreadable(path, str(error))
    return check_text(source.text, path, options)


def check_bytes(data: bytes, path: str, options: CheckOptions) -> FileReport:
    """Check `data`, the content of a file that is called `path`."""
    try:
        source = decode_source(data)
    except UnreadableFile as error:
        return unreadable(path, str(error))
    return check_text(source.text, path, options)


def check_text(text: str, path: str, options: CheckOptions) -> FileReport:
    """Check `text`; `path` is what it is called and the folder that a run of it starts in.

    An unexpected error in the analysis is reported as *unverified* with the reason, never raised.
    """
    try:
        return _analysed(text, path, options)
    except Exception as error:
        reason = f"{INTERNAL_ERROR}{_told(error)}; please report"
        return FileReport(path, Verdict.UNVERIFIED, reason, text=text)


def unreadable(path: str, message: str) -> FileReport:
    """The report of a file that cannot be read; `message` says why and what to do."""
    finding = Finding(
        "GL002", "unreadable-file", Severity.ERROR, _START, f"{path}: {message}", confirmed_by=()
    )
    return FileReport(path, Verdict.UNREADABLE, message, findings=(finding,))


def _analysed(text: str, path: str, options: CheckOptions) -> FileReport:
    document = _opened(text, path)
    suppressions = Suppressions() if document is None else suppressions_of(document)
    if suppressions.skip is not None:
        cell, line = suppressions.skip
        place = f"line {line}" if cell is None else f"line {line} of cell {cell}"
        reason = f"skipped as the comment on {place} asks"
        return FileReport(path, Verdict.UNVERIFIED, reason, text=text)
    from gradlint.reading import might_hold_gradient

    if document is not None and not might_hold_gradient(document.python):
        return FileReport(path, Verdict.NOT_APPLICABLE, text=text)
    from gradlint.analysis import analyse

    report = replace(analyse(text, path, options), text=text)
    quiet = {file: find_suppressions(other) for file, other in report.others.items()}
    heard = keep_findings(
        report, lambda found: not quiet.get(found.span.file, suppressions).silence(found)
    )
    if suppressions.said:
        heard = _with_unused(heard, report, suppressions, options)
    wants = options.selection.wants
    return keep_findings(heard, lambda found: wants(found.code, report.path_of(found.span)))


def _with_unused(
    heard: FileReport, report: FileReport, suppressions: Suppressions, options: CheckOptions
) -> FileReport:
    """What is heard of `report`, and which suppressions were in vain."""
    from gradlint.placing import order
    from gradlint.unused_suppressions import unused

    found = (*heard.findings, *unused(report, suppressions, options.selection))
    return replace(heard, findings=tuple(sorted(found, key=order)))


def _opened(text: str, path: str) -> Document | None:
    """The cells of the file, None where there is no finding them: the analysis says why."""
    try:
        return open_document(text, path)
    except (ValueError, RecursionError):
        return None


def _told(error: Exception) -> str:
    """The error in one line, with the place in gradlint (or a library) that raised it."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())
    told = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return f"{told} ({Path(place.filename).name}, line {place.lineno})"
