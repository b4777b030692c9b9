"""What a script wanted to read and did not find, in one line, with the way out."""

from __future__ import annotations

from collections.abc import Iterable

from gradlint.harness.stand_in import DATA
from gradlint.harness.walks import Read

OFFER = "--stub-data runs the script on made data"
_TOLD = 160


def told_missing(
    error: BaseException, line: int | None, reads: Iterable[Read], stubbed: bool
) -> str | None:
    """What is missing, where `error` was raised because data are not there; None where it was not.

    `line` is that of the script that raised it; `reads` are the calls that give data.
    """
    at = f" (line {line})" if line is not None else ""
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").partition(".")[0]
        reads_data = any(one.partition(".")[0] == name for one in DATA)
        return f"{name} is not installed{at}; {OFFER}" if reads_data and not stubbed else None
    spans = [read.node.span for read in reads]
    reading = any(s.line <= (line or 0) <= s.end_line and not s.file for s in spans)
    if not isinstance(error, Exception) or isinstance(error, PermissionError | MemoryError):
        return None
    if stubbed or not reading:
        return None
    return f"{_what(error)}{at}; {OFFER}"


def _what(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename} is not there"
    words = " ".join(str(error).split())
    if isinstance(error, FileNotFoundError) and words:
        return words[:_TOLD].rstrip(".")
    return f"the data cannot be read: {type(error).__name__}: {words[:_TOLD]}"
