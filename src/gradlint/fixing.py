"""Writing the verified fixes of a report: checked once more together, then all or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gradlint.checking import check_text
from gradlint.model import Edit, FileReport, Severity
from gradlint.patching import mended_texts, verified_edits, write_atomically
from gradlint.selection import Selection
from gradlint.settings import CheckOptions
from gradlint.sources import UnreadableFile, read_source


class NotFixed(Exception):
    """The fixes were not written; the message says why and the file is as it was."""


def mended(report: FileReport, options: CheckOptions, selection: Selection) -> dict[str, str]:
    """The texts, by path, of the files that the verified fixes of `report` change; mostly its own.

    Fixes that do not lessen the errors and warnings of the file when they come together are not
    applied, and files outside of the script's project are left alone.
    """
    edits = [edit for edit in verified_edits(report) if _is_ours(report, edit)]
    if not edits:
        return {}
    texts = mended_texts(report, edits)
    others = {path: text for path, text in texts.items() if path != report.path}
    again = replace(options, run=False, instead=others)
    after = check_text(texts.get(report.path, report.text), report.path, again)
    return texts if _weight(after, selection) < _weight(report, selection) else {}


def _is_ours(report: FileReport, edit: Edit) -> bool:
    """Whether an edit is one of the file that was checked, or of another one of its project."""
    if not edit.span.file:
        return True
    from gradlint.reading.neighbours import is_in_project

    return is_in_project(report.path, edit.span.file)


def write_fixes(report: FileReport, options: CheckOptions, selection: Selection) -> bool:
    """Write the verified fixes of `report` to its file; False where there is nothing to write.

    Raises:
        NotFixed: a file changed since it was read or cannot be written.
    """
    texts = mended(report, options, selection)
    try:
        sources = {path: read_source(path) for path in texts}
        before = {report.path: report.text, **report.others}
        if any(source.text != before[path] for path, source in sources.items()):
            raise NotFixed("not fixed: the file changed while it was being checked")
        encoded = {path: sources[path].encode(text) for path, text in texts.items()}
        for path, data in encoded.items():
            write_atomically(Path(path), data)
    except (UnreadableFile, UnicodeEncodeError, OSError) as error:
        raise NotFixed(f"not fixed: {error}") from None
    return bool(texts)


def _weight(report: FileReport, selection: Selection) -> tuple[int, int]:
    """The number of errors and warnings that the user wants to hear of, and then of notes."""
    wanted = [f for f in report.findings if selection.wants(f.code)]
    notes = sum(finding.severity is Severity.NOTE for finding in wanted)
    return len(wanted) - notes, notes
