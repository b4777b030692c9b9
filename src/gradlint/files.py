"""From the paths that the user named to the scripts to check, in an order that does not change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

STDIN = "-"

_SUFFIXES = (".py", ".ipynb")
_NOT_THE_USERS = {"__pycache__", "node_modules", "site-packages"}

Excludes = Callable[[str, bool], bool]


@dataclass(frozen=True, slots=True)
class Target:
    """A script to check; `named` if the user named this very file, `problem` if there is none.

    `excluded`: the user named it, and it is one of those that are to be left out.
    """

    path: str
    named: bool
    problem: str | None = None
    excluded: bool = False


def _nothing(path: str, is_folder: bool) -> bool:
    return False


def expand(paths: Iterable[str], excludes: Excludes = _nothing) -> list[Target]:
    """Files as they are, directories as the scripts and notebooks below them; each file once.

    What is hidden, virtual environments and `__pycache__` below a directory are passed over, and
    so is what `excludes` says of a path and whether it is a folder. A directory that cannot be
    listed or holds no script is a target with a problem.
    """
    found: dict[str, Target] = {}
    for path in paths:
        for target in _targets(path, excludes):
            key = os.path.realpath(target.path) if target.path != STDIN else STDIN
            before = found.get(key)
            if before is None or (target.named and not before.named):
                found[key] = target
    return list(found.values())


def _targets(path: str, excludes: Excludes) -> Iterator[Target]:
    is_folder = path != STDIN and os.path.isdir(path)
    if path != STDIN and excludes(path, is_folder):
        yield Target(path, named=True, excluded=True)
        return
    if not is_folder:
        yield Target(path, named=True)
        return
    problems: list[Target] = []
    walk = _Walk(excludes, problems.append)
    scripts = [Target(script, named=False) for script in walk.scripts(path)]
    yield from scripts
    yield from problems
    if not scripts and not problems and not walk.left_out:
        yield Target(
            path, named=False, problem="no Python scripts and no notebooks in this directory"
        )


class _Walk:
    """The scripts below a folder, in order; `left_out` where there were others that are excluded."""

    def __init__(self, excludes: Excludes, report: Callable[[Target], None]) -> None:
        self.excludes, self.report = excludes, report
        self.left_out = False

    def scripts(self, folder: str) -> Iterator[str]:
        for place, folders, names in os.walk(folder, onerror=self._failed):
            ours = (name for name in folders if _is_the_users(place, name))
            folders[:] = sorted(n for n in ours if self._is_wanted(os.path.join(place, n), True))
            files = (n for n in sorted(names) if n.endswith(_SUFFIXES) and not n.startswith("."))
            paths = (os.path.normpath(os.path.join(place, name)) for name in files)
            yield from (path for path in paths if self._is_wanted(path, False))

    def _is_wanted(self, path: str, is_folder: bool) -> bool:
        excluded = self.excludes(path, is_folder)
        self.left_out = self.left_out or excluded
        return not excluded

    def _failed(self, error: OSError) -> None:
        self.report(Target(str(error.filename), False, f"cannot be listed ({error.strerror})"))


def _is_the_users(place: str, name: str) -> bool:
    if name.startswith(".") or name in _NOT_THE_USERS:
        return False
    return not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
