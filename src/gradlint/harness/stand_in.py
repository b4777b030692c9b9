"""A harmless stand-in for libraries that are not installed: scripts that plot run, without a plot."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

PLOTTING = ("matplotlib", "mpl_toolkits", "seaborn", "IPython", "tqdm")
DATA = (
    "pandas", "sklearn", "keras", "tensorflow", "torchvision", "h5py", "PIL", "cv2", "imageio", "skimage",
    "scipy.io", "datasets", "mnist", "openml", "nltk", "tensorflow_datasets", "kagglehub", "wget", "requests",
    "joblib",
)  # fmt: skip
"""Libraries, or parts of them, that scripts read their data with."""
_RESULTS = {"subplots": 2, "hist": 3, "hist2d": 4, "plot": 1, "boxplot": 1}
"""Into how many parts scripts take apart what these functions return."""


class Anything:
    """An object that can be called, indexed, calculated with and iterated over."""

    def __init__(self, parts: int = 0) -> None:
        self._parts = parts

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(_RESULTS.get(name, 0))

    def __call__(self, *args: Any, **kwargs: Any) -> Anything:
        return self

    def __getitem__(self, key: Any) -> Anything:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Anything]:
        return iter([Anything() for _ in range(self._parts)])

    def __enter__(self) -> Anything:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __len__(self) -> int:
        return self._parts

    def __bool__(self) -> bool:
        return True

    def __float__(self) -> float:
        return 0.0

    def __add__(self, other: Any) -> Anything:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        from gradlint.harness.preprocessing import FUNCTIONS

        return FUNCTIONS.get(name) or Anything(_RESULTS.get(name, 0))


class _Finder:
    """Finds every module below the libraries that are missing."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = missing

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        within = any(name == one or name.startswith(f"{one}.") for one in self.missing)
        above = any(one.startswith(f"{name}.") for one in self.missing)
        if within or above:
            return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        above = any(one.startswith(f"{spec.name}.") for one in self.missing)
        made = ModuleType(spec.name) if above else _Module(spec.name)
        made.__path__ = []
        return made

    def exec_module(self, module: ModuleType) -> None:
        return None


def stand_in_for(libraries: Sequence[str]) -> None:
    """Let scripts import those of `libraries` that are not installed."""
    missing = [name for name in libraries if not _is_there(name.partition(".")[0])]
    sys.meta_path.append(_Finder(missing))


def _is_there(name: str) -> bool:
    return name in sys.modules or find_spec(name) is not None
