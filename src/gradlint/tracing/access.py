"""Attributes, items and iteration of any value that the interpreter handles."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.reading import syntax as s
from gradlint.tracing import libraries, matrices
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.making import MadeMapping, Shape
from gradlint.tracing.text_files import Field
from gradlint.tracing.trace import Remark
from gradlint.tracing.uses import Uses
from gradlint.tracing.values import (
    NOTHING,
    BoundMethod,
    Foreign,
    Generator,
    Instance,
    LibraryPath,
    Native,
    Opaque,
    Parent,
    Traced,
    UserClass,
    UserFunction,
    UserModule,
    key_of,
    plain,
    setter_of,
)

_GRADIENT = re.compile(r"d[A-Z_]|grad|delta")


class Access(Uses):
    """What `value.name`, `value[index]` and a loop over a value give."""

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        raise NotImplementedError

    def module_attribute(self, module: UserModule, name: str) -> Any:
        raise NotImplementedError

    def items(self, value: Any) -> list[Any] | None:
        """What iteration over `value` gives, or None where that is not known."""
        if isinstance(value, Unknown):
            value = self.used_items(value)
        if isinstance(value, Traced):
            if value.is_python or not value.shape:
                return None
            return [self.index(value, i) for i in range(value.shape[0])]
        if isinstance(value, Instance):
            method = value.cls.find("__iter__")
            return (
                self.items(self.call(BoundMethod(value, method), [], {}, None)) if method else None
            )
        if isinstance(value, Foreign):
            return value.items(self)
        if isinstance(value, range) and value[self.budget.array :]:
            return None
        if isinstance(value, set | frozenset):
            return _in_order(value)
        if isinstance(value, list | tuple | dict | range | str | np.ndarray):
            return list(value)
        return None

    def scalar(self, tensor: Traced) -> Traced:
        """A tensor with one element as one of rank 0."""
        if tensor.shape and np.size(tensor.value) == 1:
            made = self.apply(
                "reshape", [tensor], {"shape": ()}, matrices.array_library(tensor.library)
            )
            return made if isinstance(made, Traced) else tensor
        return tensor

    def attribute(self, value: Any, name: str) -> Any:
        """`value.name` for any value."""
        if type(value) is Traced:
            return self._tensor_attribute(value, name)
        match value:
            case LibraryPath():
                return libraries.resolve(f"{value.path}.{name}")
            case Opaque():
                return value
            case Unknown():
                return self.attribute(self.used_attribute(value, name), name)
            case int():
                self.used_as_array(value, name)
            case Instance():
                return self._instance_attribute(value, name)
            case Foreign():
                return value.attribute(self, name)
            case UserModule():
                return self.module_attribute(value, name)
            case Parent():
                return self._parent_attribute(value, name)
            case UserClass():
                return self._class_attribute(value, name)
            case Generator():
                return LibraryPath(f"{value.library}.{name}")
            case tuple() if name in getattr(value, "_fields", ()):
                return getattr(value, name)
            case (values, indices) if name in ("values", "indices"):
                return values if name == "values" else indices
        return BoundMethod(value, name)

    def set_attribute(self, value: Instance, name: str, new: Any) -> None:
        """`value.name = new`."""
        setter = value.cls.find(setter_of(name))
        if setter is not None:
            self.call(BoundMethod(value, setter), [new], {}, None)
        else:
            value.attributes[name] = new

    def _class_attribute(self, value: UserClass, name: str) -> Any:
        found = value.find(name)
        if isinstance(found, UserFunction) and found.kind == "class":
            return BoundMethod(value, found)
        if found is None and name == "__name__":
            return value.name
        if found is None and name == "apply" and _is_of_torch(value):
            return Native(name, partial(_applied, value))
        return found if found is not None else self.opaque(f"{value.name} has no {name}")

    def _parent_attribute(self, value: Parent, name: str) -> Any:
        found = value.find(name)
        if isinstance(found, UserFunction):
            if found.kind == "property":
                return self.call(BoundMethod(value.receiver, found), [], {}, None)
            return found if found.kind == "static" else BoundMethod(value.receiver, found)
        if found is None and name == "__init__":
            return NOTHING
        return found if found is not None else self.opaque(f"no class above has {name}")

    def _instance_attribute(self, value: Instance, name: str) -> Any:
        if name in value.attributes:
            return value.attributes[name]
        if name == "__class__":
            return value.cls
        if name == "__dict__":
            return value.attributes
        found = value.cls.find(name)
        if isinstance(found, UserFunction):
            if found.kind == "property":
                return self.call(BoundMethod(value, found), [], {}, None)
            return found if found.kind == "static" else BoundMethod(value, found)
        if found is None and name == "apply" and _is_of_torch(value.cls):
            return self._class_attribute(value.cls, name)
        if found is None and value.key is not None:
            made = self.input(f"{value.key}.{name}")
            if not isinstance(made, Unknown):
                value.attributes[name] = made
            return made
        if found is None:
            return self.opaque(f"{value.cls.name} has no attribute {name} yet")
        return found

    def _tensor_attribute(self, value: Traced, name: str) -> Any:
        self.refresh(value)
        library = "numpy.ndarray" if value.library != "torch" else "torch.Tensor"
        shape = value.shape
        if name == "shape":
            return self.shape_of(value)
        if name == "ndim":
            return len(shape)
        if name == "size" and value.library != "torch":
            return int(np.size(value.value))
        if name in ("grad", "grad_fn"):
            return self.opaque(f"the .{name} that torch's autograd fills in", "autograd")
        if name == "data" or (name == "values" and value.library == "numpy"):
            return value
        if name == "dtype":
            return LibraryPath(_dtype(value))
        if name in ("strides", "itemsize", "nbytes"):
            return getattr(np.asarray(value.value), name)
        if name == "flat":
            return self.view(
                value, "reshape", {"shape": (-1,)}, matrices.array_library(value.library)
            )
        if value.library == matrices.MATRIX and name in matrices.ATTRIBUTES:
            return matrices.ATTRIBUTES[name](self, value)
        if name in ("device", "requires_grad", "is_cuda", "is_leaf", "base", "flags"):
            return LibraryPath(f"{library}.{name}")
        spelling = ops.lookup_property(f"{library}.{name}")
        if spelling is None:
            return BoundMethod(value, name)
        bound = spelling.bind([value], {})
        if bound.op.view:
            return self.view(value, bound.op.name, bound.params)
        return self.apply(bound.op.name, list(bound.inputs), bound.params, value.library)

    def shape_of(self, value: Traced) -> tuple[int, ...]:
        """The shape of a tensor; where the walk learns, one that remembers whose it is."""
        if not self.facts.learning:
            return value.shape
        made = Shape(value.shape)
        made.of = value.id
        return made

    def item(self, value: Any, index: Any) -> Any:
        """`value[index]` for any values."""
        if isinstance(value, Unknown):
            value = self.used_item(value, index)
        index = self.known_index(value, index)
        for part in (value, index, *(index if isinstance(index, tuple) else ())):
            if isinstance(part, Opaque):
                return part
        if isinstance(value, Traced):
            return self.index(value, index)
        if isinstance(value, Instance):
            method = value.cls.find("__getitem__")
            if method is None:
                return self.opaque(f"{value.cls.name} cannot be indexed")
            return self.call(BoundMethod(value, method), [index], {}, None)
        if isinstance(value, LibraryPath):
            return self._library_item(value, index)
        if isinstance(value, Foreign):
            return value.item(self, index)
        if isinstance(value, MadeMapping) and plain(index) not in value:
            return self._made_item(value, plain(index))
        self.used_by_name(value, index)
        if isinstance(index, Field) and isinstance(value, dict) and value and index not in value:
            return list(value.values())[int(index) % len(value)]  # classes by their names
        try:
            return value[key_of(index) if isinstance(value, dict) else plain(index)]
        except (KeyError, IndexError, TypeError) as error:
            if isinstance(value, Shape) and isinstance(plain(index), int):
                self.misfit("rank", (value.of,), {"rank": plain(index) + 1}, str(error))
            if isinstance(value, list):
                self.used_beyond(value, plain(index))
            self._missing_key(value, plain(index))
            return self.opaque(f"no item {plain(index)!r}: {type(error).__name__}")

    def _missing_key(self, value: Any, key: Any) -> None:
        """Remark on a gradient that is read under a key before anything is stored there.

        Only where all that was stored so far is known: else a branch may have been missed that stores it.
        """
        known = type(value) is dict and value and isinstance(key, str) and key not in value
        handled = "except" in self.module.text or self.module.path.endswith(".md")
        if not known or handled or self.statement is None or not _GRADIENT.match(key):
            return
        family = key.rstrip("0123456789")
        alike = [k for k in value if isinstance(k, str) and k.rstrip("0123456789") == family]
        if alike and not self.trace.failures and not any(x.opaque for x in self.trace.stores):
            there = ", ".join(alike)
            text = f"there is no {key!r} yet when this line reads it, only {there}: it raises a KeyError"
            self.trace.remarks.append(Remark("GL603", text, self.statement))

    def _made_item(self, value: MadeMapping, key: Any) -> Any:
        made = self.input(f"{value.key}[{key!r}]")
        if not isinstance(made, Unknown):
            value[key] = made
        return made

    def put_attribute(self, value: Instance, name: str, new: Any) -> None:
        """`setattr(value, name, new)`, which may be a step."""
        raise NotImplementedError

    def _library_item(self, value: LibraryPath, index: Any) -> Any:
        if value.path.startswith(("typing", "numpy.typing", "collections.abc")):
            return value
        if value.path == "sys.argv":
            return self.opaque("what is given on the command line", "typed")
        if value.path in ("numpy.c_", "numpy.r_") and isinstance(index, tuple):
            op = "column_stack" if value.path.endswith("c_") else "concatenate"
            library = matrices.MATRIX if matrices.among(index) else "numpy"
            return self.apply(op, list(index), {} if op == "column_stack" else {"axis": 0}, library)
        return self.opaque(f"{value.path}[...] is not known")

    def _all_rows(self, value: Traced, index: tuple[Any, ...]) -> None:
        """`p[range(n), labels]` picks from every row: `n` is the number of rows.

        Raises:
            Misfit: it is another number.
        """
        for size, part in zip(value.shape, index, strict=False):
            if _is_range(part) and len(part) not in (1, size):
                pair = (len(part), size)
                self.misfit("rows", (value.id,), {"pair": pair}, "these are not all rows")

    def index(self, value: Traced, index: Any) -> Any:
        """An item of a tensor: a view for plain indices, a copy for arrays."""
        self.refresh(value)
        index = plain_index(index)
        if self.facts.sizes or self.trace.inputs:
            index = held_out(index, value.shape)
        if self.facts.learning and isinstance(index, tuple) and not self.facts.inputs.lenient:
            self._all_rows(value, index)
        if _is_basic(index):
            return self.view(value, "getitem", {"index": index})
        return self.apply("getitem", [value], {"index": index}, value.library)


def _is_of_torch(base: object) -> bool:
    if isinstance(base, UserClass):
        return any(map(_is_of_torch, base.bases))
    return isinstance(base, LibraryPath) and base.path.startswith("torch.")


def _applied(cls: UserClass, m: Any, *args: Any, **kwargs: Any) -> Any:
    """What a function of torch's autograd gives: known inside another one, where torch records nothing."""
    if m.applier is None:
        return m.opaque(f"torch's autograd applies {cls.name}")
    return m.applier(m, cls, *args)


