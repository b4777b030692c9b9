"""Analysing a text in tests: the whole road or one walk, and what came out in few words."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import textwrap
import tokenize
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from gradlint.analysis import analysed, examine
from gradlint.model import FileReport, Severity
from gradlint.patching import mended_texts, verified_edits
from gradlint.reading import read_module, read_script
from gradlint.reading.neighbours import put
from gradlint.rules.subject import Subject
from gradlint.tracing import Budget, Trace, explore

SHARED_REPORTS = "GRADLINT_TESTS_SHARED_REPORTS"
"""Names the folder of reports that one run of tests makes in its first process."""


@cache
def subject_of(text: str) -> Subject:
    """What the static analysis finds out about a script (its first training loop, if it has more)."""
    return examine(read_module(textwrap.dedent(text).lstrip("\n"), "script.py"))[0]


@cache
def report_of(text: str, path: str = "script.py") -> FileReport:
    """The static report of a script; each text is analysed once, in whichever process of a run of tests."""
    text = textwrap.dedent(text).lstrip("\n")
    kept = _kept(text, path)
    if kept is not None and kept.exists():
        return cast(FileReport, pickle.loads(kept.read_bytes()))
    found = replace(analysed(read_script(text, path)), text=text)
    if kept is not None:
        made = kept.with_suffix(f".{os.getpid()}")
        made.write_bytes(pickle.dumps(found))
        made.replace(kept)
    return found


def _kept(text: str, path: str) -> Path | None:
    """Where the processes of one run of tests share a report."""
    folder = os.environ.get(SHARED_REPORTS)
    key = hashlib.sha256(f"{path}\n{text}".encode()).hexdigest()
    return None if folder is None else Path(folder) / f"{key}.report"


def problems(found: FileReport) -> list[tuple[str, int]]:
    """Code and line of the errors and warnings; notes are left out."""
    return [(f.code, f.span.line) for f in found.findings if f.severity is not Severity.NOTE]


def errors(found: FileReport) -> list[tuple[str, int]]:
    """Code and line of the errors."""
    return [(f.code, f.span.line) for f in found.findings if f.severity is Severity.ERROR]


def mended(found: FileReport) -> str:
    """The script with all verified fixes applied."""
    return mended_texts(found, verified_edits(found)).get(found.path, found.text)


def report_after(found: FileReport) -> FileReport | None:
    """The static report after all verified fixes, None where there are none."""
    texts = mended_texts(found, verified_edits(found))
    if not texts:
        return None
    own = texts.pop(found.path, found.text)
    script = read_script(own, found.path)
    for path, text in texts.items():
        put(script.module, path, text)
    return replace(analysed(script), text=own)


def line_of(text: str, part: str) -> int:
    """The only line of a script that holds `part`."""
    lines = textwrap.dedent(text).lstrip("\n").splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if part in line]
    return number


def trace_of(text: str, budget: Budget | None = None) -> Trace:
    """The trace of a script at the sizes that were found for it."""
    return explore(read_module(textwrap.dedent(text).lstrip("\n"), "script.py"), budget).trace


def last_value(trace: Trace, place: str) -> Any:
    """The value that was stored last under `place`."""
    stores = [store for store in trace.stores if store.place == place]
    assert stores, f"nothing was stored in {place}"
    new = stores[-1].new
    assert new is not None, f"{place} is not known: {stores[-1].opaque}"
    return np.asarray(trace.value(new))


def reason(trace: Trace, place: str) -> tuple[str, int]:
    """Why the value last stored under `place` is not known, and the line."""
    opaque = [store for store in trace.stores if store.place == place][-1].opaque
    assert opaque is not None, f"{place} is known"
    return opaque.reason, opaque.span.line


def moved(trace: Trace) -> list[str]:
    """The places that were seen to be updated, each once, in order."""
    return list(dict.fromkeys(update.place for update in trace.updates))


def without_comments(text: str) -> str:
    """`text` with every comment blanked out; lines and columns of the code stay."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines) + "\n"
