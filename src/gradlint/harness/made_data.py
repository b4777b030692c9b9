"""Data for a run whose own are not there: of the shapes, kinds and ranges that the analysis found.

Where a call that reads data fails, what it would have given is made in its place. The calls are known from
the walk; what they give has the few methods with which the walk followed it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlint.harness import made_text
from gradlint.harness.job import Job
from gradlint.harness.made_sizes import at_real_sizes
from gradlint.harness.stand_in import Anything
from gradlint.harness.walks import Key, Read
from gradlint.tracing import data, loaders, tables
from gradlint.tracing.inputs import Form, Inputs, drawn

_LONGEST = 40
_ARGUMENTS = re.compile(r"\(.*\)")
_KINDS = {
    "normal": "float",
    "signed": "float",
    "unit": "between 0 and 1",
    "binary": "zeros and ones",
}


@dataclass(slots=True, eq=False)
class MadeData:
    """The calls of a script that read data, by number, and what is made where one fails."""

    job: Job
    reads: list[Read]
    inputs: Inputs | None = None
    made: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def read(self, number: int, really: Callable[[], Any]) -> Any:
        """What the call gives, or made data if it fails."""
        try:
            found = really()
        except Exception:
            found = Anything()
        return self.value(self.reads[number].made) if isinstance(found, Anything) else found

    def value(self, what: Any) -> Any:
        """What stands at run time for a value of the walk."""
        match what:
            case Key(name=key):
                return self._input(key)
            case tables.Frame():
                return Table(self, what)
            case data.Bunch():
                return Bunch(self, what)
            case loaders.Pictures():
                return Pictures(self, what.key)
            case data.File(key=key):
                return io.StringIO(self._text(key))
            case list() | tuple():
                return type(what)(self.value(part) for part in what)
        return what

    def _text(self, key: str) -> str:
        """What stands in a file: numbers where it is read line by line."""
        form = self._known.forms.get(key)
        if form is None or form.kind != "array":
            return data.TEXT
        return made_text.table(np.asarray(self.array(key)), self.job.module)

    def _input(self, key: str) -> Any:
        form = self._known.forms.get(key)
        if form is None:
            return Anything()
        if form.kind == "array":
            return self.array(key)
        if form.kind in ("mapping", "object"):
            return Container(self, key)
        if form.kind == "list":
            return [self._input(f"{key}[{i}]") for i in range(form.length)]
        if form.kind == "count" and form.value is None:
            return self._known.size(key)
        return form.value

    @property
    def _known(self) -> Inputs:
        if self.inputs is None:
            self.inputs = at_real_sizes(self.job)
        return self.inputs

    def array(self, key: str, rows: str = "") -> Any:
        """The array `key`; one that the walk did not need is a column with as many rows as `rows`."""
        if key not in self.made:
            known = self._known
            form = known.forms.get(key) or Form("array", rank=1)
            shape = known.shape(key) if key in known.forms else known.shape(rows)[:1]
            value = drawn(key, form, shape, 0)
            self.made[key] = self._as_torch(key, value)
            self.said.append(_told(key, form, shape))
        return self.made[key]

    def _as_torch(self, key: str, value: np.ndarray[Any, Any]) -> Any:
        if not key.startswith("torch."):
            return value
        import torch

        made = torch.from_numpy(value)
        return made.float() if made.is_floating_point() else made

    def note(self) -> str | None:
        """What was made, for the user; None where everything was there."""
        return f"ran on made data: {', '.join(self.said)}" if self.said else None


def _told(key: str, form: Form, shape: tuple[int, ...]) -> str:
    """`rows 256x3 float`, `y 256 labels 0..9`."""
    call, _, name = key.rpartition(" as ")
    short = name if call else key
    short = short if len(short) <= _LONGEST else _ARGUMENTS.sub("(...)", short)
    kind = f"labels 0..{form.below - 1}" if form.filling == "labels" else form.filling
    kind = _KINDS.get(kind, kind)
    return f"{short} {'x'.join(map(str, shape)) or 'one'} {kind}"


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """A made dictionary or object: what is looked up in it is made too."""

    data: MadeData
    key: str

    def __getitem__(self, name: Any) -> Any:
        return self.data.value(Key(f"{self.key}[{name!r}]"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.data.value(Key(f"{self.key}.{name}"))

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Array:
    """Something that is an array wherever one is asked for."""

    def array(self) -> Any:
        raise NotImplementedError

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.array(), dtype)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.array(), name)

    def __len__(self) -> int:
        return len(self.array())


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "pow",
    "neg",
    "matmul",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
):
    for _side in ("", "r"):
        _method = f"__{_side}{_name}__"
        if hasattr(np.ndarray, _method):
            setattr(
                _Array, _method,
                lambda self, *other, method=_method: getattr(self.array(), method)(*map(np.asarray, other)),
            )  # fmt: skip


class Table(_Array):
    """A made table of pandas, as far as the analysis follows one."""

    def __init__(self, data: MadeData, frame: tables.Frame) -> None:
        self._data, self._frame = data, frame

    def array(self) -> Any:
        return self._data.array(self._frame.key, self._frame.rows)

    def __getitem__(self, index: Any) -> Any:
        key, rows = self._frame.key, self._frame.rows or self._frame.key
        if isinstance(index, str):
            return self._data.array(f"{key}[{index!r}]", rows).view(Column)
        if isinstance(index, list) and index and all(isinstance(name, str) for name in index):
            return self._part(f"{key}[{', '.join(index)}]")
        return self.array()[np.asarray(index) if isinstance(index, _Array) else index]

    def _part(self, key: str) -> Table:
        rows = self._frame.rows or self._frame.key
        return Table(self._data, tables.Frame(key.replace(":", ""), rows))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "values":
            return self.array()
        if name in ("iloc", "loc", "ix"):
            return Cells(self, name != "iloc")
        if name in ("to_numpy", "as_matrix"):
            return lambda *args, **kwargs: self.array()
        if name == "drop":
            return self._without
        if name in tables.SAME_ROWS:
            return lambda *args, **kwargs: self
        if name in tables.SILENT:
            return lambda *args, **kwargs: Anything()
        return Anything() if name in ("columns", "index", "dtypes") else getattr(self.array(), name)

    def _without(self, *args: Any, **kwargs: Any) -> Table:
        return self._part(f"{self._frame.key} less {args[0] if args else kwargs}")

    def pop(self, name: str) -> Any:
        return self[name]


class Column(np.ndarray[Any, Any]):
    """A part of a made table: an array with what a series or a frame has besides."""

    def __getattr__(self, name: str) -> Any:
        if name in ("values", "iloc", "loc"):
            return np.asarray(self)
        if name in ("to_numpy", "as_matrix", *tables.SAME_ROWS):
            return lambda *args, **kwargs: self
        raise AttributeError(f"a made table has no {name}")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What `.iloc` and `.loc` of a made table give."""

    table: Table
    by_name: bool

    def __getitem__(self, index: Any) -> Any:
        if self.by_name and isinstance(index, tuple) and isinstance(index[-1], str | list):
            return self.table[index[-1]]
        return self.table.array()[index].view(Column)


@dataclass(frozen=True, slots=True, eq=False)
class Bunch:
    """A made data set of scikit-learn."""

    data_: MadeData
    bunch: data.Bunch

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ("data", "images", "target"):
            return self.data_.array(f"{self.bunch.key}.{name}", f"{self.bunch.key}.data")
        return Anything()

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """A made data set of torchvision: pairs of an image, as a tensor, and its label."""

    data_: MadeData
    key: str

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Any:
        return self._images[index], int(self.targets[index])

    @property
    def _images(self) -> Any:
        return self._tensor("images").float()

    @property
    def data(self) -> Any:
        return self._images[:, 0] if self._images.shape[1] == 1 else self._images

    @property
    def targets(self) -> Any:
        return self._tensor("targets")

    train_data = test_data = data
    train_labels = test_labels = targets

    def _tensor(self, name: str) -> Any:
        import torch

        return torch.from_numpy(self.data_.array(f"{self.key}.{name}"))
