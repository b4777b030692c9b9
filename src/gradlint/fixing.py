"""Writing the verified fixes of a report: checked once more together, then all or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gradlint.checking import check_text
from gradlint.model import FileReport, Severity
from gradlint.patching import apply_edits, verified_edits, write_atomically
from gradlint.selection import Selection
from gradlint.settings import CheckOptions
from gradlint.sources import UnreadableFile, read_source


class NotFixed(Exception):
    """The fixes were not written; the message says why and the file is as it was."""


def mended(report: FileReport, options: CheckOptions, selection: Selection) -> str:
    """The text of `report` with its verified fixes, the text itself where there are none.

    Fixes that do not lessen the errors and warnings of the file when they come together are not
    applied.
    """
    edits = verified_edits(report)
    if not edits:
        return report.text
    text = apply_edits(report.text, edits)
    after = check_text(text, report.path, replace(options, run=False))
    return text if _weight(after, selection) < _weight(report, selection) else report.text


def write_fixes(report: FileReport, options: CheckOptions, selection: Selection) -> bool:
    """Write the verified fixes of `report` to its file; False where there is nothing to write.

    Raises:
        NotFixed: the file changed since it was read or cannot be written.
    """
    text = mended(report, options, selection)
    if text == report.text:
        return False
    try:
        source = read_source(report.path)
        if source.text != report.text:
            raise NotFixed("not fixed: the file changed while it was being checked")
        write_atomically(Path(report.path), source.encode(text))
    except (UnreadableFile, UnicodeEncodeError, OSError) as error:
        raise NotFixed(f"not fixed: {error}") from None
    return True


def _weight(report: FileReport, selection: Selection) -> int:
    """The number of errors and warnings that the user wants to hear of."""
    wanted = (f for f in report.findings if selection.wants(f.code))
    return sum(finding.severity is not Severity.NOTE for finding in wanted)
