"""Libraries that are installed and would open a window: what shows or waits for somebody does nothing."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_SILENT = {
    "matplotlib": ("use",),
    "matplotlib.pyplot": ("show", "pause", "waitforbuttonpress", "ginput", "ion"),
    "cv2": ("imshow", "waitKey", "namedWindow", "moveWindow", "destroyAllWindows", "destroyWindow"),
    "webbrowser": ("open", "open_new", "open_new_tab"),
}


class _Loader(importlib.abc.Loader):
    """Loads a module as its own loader does, then replaces some of its functions."""

    def __init__(self, real: Any, names: Sequence[str]) -> None:
        self.real = real
        self.names = names

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self.real.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self.real.exec_module(module)
        for name in self.names:
            if hasattr(module, name):
                setattr(module, name, _nothing)
        if module.__name__ == "matplotlib.pyplot":
            real = module.switch_backend
            module.__dict__["switch_backend"] = lambda name: real("agg")


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _SILENT:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, _SILENT[name])
        return spec


def _nothing(*args: Any, **kwargs: Any) -> int:
    """What a window would answer to nobody: `cv2.waitKey` gives -1."""
    return -1


def silence_windows() -> None:
    """Silence what is imported from now on, and what is there already."""
    sys.meta_path.insert(0, _Finder())
    for name, functions in _SILENT.items():
        for function in functions:
            if hasattr(sys.modules.get(name), function):
                setattr(sys.modules[name], function, _nothing)
