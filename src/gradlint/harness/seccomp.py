"""A filter of system calls (Linux): no network, no changed owners, rights and times of files.

Landlock knows nothing of `chmod` and, before Linux 6.7, of networks. Changing a mode, an owner or a time does
nothing and says that it went well: libraries do it to files of their own in passing.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator

from gradlint.harness import linux

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16
_LOCAL = (1, 16)
"""AF_UNIX and AF_NETLINK, which talk to this machine alone."""
_OTHER_ABI = 0x40000000
_EVERYONE = 0xFFFFFFFF
_LATER = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "io_uring_setup": 425}
"""These have one number everywhere."""
_X86 = {
    "socket": 41, "kill": 62, "truncate": 76, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
    "lchown": 94, "utime": 132, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
    "lremovexattr": 198, "fremovexattr": 199, "utimes": 235, "fchownat": 260, "futimesat": 261,
    "fchmodat": 268, "utimensat": 280,
}  # fmt: skip
_ARM = {
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15,
    "fremovexattr": 16, "truncate": 45, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55,
    "utimensat": 88, "kill": 129, "socket": 198,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse(truncating: bool) -> None:
    """Install the filter in this thread and what it starts, with or without `truncate` by path.

    Raises OSError where there are no filters or the machine is of a kind that is not known here.
    """
    known = _MACHINES.get(platform.machine()) if sys.maxsize > 2**32 else None
    if known is None:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    architecture, numbers = known
    code = b"".join(_program(architecture, {**numbers, **_LATER}, truncating))
    program = _Program(len(code) // 8, code)
    linux.prctl(linux.NO_NEW_PRIVS, 1)
    linux.call("prctl", 22, 2, ctypes.byref(program), 0, 0)


def _program(architecture: int, numbers: dict[str, int], truncating: bool) -> Iterator[bytes]:
    """The instructions (classic BPF: code, jump if true, jump if false, value)."""
    yield from (_do(_LOAD, _ARCHITECTURE), _do(_EQUAL, architecture, 1, 0), _refused(errno.ENOSYS))
    yield from (_do(_LOAD, _NUMBER), _do(_AT_LEAST, _OTHER_ABI, 0, 1), _refused(errno.ENOSYS))
    yield from (_do(_EQUAL, numbers.pop("socket"), 0, 5), _do(_LOAD, _FIRST))
    yield from (_do(_EQUAL, _LOCAL[0], 2, 0), _do(_EQUAL, _LOCAL[1], 1, 0))
    yield from (_refused(errno.ENETUNREACH), _do(_RETURN, _ALLOW))
    yield from (_do(_EQUAL, numbers.pop("kill"), 0, 4), _do(_LOAD, _FIRST))
    yield from (_do(_EQUAL, _EVERYONE, 0, 1), _refused(errno.EPERM), _do(_RETURN, _ALLOW))
    refused = {"truncate": errno.EPERM, "io_uring_setup": errno.ENOSYS}
    for name, number in numbers.items():
        if name != "truncate" or not truncating:
            yield from (_do(_EQUAL, number, 0, 1), _refused(refused.get(name, 0)))
    yield _do(_RETURN, _ALLOW)


def _do(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _refused(number: int) -> bytes:
    return _do(_RETURN, _ERRNO | number)
