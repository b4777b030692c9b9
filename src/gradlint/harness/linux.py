"""System calls of Linux that Python has no name for, by way of the C library."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

NO_NEW_PRIVS, DEATH_SIGNAL, SUBREAPER, _DROP = 38, 1, 36, 24
"""What `prctl` sets: no setuid programs, a signal when the parent ends, orphans come to this process, a
capability that is given up."""
_CAPABILITIES = 0x20080522
_READ_ANY_FILE = 2
"""CAP_DAC_READ_SEARCH: root still reads what is not its own."""


@cache
def _library() -> Any:
    if not sys.platform.startswith("linux"):
        raise OSError("not Linux")
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *args: Any) -> int:
    """Call a function of the C library; raises OSError where it fails or there is none."""
    try:
        function = getattr(_library(), name)
    except AttributeError as error:
        raise OSError(str(error)) from None
    found = int(function(*(_long(a) if isinstance(a, int) else a for a in args)))
    if found == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return found


def _long(value: int) -> ctypes.c_long:
    return ctypes.c_long(value)


def prctl(option: int, value: int) -> None:
    """Set one property of this process; raises OSError."""
    call("prctl", option, value, 0, 0, 0)


def drop_capabilities() -> None:
    """Keep of root's powers only that of reading files; raises OSError."""
    for number in range(64):
        if number != _READ_ANY_FILE:
            try:
                prctl(_DROP, number)
            except OSError:
                break
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    kept = 1 << _READ_ANY_FILE if os.geteuid() == 0 else 0
    call("capset", header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0))
