"""Each file is analysed once a session, also where several workers share the session."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradlint.model import FileReport
from gradlint.settings import CheckOptions


@dataclass(slots=True)
class Once:
    """Hands out reports; `shared` is a folder in which the workers of a session leave theirs."""

    shared: Path | None = None
    reports: dict[str, FileReport] = field(default_factory=dict)

    def report(self, path: str, options: CheckOptions) -> FileReport:
        """The report of the file at `path`, made by whoever asks first."""
        key = hashlib.sha256(repr((os.path.realpath(path), options)).encode()).hexdigest()
        if key not in self.reports:
            self.reports[key] = self._shared(key, lambda: _checked(path, options))
        return self.reports[key]

    def _shared(self, key: str, make: Callable[[], FileReport]) -> FileReport:
        if self.shared is None:
            return make()
        kept = self.shared / key
        with _locked(str(kept) + ".lock"):
            if kept.exists():
                report: FileReport = pickle.loads(kept.read_bytes())
                return report
            report = make()
            kept.write_bytes(pickle.dumps(report))
        return report


def _checked(path: str, options: CheckOptions) -> FileReport:
    from gradlint.interface import check_script

    return check_script(path, options.run, options)


def _locked(path: str) -> AbstractContextManager[Any]:
    """A lock between processes; without filelock each worker analyses for itself, which is only slower."""
    try:
        from filelock import FileLock
    except ImportError:
        return nullcontext()
    return FileLock(path)
