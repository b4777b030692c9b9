"""Where the script and autograd compute, and scripts that ask for a CUDA that is not there."""

from __future__ import annotations

from typing import Any


class NoDevice(Exception):
    """The device that was asked for is not there."""


def resolve_device(torch: Any, name: str, text: str = "torch") -> str:
    """The device, "cpu" or "cuda", that `name` stands for on this machine.

    `auto` is CUDA where there is one and the script, by its `text`, uses torch.

    Raises:
        NoDevice: CUDA was asked for by name and torch sees none.
    """
    if name == "cpu" or (name == "auto" and "torch" not in text):
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if name == "cuda":
        raise NoDevice("--device cuda: torch sees no CUDA device on this machine; use --device cpu")
    return "cpu"
