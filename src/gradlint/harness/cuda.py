"""Scripts that ask for CUDA and are run on the CPU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_NO_OPS = (
    "synchronize", "empty_cache", "manual_seed", "manual_seed_all", "set_device", "init",
    "reset_peak_memory_stats",
)  # fmt: skip
_KINDS = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Byte", "Char", "Bool")


@contextlib.contextmanager
def only_cpu(torch: Any, device: str, text: str, notes: list[str]) -> Iterator[None]:
    """While open, what the script puts on CUDA stays on the CPU, if `device` is "cpu".

    A line is added to `notes` once that happens.
    """
    if device != "cpu" or "cuda" not in text:
        yield
        return
    why = "--device cpu" if torch.cuda.is_available() else "cuda is not available"
    note = f"{why}: ran on cpu"

    def told() -> None:
        if note not in notes:
            notes.append(note)

    if any(f"cuda.{kind}Tensor" in text for kind in _KINDS):
        told()
    _patch(torch, told)
    with _mode(torch, told):
        yield


def _patch(torch: Any, told: Any) -> None:
    """Replace what of `torch.cuda` has no way through torch functions."""
    for name in _NO_OPS:
        setattr(torch.cuda, name, lambda *args, **kwargs: None)
    torch.cuda.device = lambda *args, **kwargs: contextlib.nullcontext()
    torch.cuda.get_device_name = lambda *args, **kwargs: "cpu"
    for kind in _KINDS:
        setattr(torch.cuda, f"{kind}Tensor", getattr(torch, f"{kind}Tensor"))
    for name in ("set_default_device", "set_default_tensor_type"):
        really = getattr(torch, name)
        setattr(torch, name, lambda value, really=really: really(_on_cpu(torch, value, told)))


def _mode(torch: Any, told: Any) -> Any:
    from torch.overrides import TorchFunctionMode

    class OnCpu(TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if function is torch.Tensor.cuda:
                told()
                return args[0]
            moves = function is torch.Tensor.to
            args = tuple(_on_cpu(torch, a, told, moves and i == 1) for i, a in enumerate(args))
            kwargs = {k: _on_cpu(torch, v, told, k == "device") for k, v in (kwargs or {}).items()}
            return function(*args, **kwargs)

    return OnCpu()


def _on_cpu(torch: Any, value: Any, told: Any, is_device: bool = False) -> Any:
    """`value` with CUDA devices, however they are named, replaced by the CPU."""
    if isinstance(value, torch.device) and value.type == "cuda":
        told()
        return torch.device("cpu")
    if isinstance(value, str) and (value.startswith("cuda") or value.startswith("torch.cuda.")):
        told()
        return value.replace("torch.cuda.", "torch.") if value.startswith("torch.") else "cpu"
    if is_device and isinstance(value, int) and not isinstance(value, bool):
        told()
        return "cpu"
    return value
