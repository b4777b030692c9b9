"""The surroundings of the script: no display, no standard input, no folder of the user's to write to."""

from __future__ import annotations

import builtins
import contextlib
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


class Stopped(BaseException):
    """The script did something that a run does not allow; the message says what."""


class TimeUp(BaseException):
    """The script ran longer than it may."""


class Stage:
    """Sets the stage in the process for one script; `notes` are to be told to the user."""

    def __init__(self, torch: Any, device: str, folder: Path) -> None:
        self.torch = torch
        self.device = device
        self.folder = folder
        self.notes: list[str] = []

    def told(self, detail: str | None) -> str | None:
        """`detail` with the notes, as one line."""
        return "; ".join(dict.fromkeys([*([detail] if detail else []), *self.notes])) or None

    @contextlib.contextmanager
    def set_for(self, path: str, limit: float) -> Iterator[None]:
        """Everything that the script may look at or call is in place while the context is open."""
        work = self.folder / "work"
        work.mkdir()
        os.chdir(work)
        sys.argv = [path]
        sys.path[0] = str(Path(path).parent)
        random.seed(0)
        np.random.seed(0)
        self.torch.manual_seed(0)
        yield


def _input(prompt: object = "") -> str:
    raise Stopped("the script reads standard input")


__all__ = ["Stage", "Stopped", "TimeUp", "_input", "builtins"]
