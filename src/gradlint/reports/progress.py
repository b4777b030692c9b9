"""A progress bar on standard error while a run goes on, where somebody sits before a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


def is_watched() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextlib.contextmanager
def bar(name: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A bar for a run of `name` that is watched for at most `steps` steps; it goes away at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    said = TextColumn("running {task.description}")
    columns = said, BarColumn(), MofNCompleteColumn(), TextColumn("steps")
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=steps)
        yield lambda step: progress.update(task, completed=step)
