"""Landlock (Linux 5.13 and newer): a process gives up writing files outside some folders, for good.

What it handles by version of its interface: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from gradlint.harness import linux

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_WRITE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGES = sum(1 << bit for bit in range(4, 13))
"""Removing files and folders, and making files, folders, links, pipes, sockets and devices."""
_TCP = 0b11
_SIGNALS_AND_SOCKETS = 0b11
TRUNCATING = 3
"""The first version that keeps `truncate` from files."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's Landlock, 0 where there is none."""
    try:
        return linux.call("syscall", _CREATE, None, 0, 1)
    except OSError:
        return 0


def write_only_below(folders: Iterable[Path], files: Iterable[Path]) -> None:
    """From now on this thread and what it starts change nothing but what is below `folders`.

    `files` may be written to (devices). TCP, and signals to processes outside, are given up where
    the kernel knows how to. Raises OSError where there is no Landlock.
    """
    known = version()
    rights = _WRITE | _CHANGES | (_REFER if known > 1 else 0)
    rights |= _TRUNCATE if known >= TRUNCATING else 0
    rules = _Ruleset(rights, _TCP if known > 3 else 0, _SIGNALS_AND_SOCKETS if known > 5 else 0)
    ruleset = linux.call("syscall", _CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    try:
        for folder in folders:
            _allow(ruleset, folder, rights)
        for file in files:
            with contextlib.suppress(OSError):
                _allow(ruleset, file, rights & (_WRITE | _TRUNCATE))
        linux.prctl(linux.NO_NEW_PRIVS, 1)
        linux.call("syscall", _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(rights, place)
        linux.call("syscall", _ADD, ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(place)
