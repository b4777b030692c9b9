"""Globs as .gitignore has them, counted from a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathspec import PathSpec


@dataclass(frozen=True, slots=True)
class Patterns:
    """Globs and the absolute folder that they count from."""

    folder: str
    globs: tuple[str, ...] = ()

    def fit(self, path: str, is_folder: bool = False) -> bool:
        """Whether a glob fits `path` or a folder above it; never outside of the folder."""
        if not self.globs:
            return False
        try:
            relative = os.path.relpath(os.path.abspath(path), self.folder)
        except ValueError:  # another drive
            return False
        if relative == os.curdir or relative.split(os.sep, 1)[0] == os.pardir:
            return False
        name = relative.replace(os.sep, "/") + ("/" if is_folder else "")
        return bool(_compiled(self.globs).match_file(name))


@cache
def _compiled(globs: Sequence[str]) -> PathSpec[Any]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)
