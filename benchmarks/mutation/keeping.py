"""Keeps what was found out under the hash of all that it depends on, so that a run can be made in parts."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
HERE = Path(__file__).resolve().parent
TRUTH, GRADLINT = HERE / "truth", HERE.parents[1] / "src" / "gradlint"
_FOLDER = "MUTATION_KEPT"


def keep_in(folder: Path | None) -> None:
    """Keep everything in `folder` from now on, in the processes started later too; nothing with None."""
    os.environ[_FOLDER] = str(folder or "")


def kept(make: Callable[[], T], code: Path, *depends: str) -> T:
    """What `make` gives; kept from a run with the same sources in `code` and the same texts."""
    folder = os.environ.get(_FOLDER)
    if not folder:
        return make()
    path = Path(folder) / code.name / hashed(_sources(code), *depends)
    if path.exists():
        found: Any = pickle.loads(path.read_bytes())
        return found  # type: ignore[no-any-return]
    made = make()
    _write(path, pickle.dumps(made))
    return made


def hashed(*texts: str) -> str:
    """One name for several texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


@cache
def _sources(folder: Path) -> str:
    return hashed(*(p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*.py"))))
