"""The report of each file as one line of JSON, as the files come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gradlint.model import FileReport
from gradlint.reports.json import of_file
from gradlint.reports.look import Look


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """Each line is an item of `files` in the JSON report."""
    for report in reports:
        yield json.dumps(of_file(report), ensure_ascii=not look.unicode) + "\n"
