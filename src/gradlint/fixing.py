"""Writing the verified fixes of a report: checked once more together, then all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gradlint.checking import check_text
from gradlint.model import Edit, FileReport, Finding, Severity
from gradlint.patching import mended_texts, verified_edits, write_atomically
from gradlint.settings import CheckOptions
from gradlint.sources import UnreadableFile, read_source

_ROUNDS = 10
"""Fixes that show the next mistake, one after the other: more than a script that people wrote has."""

_HEALTH = "GL7"
"""What only the run sees is no measure for fixes, which are tried without one."""

Change = tuple[str, str]
"""A text before and after."""


class NotFixed(Exception):
    """The fixes were not written; the message says why and the file is as it was."""


@dataclass(frozen=True, slots=True)
class Mending:
    """The texts by path that fixes change, and what was done: each finding with the report it is in."""

    changes: Mapping[str, Change] = field(default_factory=dict)
    done: tuple[tuple[FileReport, Finding], ...] = ()


def mended(report: FileReport, options: CheckOptions, unsafe: bool = False) -> Mending:
    """What the verified fixes of `report` make of the files that they change; mostly its own.

    They are applied and the file is checked again, until there is nothing more to fix. Fixes that
    do not lessen the errors and warnings when they come together are not applied, files outside of
    the script's project are left alone, and the fixes of warnings need `unsafe`.
    """
    made = Mending()
    for _ in range(_ROUNDS):
        edits = [edit for edit in verified_edits(report, unsafe) if _is_ours(report, edit)]
        if not edits:
            break
        changes = _changes(report, made.changes, edits)
        after = _checked(report, changes, options)
        if not _weight(after) < _weight(report):
            break
        fixed = (f for f in report.findings if f.fix and set(f.fix.edits) <= set(edits))
        made = Mending(changes, (*made.done, *((report, finding) for finding in fixed)))
        report = after
    return made


def _changes(
    report: FileReport, texts: Mapping[str, Change], edits: Sequence[Edit]
) -> dict[str, Change]:
    """`texts` after these edits too."""
    read = {report.path: report.text, **report.others}
    new = mended_texts(report, edits).items()
    first = {path: texts[path][0] if path in texts else read[path] for path, _ in new}
    return {**texts, **{path: (first[path], text) for path, text in new}}


def _checked(report: FileReport, texts: Mapping[str, Change], options: CheckOptions) -> FileReport:
    """The static report of the file of `report` with `texts` in place."""
    after = {path: text for path, (_, text) in texts.items()}
    own = after.pop(report.path, report.text)
    return check_text(own, report.path, replace(options, run=False, instead=after))


def _is_ours(report: FileReport, edit: Edit) -> bool:
    """Whether an edit is one of the file that was checked, or of another one of its project."""
    if not edit.span.file:
        return True
    from gradlint.reading.neighbours import is_in_project

    return is_in_project(report.path, edit.span.file)


def write_fixes(report: FileReport, options: CheckOptions, unsafe: bool = False) -> Mending:
    """Write what `mended` makes of the files; nothing is written where that is nothing.

    Raises:
        NotFixed: a file changed since it was read or cannot be written.
    """
    made = mended(report, options, unsafe)
    try:
        encoded = {path: _encoded(path, *change) for path, change in made.changes.items()}
        for path, data in encoded.items():
            write_atomically(Path(path), data)
    except (UnreadableFile, UnicodeEncodeError, OSError) as error:
        raise NotFixed(f"not fixed: {error}") from None
    return made


def _encoded(path: str, before: str, after: str) -> bytes:
    """The text after the fixes as the file at `path` would hold it."""
    source = read_source(path)
    if source.text != before:
        raise NotFixed("not fixed: the file changed while it was being checked")
    if source.encode(before) != Path(path).read_bytes():
        raise NotFixed(f"not fixed: {source.encoding} does not give the same bytes back")
    return source.encode(after)


def _weight(report: FileReport) -> tuple[int, int]:
    """The number of errors and warnings, and then of notes."""
    seen = [finding for finding in report.findings if not finding.code.startswith(_HEALTH)]
    notes = sum(finding.severity is Severity.NOTE for finding in seen)
    return len(seen) - notes, notes
