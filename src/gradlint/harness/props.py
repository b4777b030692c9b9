"""The files that a script names, copied to where it runs: it reads and overwrites copies only."""

from __future__ import annotations

import ast
import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST = 64 * 2**20
"""Bytes of all copies together; larger data are not copied and the script finds them missing."""
_LONGEST = 200


def copy_named_files(text: str, homes: Sequence[Path], work: Path) -> None:
    """Copy to `work` what the string literals of `text` name, from the first of `homes` with it."""
    left = MOST
    for name in dict.fromkeys(_names(text)):
        source = next((home / name for home in homes if _exists(home / name)), None)
        if source is None or (work / name).exists():
            continue
        size = sum(f.stat().st_size for f in (source.rglob("*") if source.is_dir() else [source]))
        if size <= left:
            left -= size
            with contextlib.suppress(OSError, shutil.Error):
                _copy(source, work / name)


def _names(text: str) -> Iterator[str]:
    """The string literals that could be relative paths inside the folder."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            plain = 0 < len(name) < _LONGEST and name.isprintable() and name.strip(" ./\\")
            if plain and not Path(name).is_absolute() and ".." not in Path(name).parts:
                yield name


def _exists(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.exists()
    return False


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
