"""From the paths that the user named to the scripts to check, in an order that does not change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

STDIN = "-"

_SUFFIXES = (".py", ".ipynb")
_NOT_THE_USERS = {"__pycache__", "node_modules", "site-packages"}


@dataclass(frozen=True, slots=True)
class Target:
    """A script to check; `named` if the user named this very file, `problem` if there is none."""

    path: str
    named: bool
    problem: str | None = None


def expand(paths: Iterable[str]) -> list[Target]:
    """Files as they are, directories as the scripts and notebooks below them; each file once.

    What is hidden, virtual environments and `__pycache__` below a directory are passed over. A
    directory that cannot be listed or holds no script is a target with a problem.
    """
    found: dict[str, Target] = {}
    for path in paths:
        for target in _targets(path):
            key = os.path.realpath(target.path) if target.path != STDIN else STDIN
            before = found.get(key)
            if before is None or (target.named and not before.named):
                found[key] = target
    return list(found.values())


def _targets(path: str) -> Iterator[Target]:
    if path == STDIN or not os.path.isdir(path):
        yield Target(path, named=True)
        return
    problems: list[Target] = []
    scripts = [Target(script, named=False) for script in _scripts(path, problems.append)]
    yield from scripts
    yield from problems
    if not scripts and not problems:
        yield Target(
            path, named=False, problem="no Python scripts and no notebooks in this directory"
        )


def _scripts(folder: str, report: Callable[[Target], None]) -> Iterator[str]:
    def failed(error: OSError) -> None:
        report(Target(str(error.filename), False, f"cannot be listed ({error.strerror})"))

    for place, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if _is_the_users(place, name))
        scripts = (n for n in sorted(names) if n.endswith(_SUFFIXES) and not n.startswith("."))
        yield from (os.path.normpath(os.path.join(place, name)) for name in scripts)


def _is_the_users(place: str, name: str) -> bool:
    if name.startswith(".") or name in _NOT_THE_USERS:
        return False
    return not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
