"""Executing the script as `__main__`, and how that ended."""

from __future__ import annotations

import ast
import builtins
import sys
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass

from gradlint.harness.job import Job
from gradlint.harness.observer import Done, Observer
from gradlint.harness.refusing import WHERE
from gradlint.harness.stage import Stage, Stopped
from gradlint.harness.timing import TimeUp, hurry

_TOLD = 200
"""Characters of an exception's text that are shown."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the script ended: `reason` is None where it was cut or came to its end by itself.

    A `calm` end (`sys.exit(0)`) is as good as coming to the last line, once a step was seen.
    """

    reason: str | None = None
    status: str = "failed"
    calm: bool = False

    def verdict(self, enough: bool, some: bool) -> tuple[str, str | None]:
        """The status of the run and its detail, where `enough` or only `some` steps were seen."""
        if enough or (some and (self.reason is None or self.calm)):
            return "ok", None
        if self.reason is None:
            return "failed", "the script ended before any parameter was updated"
        early = " before any parameter was updated" if self.calm else ""
        return self.status, self.reason + early


def run_script(
    tree: ast.Module,
    job: Job,
    observers: Sequence[Observer],
    stage: Stage,
    most: float | None = None,
) -> Ended:
    """Run the instrumented script until it ends, fails or was seen enough of, for `most` seconds."""
    path = job.path
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=builtins)
    sys.modules["__main__"] = main
    for observer in observers:
        setattr(builtins, observer.name, observer)
    try:
        code = compile(tree, path, "exec", dont_inherit=True)
        with stage.set_for(job):
            if most is not None:
                hurry(most)
            exec(code, main.__dict__)
    except Done:
        return Ended()
    except BaseException as error:
        return _explained(error, job, stage)
    for observer in observers:
        observer.leave()
    return Ended()


def _explained(error: BaseException, job: Job, stage: Stage) -> Ended:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == job.path]
    line = frames[-1].lineno if frames else None
    at = f" (line {line})" if frames else ""
    if (missing := stage.missing(error, line)) is not None:
        return Ended(missing)
    if isinstance(error, TimeUp):
        return Ended(f"{error}{at}", "timeout")
    if isinstance(error, Stopped):
        return Ended(f"{error}{at}")
    if isinstance(error, SystemExit):
        return Ended(
            f"the script called sys.exit({_code(error)}){at}", calm=error.code in (None, 0)
        )
    words = " ".join(str(error).split())[:_TOLD]
    if isinstance(error, PermissionError) and WHERE not in words:
        at += f"; {WHERE}"
    if isinstance(error, MemoryError):
        at += f"; the run may use {job.memory} MiB of memory (--memory)"
    return Ended(f"{type(error).__name__}: {words}{at}" if words else f"{type(error).__name__}{at}")


def _code(error: SystemExit) -> str:
    return "" if error.code is None else repr(error.code)[:_TOLD]
