"""What Python itself refuses the script, by an audit hook: all that there is where the system has no guards.

Events and their arguments: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WHERE = "a run may write only in its own temporary folder"
_NETWORK = "a run has no network"
_PROCESSES = "on this system a run may not start other programs"
_CHANGES = {
    "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1, "os.chown": 1,
    "os.utime": 1, "os.setxattr": 1, "os.removexattr": 1, "os.rename": 2, "os.link": 2, "shutil.rmtree": 1,
}  # fmt: skip
"""Events that change files, with the number of arguments that are paths."""
_CONNECTS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Refusal:
    """The audit hook. It refuses writing outside `folders` and to all but `devices`, where `files` says so,
    starting programs, where `programs` says so, and always what leads to another machine."""

    def __init__(
        self, folders: Iterable[Path], devices: Iterable[Path], files: bool, programs: bool
    ) -> None:
        self.folders = [os.path.realpath(folder) for folder in folders]
        self.devices = {str(device) for device in devices}
        self.files = files
        self.programs = programs

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _CONNECTS:
            self._connects(args[1])
        elif event == "socket.getaddrinfo":
            raise OSError(f"{_NETWORK}: {args[0]!r}")
        elif event in ("os.kill", "os.killpg"):
            _signals(int(args[0]), event == "os.killpg")
        elif self.programs and event in _STARTS:
            raise PermissionError(_PROCESSES)
        elif self.files:
            self._changes(event, args)

    def _connects(self, address: Any) -> None:
        local = isinstance(address, str | bytes) and self._inside(address)
        if not local:
            raise OSError(f"{_NETWORK}: {address!r}")

    def _changes(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            if _opens_to_write(args) and not self._inside(args[0]):
                raise PermissionError(f"{WHERE}: {args[0]!r}")
            return
        paths = (args[1],) if event == "os.symlink" else args[: _CHANGES.get(event, 0)]
        for path in paths:
            if not self._inside(path):
                raise PermissionError(f"{WHERE}: {path!r}")

    def _inside(self, path: Any) -> bool:
        """Whether `path` is in a folder that may be written to; an open file was allowed before."""
        if isinstance(path, int):
            return True
        if path is None or not isinstance(path, str | bytes | os.PathLike):
            return False
        named = os.fsdecode(path)
        real = os.path.realpath(named)
        return named in self.devices or any(
            real == folder or real.startswith(folder + os.sep) for folder in self.folders
        )


def _opens_to_write(args: tuple[Any, ...]) -> bool:
    path, mode, flags = args
    if isinstance(path, int):
        return False
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITES)


def _signals(process: int, group: bool) -> None:
    """A signal may go to what the run started, never to everybody or to the parent."""
    if process in (-1, 1, os.getppid()) or (group and process == 1):
        raise PermissionError("a run may signal only what it started")


def refuse(refusal: Refusal) -> None:
    """Install `refusal` for the rest of this process."""
    sys.addaudithook(refusal)
