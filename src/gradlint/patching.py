"""Applying edits to a text, showing them as a diff, and writing the result all or nothing."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

from gradlint.model import Edit, FileReport, Fix, Severity, Span
from gradlint.textlines import line_end, split_lines

_ANY_END = re.compile(r"\r\n|\r|\n")
_PASSED = 8
"""Lines that are shown of those that a moved line passes, itself included."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`, applied from the bottom up; their line ends become those around them.

    Raises:
        ValueError: two edits overlap, or one lies outside of the text.
    """
    starts = [0, *accumulate(map(len, split_lines(text)))]
    before = len(text) + 1
    for start, end, content in sorted(_offsets(edits, starts), reverse=True):
        if not 0 <= start <= end <= len(text) or end > before:
            raise ValueError("edits overlap or lie outside of the text")
        text = text[:start] + _ANY_END.sub(_end_after(text, start), content) + text[end:]
        before = start
    return text


def _end_after(text: str, at: int) -> str:
    """The line end of the line around the offset `at`; that of the first line if it has none."""
    found = _ANY_END.search(text, at)
    return found.group() if found else line_end(text)


def _offsets(edits: Iterable[Edit], starts: Sequence[int]) -> list[tuple[int, int, str]]:
    """Each distinct edit as start and end offset and content; -1 where a line is not there."""

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1 if 0 < line <= len(starts) else -1

    distinct = dict.fromkeys(edits)
    return [
        (offset(e.span.line, e.span.column), offset(e.span.end_line, e.span.end_column), e.content)
        for e in distinct
    ]


def verified_fixes(report: FileReport, unsafe: bool = True) -> Iterator[Fix]:
    """The verified fixes in `report`; without `unsafe` not those that only warnings stand for.

    A warning says what was very likely not meant: its fix changes what is computed on a guess,
    unless it has other grounds.
    """
    for finding in report.findings:
        fix = finding.fix
        if fix is not None and fix.verified:
            is_safe = finding.severity is not Severity.WARNING or fix.grounds is not None
            if unsafe or is_safe:
                yield fix


def verified_edits(report: FileReport, unsafe: bool = True) -> tuple[Edit, ...]:
    """The edits of the verified fixes in `report`, without those that overlap an earlier one.

    They are edits of its own file and of the files that its findings stand in.
    """
    taken: list[Edit] = []
    for fix in verified_fixes(report, unsafe):
        new = [edit for edit in fix.edits if edit not in taken]
        try:
            mended_texts(report, [*taken, *new])
        except ValueError:
            continue
        taken += new
    return tuple(taken)


def mended_texts(report: FileReport, edits: Iterable[Edit]) -> dict[str, str]:
    """The texts, by path, of the files that `edits` change, after them.

    Raises:
        ValueError: two edits overlap, or one lies outside of its text.
    """
    texts: dict[str, str] = {}
    cells: dict[int, str] = {}
    for span, same in by_text(edits):
        text = apply_edits(report.text_of(span), same)
        if span.cell is None:
            texts[report.path_of(span)] = text
        else:
            cells[span.cell] = text
    if cells:
        from gradlint.reading.notebooks import with_sources

        texts[report.path] = with_sources(report.text, cells)
    return texts


def by_text(edits: Iterable[Edit]) -> Iterator[tuple[Span, list[Edit]]]:
    """The edits of each file and cell, with a span that stands there."""
    found: dict[tuple[str, int | None], list[Edit]] = {}
    for edit in edits:
        found.setdefault((edit.span.file, edit.span.cell), []).append(edit)
    yield from ((same[0].span, same) for same in found.values())


def changed_lines(text: str, edits: Iterable[Edit]) -> list[str]:
    """The lines that `edits` change, as `-old` and `+new` without line ends, top to bottom.

    Where lines are only moved, those that they pass stand between as ` same`.
    """
    new = apply_edits(text, edits)
    changed = [line for line in _hunks(text, new, 0) if not line.startswith(" ")]
    if not _are_moved(changed):
        return changed
    whole = _hunks(text, new, len(text))
    at = [number for number, line in enumerate(whole) if not line.startswith(" ")]
    passed = whole[at[0] : at[-1] + 1]
    if len(passed) > _PASSED:
        half = _PASSED // 2
        return [*passed[:half], " ...", *passed[-half:]]
    return passed


def _hunks(old: str, new: str, context: int) -> list[str]:
    diff = split_lines(unified_diff(old, new, "", context))
    return [line.rstrip("\r\n") for line in diff[2:] if line.startswith(("-", "+", " "))]


def _are_moved(changed: list[str]) -> bool:
    """Whether what is taken out is what is put in elsewhere, but for its indent."""
    out, put = (sorted(x[1:].strip() for x in changed if x.startswith(sign)) for sign in "-+")
    return out == put


def unified_diff(old: str, new: str, path: str, context: int = 3) -> str:
    """The unified diff from `old` to `new`, empty where they are the same."""
    import difflib

    lines = difflib.unified_diff(
        split_lines(old), split_lines(new), f"a/{path}", f"b/{path}", n=context
    )
    return "".join(_closed(line) for line in lines)


def _closed(line: str) -> str:
    """`line` of a diff with a newline; a last line that had none is marked as `diff` marks it."""
    if line.endswith(("\n", "\r")):
        return line
    return f"{line}\n\\ No newline at end of file\n"


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of `path` by `data`, all or nothing; its permissions and links stay.

    Raises:
        OSError: the file or its directory cannot be written; the file is as it was.
    """
    import tempfile

    target = path.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            _take_over(name, target.stat())
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _take_over(name: str, status: os.stat_result) -> None:
    """Give the file `name` the owner, where that is permitted, and the permissions of another."""
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        with suppress(OSError):
            os.chown(name, status.st_uid, status.st_gid)
    os.chmod(name, stat.S_IMODE(status.st_mode))
