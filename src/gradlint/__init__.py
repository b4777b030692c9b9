"""gradlint: finds the wrong line in a backward pass written by hand.

What a program may use is what `__all__` lists; all of it is imported at its first use, so that
`import gradlint` costs nothing. The command line and the pytest plugin stand on the same functions.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, whose import would cost more than all of this module
__version__ = "0.1.0"

__all__ = [
    "Agreement", "CheckOptions", "Edit", "Finding", "Fix", "Gradient", "GradientCheck", "GradientMismatch",
    "InputCheck", "Report", "Run", "Severity", "Span", "Verdict", "Worst", "__version__",
    "check_gradients", "check_script", "check_text", "render",
]  # fmt: skip

if TYPE_CHECKING:
    from typing import Any

    from gradlint.gradcheck import (
        GradientCheck,
        GradientMismatch,
        InputCheck,
        Worst,
        check_gradients,
    )
    from gradlint.interface import check_script, check_text, render
    from gradlint.model import Agreement, Edit, Finding, Fix, Gradient, Run, Severity, Span, Verdict
    from gradlint.model import FileReport as Report
    from gradlint.settings import CheckOptions

_INTERFACE = ("check_script", "check_text", "render")
_GRADCHECK = ("GradientCheck", "GradientMismatch", "InputCheck", "Worst", "check_gradients")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = "model"
    if name == "CheckOptions":
        place = "settings"
    elif name in _INTERFACE:
        place = "interface"
    elif name in _GRADCHECK:
        place = "gradcheck"
    value = getattr(
        import_module(f"{__name__}.{place}"), "FileReport" if name == "Report" else name
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
