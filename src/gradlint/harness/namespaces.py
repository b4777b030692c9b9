"""Namespaces (Linux): processes, a network and mounts of the run's own, where the system permits.

Whatever the run starts ends with the first process of its namespace, daemons included.
"""

from __future__ import annotations

import contextlib
import os

from gradlint.harness import linux

_MOUNTS, _IPC, _USER, _PROCESSES, _NETWORK = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_OWN = _MOUNTS | _IPC | _PROCESSES | _NETWORK
_PRIVATE, _SAFE = 0x44000, 0xE
SHARED_MEMORY = "/dev/shm"


def enter() -> bool:
    """Put what this process starts from now on into namespaces of its own; False where it may not.

    One that fails half-way must not go on: it belongs to no namespace in full.
    """
    user, group = os.getuid(), os.getgid()
    try:
        linux.call("unshare", _OWN)
        return True
    except OSError:
        pass
    try:
        linux.call("unshare", _USER | _OWN)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    except OSError:
        return False
    return True


def own_mounts(size: int) -> bool:
    """In the first process of the namespace: a `/proc` and shared memory (`size` bytes) of its own.

    Returns whether the shared memory is its own and may be written to.
    """
    with contextlib.suppress(OSError):
        linux.call("mount", b"none", b"/", None, _PRIVATE, None)
        with contextlib.suppress(OSError):
            linux.call("mount", b"proc", b"/proc", b"proc", _SAFE, None)
        place = SHARED_MEMORY.encode()
        linux.call("mount", b"shm", place, b"tmpfs", _SAFE & ~8, f"size={size}".encode())
        return True
    return False
