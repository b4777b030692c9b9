"""The files that a script names, put where it runs: it reads them there and overwrites copies only."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST = 64 * 2**20
"""Bytes of all copies together; larger data are linked to, and cannot be overwritten then."""
_LONGEST = 200
_FILES = 500
"""Files of a folder that is copied; a larger one is linked to."""
_WAY = ("up", "up", "here")


def working_folder(folder: Path) -> Path:
    """Make the folder in which a script runs, so far below `folder` that `../data` is below it too."""
    work = folder.joinpath(*_WAY)
    work.mkdir(parents=True)
    return work


def put_named_files(text: str, homes: Sequence[Path], work: Path) -> None:
    """Put to `work` what the string literals of `text` name, from the first of `homes` with it."""
    left = MOST
    top = work.parents[len(_WAY) - 1]
    for name in dict.fromkeys(_names(text)):
        source = next((home / name for home in homes if _exists(home / name)), None)
        target = Path(os.path.normpath(work / name))
        if source is None or top not in target.parents or target in work.parents:
            continue
        if target == work or os.path.lexists(target):
            continue
        size = _size(source, left)
        with contextlib.suppress(OSError, shutil.Error):
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(source, target) if size <= left else target.symlink_to(source.resolve())
            left -= size if size <= left else 0


def _names(text: str) -> Iterator[str]:
    """The string literals that could be relative paths."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            plain = 0 < len(name) < _LONGEST and name.isprintable() and name.strip(" ./\\")
            if plain and not Path(name).is_absolute():
                yield name


def _exists(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.exists()
    return False


def _size(source: Path, most: int) -> int:
    """Bytes of a file or of a folder; one more than `most` where there are too many of them."""
    if not source.is_dir():
        return source.stat().st_size
    size = files = 0
    for place, _, names in os.walk(source):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.stat(os.path.join(place, name)).st_size
        files += len(names)
        if size > most or files > _FILES:
            return most + 1
    return size


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
