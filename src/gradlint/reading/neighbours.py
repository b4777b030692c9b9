"""The user's own modules: where an import finds them on disk, and reading them.

Nothing is executed and no `sys.path` is consulted: a module of the user's lies beside the script, in
a folder that the script appends to its path, or above it inside the same project.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from gradlint.reading import UnreadableSyntax, read_module
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.sources import UnreadableFile, read_source

LARGEST = 500_000
"""Characters of a module that is read for an import; a longer one is data."""
MOST = 60
"""Modules that are read for one script."""
_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_HIGHEST, _NEAR = 6, 2


def project_of(path: str) -> str | None:
    """The folder of the project that the file at `path` belongs to, None where nothing marks one."""
    for folder in _upwards(os.path.dirname(path)):
        if any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS):
            return folder
    return None


def _upwards(folder: str) -> Iterator[str]:
    """`folder` and those above it, written relative where `folder` is."""
    for _ in range(_HIGHEST):
        yield folder
        above = os.path.normpath(os.path.join(folder, os.pardir))
        if os.path.abspath(above) == os.path.abspath(folder):
            return
        folder = above


def roots(module: s.Module, first: str) -> list[str]:
    """The folders in which the script `module` looks up a module whose name begins with `first`.

    They are remembered, so that another process that takes the module on finds the same.
    """
    if not module.roots:
        module.roots.extend(roots_of(module.path))
    key = (f"{first}.",)
    if key not in module.places:
        module.places[key] = named_after(module.path, first)
    above = module.places[key]
    return module.roots if above is None else [*module.roots, above]


def searched(module: s.Module) -> list[str]:
    """Every folder in which an import of `module` was looked up, nearest first."""
    around = (place for key, place in module.places.items() if key[0].endswith("."))
    return list(dict.fromkeys([*module.roots, *(place for place in around if place is not None)]))


def roots_of(path: str) -> list[str]:
    """The folders in which the imports of the script at `path` are looked up, nearest first.

    Its own folder, the folder around the package that it is in, and those up to the project's; where
    nothing marks a project, those right above, from which scripts in a folder of their own are started.
    """
    own = os.path.dirname(path)
    found, project = [own], project_of(path)
    for folder in _upwards(own) if project is not None else ():
        found.append(folder)
        if os.path.abspath(folder) == os.path.abspath(project or own):
            found.append(os.path.join(folder, "src"))
            break
    for folder in _upwards(own):
        if not os.path.exists(os.path.join(folder, "__init__.py")):
            found.append(folder)
            break
    if project is None:
        found += islice(_upwards(own), 1, 1 + _NEAR)
    return list(dict.fromkeys(found))


def named_after(path: str, package: str) -> str | None:
    """The folder that holds a folder called `package` around the file at `path`, or None."""
    for folder in _upwards(os.path.dirname(path)):
        if os.path.basename(os.path.abspath(folder)) == package:
            return os.path.normpath(os.path.join(folder, os.pardir))
    return None


def locate(module: s.Module, name: str, roots: Sequence[str]) -> str | None:
    """The path of the module or package `name` in the first of `roots` that has it, or None."""
    key = (name, *roots)
    if key not in module.places:
        module.places[key] = _found(name, roots)
    return module.places[key]


def _found(name: str, roots: Sequence[str]) -> str | None:
    for root in roots:
        base = os.path.join(root, name)
        for path in (os.path.join(base, "__init__.py"), f"{base}.py"):
            if os.path.isfile(path):
                return os.path.normpath(path)
        if os.path.isdir(base) and _holds_modules(base):
            return os.path.normpath(base)
    return None


def _holds_modules(folder: str) -> bool:
    """Whether a folder without `__init__.py` can be imported as a package: Python files lie in it.

    Or in a folder right below it: `layers/base/dense.py`.
    """
    inner = [one.path for one in os.scandir(folder) if one.is_dir() and one.name.isidentifier()]
    return any(_lists_modules(one) for one in (folder, *inner))


def _lists_modules(folder: str) -> bool:
    try:
        return any(name.endswith(".py") for name in os.listdir(folder))
    except OSError:
        return False


def neighbour(module: s.Module, path: str) -> s.Module | None:
    """The module at `path`, read once for `module`; None where it cannot be read."""
    if path not in module.others:
        if len(module.others) >= MOST:
            return None
        module.others[path] = _read(path)
    return module.others[path]


def _read(path: str) -> s.Module | None:
    if os.path.isdir(path):
        return s.Module(path, "", ())
    try:
        return _parsed(read_source(path).text, path)
    except UnreadableFile:
        return None


def put(module: s.Module, path: str, text: str) -> None:
    """Let `text` stand in for the file at `path` wherever `module` imports it."""
    module.others[path] = _parsed(text, path)


def _parsed(text: str, path: str) -> s.Module | None:
    if len(text) > LARGEST:
        return None
    try:
        return placed(read_module(text, path), path)
    except UnreadableSyntax:
        return None


def placed(module: s.Module, file: str) -> s.Module:
    """`module` with every span saying that it stands in `file`."""
    for node in descend(module.body):
        object.__setattr__(node, "span", replace(node.span, file=file))
    return module


def is_in_project(script: str, path: str) -> bool:
    """Whether the file at `path` belongs to the project of `script`: gradlint may write to it."""
    project = project_of(os.path.abspath(script)) or os.path.dirname(os.path.abspath(script))
    return Path(path).resolve().is_relative_to(Path(project).resolve())