def _dtype(value: Traced) -> str:
    kinds = {"b": "bool", "i": "int64", "u": "int64"}
    floating = "float32" if value.library == "torch" else "float64"
    library = "torch" if value.library == "torch" else "numpy"
    return f"{library}.{kinds.get(np.asarray(value.value).dtype.kind, floating)}"


def _in_order(values: set[Any] | frozenset[Any]) -> list[Any]:
    """The items of a set in an order that is the same in each process."""
    try:
        return sorted(values)
    except TypeError:
        return list(values)


def _is_range(part: Any) -> bool:
    return (
        isinstance(part, np.ndarray)
        and part.ndim == 1
        and np.array_equal(part, np.arange(len(part)))
    )


def held_out(index: Any, shape: tuple[int, ...]) -> Any:
    """An index of `x[:-1000]` and `x[-1000:]` where there are fewer rows: a third of them is held out."""
    first, *rest = index if isinstance(index, tuple) else (index,)
    if not isinstance(first, slice) or not shape or shape[0] < 3:
        return index
    ends = first.start, first.stop
    if first.step is not None or not any(_is_beyond(end, shape[0]) for end in ends):
        return index
    start, stop = (-(shape[0] // 3) if _is_beyond(end, shape[0]) else end for end in ends)
    return (slice(start, stop), *rest) if isinstance(index, tuple) else slice(start, stop)


def _is_beyond(end: Any, size: int) -> bool:
    """Whether a slice counts more rows from the end than there are, and so many that no loop counted them."""
    return type(end) is int and end <= -max(size, 10)


def plain_index(index: Any) -> Any:
    """An index as numpy takes it; a list with slices in it is the tuple that older numpy took it for."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, list):
        meant = any(isinstance(i, slice | type(None) | type(...)) for i in index)
        return plain_index(tuple(index)) if meant else np.array(plain(index))
    index = plain(index)
    if isinstance(index, range):
        return np.array(index)
    if (
        isinstance(index, np.ndarray)
        and index.dtype.kind == "f"
        and np.all(index == np.floor(index))
    ):
        return index.astype(np.int64)
    return index


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        isinstance(p, int | np.integer | slice | type(None) | type(...)) and not isinstance(p, bool)
        for p in parts
    )
