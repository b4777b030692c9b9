"""The process that runs the script gives up what the script has no business with, for good.

Each guard is taken where the system has it; Python's own refusals stand in where it has none. What then is
only refused to Python code, and not to compiled one, is given back to be told to the user, once.
"""

from __future__ import annotations

import contextlib
import glob
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gradlint.harness import landlock, linux, seccomp, supervisor
from gradlint.harness.limits import Limits, bound_this_process
from gradlint.harness.namespaces import SHARED_MEMORY
from gradlint.harness.refusing import Refusal, refuse

FILES = "files outside the run's temporary folder are kept from Python code only"
NETWORK = "the network is kept from Python code only"
MEMORY = "memory is not limited"
_DEVICES = (
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/nvidia*",
    "/dev/nvidia-caps/*", "/dev/kfd", "/dev/dri/*", "/proc/self",
)  # fmt: skip
"""What may be written to beside the run's own folder; CUDA gives names to its threads in /proc/self."""


@dataclass(frozen=True, slots=True)
class Guards:
    """Which guards of the system to take, where it has them; tests leave some out."""

    files: bool = True
    calls: bool = True


ALL = Guards()


def confine(folders: list[Path], limits: Limits, data: bool, guards: Guards) -> tuple[str, ...]:
    """Let this process, and what it starts, write below `folders` only and reach no other machine.

    With `data` the memory that it asks for is bounded too. Gives back what could not be guarded.
    """
    if supervisor.owns_shared_memory():
        folders = [*folders, Path(SHARED_MEMORY)]
    devices = [Path(found) for pattern in _DEVICES for found in glob.glob(pattern)]
    bound_this_process(limits, data)
    files = guards.files and _keeps_files(folders, devices)
    calls = guards.calls and _keeps_network()
    with contextlib.suppress(OSError):
        linux.drop_capabilities()
    network = calls or supervisor.owns_network()
    refuse(Refusal(folders, devices, files=not files, programs=not files))
    missing = [(FILES, files), (NETWORK, network), (MEMORY, sys.platform.startswith("linux"))]
    return tuple(what for what, there in missing if not there)


def _keeps_files(folders: list[Path], devices: list[Path]) -> bool:
    with contextlib.suppress(OSError):
        landlock.write_only_below(folders, devices)
        return True
    return False


def _keeps_network() -> bool:
    with contextlib.suppress(OSError):
        seccomp.refuse(landlock.version() >= landlock.TRUNCATING)
        return True
    return False


def close_standard_input() -> None:
    """What reads the standard input by its number finds it at its end."""
    with contextlib.suppress(OSError):
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)


def own_temporary_folder(folder: Path) -> None:
    """Let temporary files be made in `folder`."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = str(folder)
    tempfile.tempdir = None


def expendable() -> None:
    """Where memory runs out, the system ends this process before any of the user's."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
