"""What the analysis itself takes, imports left out: by the script's length, and fixture by fixture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gradlint.analysis import examine, report
from gradlint.model import Verdict
from gradlint.reading import read_module

_TURNS = 3


@dataclass(frozen=True)
class Analysed:
    """The best of a few analyses of one script, and what came of it."""

    name: str
    seconds: float
    verdict: Verdict
    repairs: int


def analysed(text: str, name: str) -> Analysed:
    """Read and examine `text`; the report is made but not timed."""
    subjects = examine(read_module(text, name))
    verdict = report(*subjects).verdict
    repairs = sum(len(subject.repairs) for subject in subjects)
    seconds = min(_seconds(lambda: examine(read_module(text, name))) for _ in range(_TURNS))
    return Analysed(name, seconds, verdict, repairs)


def all_scripts(folder: Path) -> list[Analysed]:
    """Every script of `folder`, the slowest first."""
    found = [analysed(p.read_text(encoding="utf-8"), p.name) for p in sorted(folder.glob("*.py"))]
    return sorted(found, key=lambda one: -one.seconds)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
