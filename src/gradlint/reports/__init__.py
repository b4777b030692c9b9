"""From reports to text; the only stage that knows a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from gradlint.model import FileReport
from gradlint.reports.look import Look, look_of
from gradlint.settings import OutputFormat

__all__ = ["Look", "look_of", "render"]


def render(output: OutputFormat, reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """The report in the format `output`, piece by piece as the files come in.

    Each format is a module of its name in this package with a function `render(reports, look)`;
    only the one that is asked for is imported.
    """
    module = import_module(f"gradlint.reports.{output.replace('-', '_')}")
    pieces: Iterator[str] = module.render(reports, look)
    return pieces
