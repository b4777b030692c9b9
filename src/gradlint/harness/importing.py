"""The user's own modules with watching put in, when the running script imports them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from types import CodeType, ModuleType

from gradlint.harness.freezing import own_modules
from gradlint.harness.instrument import Points, instrumented
from gradlint.harness.job import Job
from gradlint.reading.neighbours import searched


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads one module of the user's, instrumented; no byte code is written or read."""

    def __init__(self, name: str, path: str, points: Sequence[Points]) -> None:
        super().__init__(name, path)
        self.points = points

    def get_code(self, fullname: str) -> CodeType:
        own_modules.add(fullname)
        text = importlib.util.decode_source(self.get_data(self.path))
        tree = instrumented(text, self.path, self.points)
        return compile(tree, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules where Python would; those that are watched get a loader of their own."""

    def __init__(self, watched: Mapping[str, Sequence[Points]]) -> None:
        self.watched = watched

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None:
            return None
        points = self.watched.get(os.path.realpath(spec.origin))
        if points is None:
            return None
        spec.loader = _Loader(name, spec.origin, points)
        return spec


def watch_imports(job: Job, points: Mapping[str, Sequence[Points]]) -> None:
    """Let the modules that the analysis walked be watched, and found where it found them."""
    watched = {
        os.path.realpath(os.path.join(job.home, file)): one for file, one in points.items() if file
    }  # fmt: skip
    if watched:
        sys.meta_path.insert(0, _Finder(watched))
    folders = (os.path.realpath(os.path.join(job.home, root)) for root in searched(job.module))
    sys.path.extend(folder for folder in folders if folder not in sys.path)
