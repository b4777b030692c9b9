"""What the uses of an input say it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing import guesses
from gradlint.tracing.inputs import Form, Unknown
from gradlint.tracing.making import PARAMETERS, SAMPLES, Making
from gradlint.tracing.stand_ins import BACKWARD, FORWARD
from gradlint.tracing.text_files import Fields
from gradlint.tracing.values import Traced


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARRAY_ATTRIBUTES = _words(
    """
    shape T ndim size dot sum mean reshape transpose copy astype max min flatten ravel argmax
    argmin std var clip dtype t mm matmul view numel dim unsqueeze squeeze clone detach item
    tolist repeat round prod all any nonzero fill swapaxes exp log tanh sigmoid pow sqrt abs
    permute requires_grad device float double long int cpu cuda contiguous expand_as new_zeros
    type is_contiguous data grad
    """
)
_MAPPING_ATTRIBUTES = _words("items keys values get has_key update setdefault iteritems")
_LIST_ATTRIBUTES = _words("append extend pop insert index")
MOST_PARTS = 10
"""So many things are pickled into one file and asked for by number; what has more is an array."""
MOST_FIELDS = 100
"""A line of a file is never given more fields than this, as an image of 784 has."""
_SPREAD = ("randn", "rand")
"""They take each size as an argument of its own."""
_SIZED = _words("zeros ones empty randn rand full eye arange identity random_sample")
_SEEDED = _words("seed manual_seed default_rng RandomState Random")


class Uses(Making):
    """Asks what an input is where a use needs to know, and says what the use makes likely."""

    def used_attribute(self, value: Unknown, name: str) -> Any:
        if name in _MAPPING_ATTRIBUTES:
            return self.need(value, Form("mapping"))
        if name in _LIST_ATTRIBUTES:
            return self.need(value, Form("list", length=3))
        if name in _ARRAY_ATTRIBUTES or _is_array_method(name):
            return self.need(value, guesses.array(value.key))
        layer = guesses.is_item(value.key) and name in (*FORWARD, *BACKWARD)
        return self.need(value, Form("layer" if layer else "object"))

    def used_as_array(self, value: int, name: str) -> None:
        """An input that was taken for a count by its name has an attribute that only arrays have.

        Raises:
            Lesson: the walk is one that learns.
        """
        keys = [key for key, made in self.made_inputs.items() if made is value]
        counts = [key for key in keys if self.facts.inputs.forms[key].kind == "count"]
        if len(counts) == 1 and name in _ARRAY_ATTRIBUTES:
            self.need(Unknown(counts[0]), guesses.array(counts[0]))

    def used_call(self, value: Unknown) -> Any:
        """An input that is called: a method of a layer, or a function."""
        holder, _, name = value.key.rpartition(".")
        form = self.facts.inputs.forms.get(holder)
        if form is not None and form.kind == "object" and name in (*FORWARD, *BACKWARD):
            return self.need(Unknown(holder), Form("layer"))
        return self.need(value, Form("function" if not guesses.is_layer(value.key) else "layer"))

    def used_item(self, value: Unknown, index: Any) -> Any:
        index = index.value if isinstance(index, Traced) and index.is_python else index
        if isinstance(index, str):
            return self.need(value, Form("mapping"))
        if isinstance(index, int) and guesses.says_list(value.key):
            return self.need(value, Form("list", length=max(3, index + 1, -index)))
        return self.need(value, guesses.array(value.key))

    def used_part(self, value: Unknown, index: Any) -> Any:
        """What was pickled and has a part of a written number, `data[0]`: several things in one file."""
        if type(index) is int and index >= 0 and guesses.is_pickled(value.key):
            return self.need(value, Form("list", length=max(2, index + 1)))
        return value

    def used_beyond(self, value: list[Any], index: Any) -> None:
        """A list of pickled things has as many as are asked for, and a line of a file as many fields.

        Raises:
            Lesson: the walk is one that learns, and more are asked for than were thought.
            Misfit: likewise.
        """
        if isinstance(value, Fields) and type(index) is int and index < MOST_FIELDS:
            self.misfit(
                "columns", (value.row.id,), {"size": index + 1}, "the line has fewer fields"
            )
        key = next((k for k, made in self.made_inputs.items() if made is value), "")
        if type(index) is int and len(value) <= index < MOST_PARTS and guesses.is_pickled(key):
            self.need(Unknown(key), Form("list", length=index + 1))

    def used_by_name(self, value: Any, index: Any) -> None:
        """A list of inputs that is looked up by name is a dictionary: `len(parameters) // 2` layers of two.

        Raises:
            Lesson: the walk is one that learns.
        """
        if not (isinstance(value, list) and isinstance(index, str)):
            return
        key = next((k for k, made in self.made_inputs.items() if made is value), None)
        if key is not None:
            self.need(Unknown(key), Form("mapping", length=PARAMETERS))

    def known_index(self, value: Any, index: Any) -> Any:
        """`index` with its unknown parts asked for: arrays of labels in a tensor, else a number."""
        if isinstance(index, tuple):
            if not any(isinstance(part, Unknown) for part in index):
                return index
            rows = any(map(_is_vector, index))
            return tuple(self._known_part(value, part, rows) for part in index)
        return self._known_part(value, index, False)

    def _known_part(self, value: Any, index: Any, beside_rows: bool) -> Any:
        """One part of an index; what stands beside an array of rows is an array of labels."""
        if not isinstance(index, Unknown):
            return index
        labels = isinstance(value, Traced) and (beside_rows or not guesses.says_count(index.key))
        return self.need(index, Form("array", 1, "labels") if labels else guesses.count(index.key))

    def used_places(self, index: Any) -> None:
        """Places that the forward pass writes to, one value each: no place comes twice.

        On the way back one that comes twice is a mistake to be found.

        Raises:
            Misfit: the walk is one that learns, and a made input has the same place twice.
        """
        parts = [p for p in (index if isinstance(index, tuple) else (index,)) if _is_vector(p)]
        made = [p for p in parts if isinstance(p, Traced) and p.id in self.trace.inputs]
        if not made or self.trace.upstream or any(not isinstance(p, Traced) for p in parts):
            return
        values = [np.ravel(p.value).tolist() for p in parts]
        together = len({len(v) for v in values}) == 1 and made[0].value.dtype.kind in "iu"
        if together and len(set(zip(*values, strict=True))) < len(values[0]):
            self.misfit("places", (made[0].id,), {}, "a place is written to twice")

    def used_items(self, value: Unknown, expected: int | None = None) -> Any:
        """An input that is iterated over, or unpacked into `expected` parts."""
        if expected is not None:
            return self.need(value, Form("list", length=expected))
        if guesses.says_list(value.key):
            return self.need(value, Form("list", length=3))
        return self.need(value, guesses.array(value.key))

    def used_as_sample(self, value: Any, names: tuple[str, ...]) -> None:
        """A row of an input is taken apart under `names`: the input is a list of samples, `[(x, y), ...]`.

        Raises:
            Lesson: the walk is one that learns, and matrices say that the parts of a sample are arrays.
        """
        row = self.trace.nodes[value.id] if isinstance(value, Traced) else None
        if row is None or row.op != "getitem" or len(set(names)) < len(names):
            return
        key = self.trace.inputs.get(row.inputs[0])
        if key is not None and self.facts.inputs.forms[key].kind == "array" and self._has_weights():
            self.need(Unknown(key), Form("list", filling=SAMPLES, value=names, length=3))

    def _has_weights(self) -> bool:
        """Whether the code itself made a matrix."""
        nodes = self.trace.nodes
        return any(n.is_leaf and len(n.shape) == 2 and n.id not in self.trace.inputs for n in nodes)

    def used_beside(self, op: str, value: Any, other: Any) -> Any:
        """What only one kind can be: a list is added to a list, and a matrix product is of arrays."""
        if not isinstance(value, Unknown):
            return value
        if op == "@":
            return self.need(value, guesses.array(value.key))
        return self.need(value, Form("list", length=2)) if isinstance(other, list) else value

    def used_condition(self, value: Unknown) -> Any:
        return self.need(value, Form("flag", value=True))

    def compared(self, value: Unknown, other: Any) -> Any:
        """An input that is compared with something."""
        if isinstance(other, str):
            return self.need(value, Form("text", value=other))
        if isinstance(other, bool):
            return self.need(value, Form("flag", value=other))
        return self.need(value, guesses.operand(value.key))

    def used_as_one_of(self, value: Unknown, types: set[str]) -> Any:
        """An input that is asked for its type: the most general of those asked for."""
        array, number, count = (
            say(value.key) for say in (guesses.array, guesses.number, guesses.count)
        )
        for words, form in (
            (("ndarray", "Tensor", "tensor"), array), (("float",), number), (("int",), count),
            (("list", "tuple"), Form("list", length=3)), (("dict",), Form("mapping")),
            (("str",), Form("text", value="text")),
        ):  # fmt: skip
            if any(path.endswith(words) for path in types):
                return self.need(value, form)
        return self.operand(value)

    def asked_count(self, value: Any) -> Any:
        """`value` as a number of things; where it is an array, the inputs that it was made from are counts.

        Raises:
            Lesson, Misfit: the walk is one that learns.
        """
        if isinstance(value, Unknown):
            return self.need(value, guesses.count(value.key))
        if isinstance(value, Traced) and not value.is_python and value.shape:
            self.misfit("count", (value.id,), {}, "a number of things is an array")
        return value

    def used_arguments(self, path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        """The arguments of a library call that are unknown: what the function makes of them says it."""
        name = path.rpartition(".")[2]
        self.used_axes(kwargs)
        for value in (*args, *kwargs.values()):
            if isinstance(value, Unknown):
                self._used_argument(path, name, value, len(args))
            elif isinstance(value, list | tuple):
                for part in value:
                    if isinstance(part, Unknown):
                        self._used_part(name, part)

    def used_axes(self, named: dict[str, Any]) -> None:
        """What is given for an axis by name, and is unknown, is the number of one: the second."""
        for name in ("dim", "axis"):
            if isinstance(named.get(name), Unknown):
                self.need(named[name], Form("count", value=1))

    def used_by_method(self, name: str, args: list[Any]) -> None:
        """The arguments of a method of a tensor that are unknown."""
        for value in args:
            for part in value if isinstance(value, list | tuple) else (value,):
                if isinstance(part, Unknown):
                    sized = name in ("reshape", "view", "repeat", "expand", "sum", "mean", "resize")
                    self.need(part, guesses.count(part.key)) if sized else self.operand(part)

    def _used_argument(self, path: str, name: str, value: Unknown, arguments: int) -> None:
        if path.startswith("builtins."):
            self._used_by_builtin(name, value)
        elif name in _SIZED:
            one_of_several = guesses.is_item(value.key) or (arguments > 1 and name in _SPREAD)
            listed = guesses.says_list(value.key) and not one_of_several
            self.need(value, Form("list", length=2) if listed else guesses.count(value.key))
        elif name in _SEEDED:
            self.need(value, guesses.count(value.key))
        elif path.startswith(("numpy.random.", "random.", "math.")):
            self.need(value, guesses.number(value.key))
        elif name in ("cross_entropy", "nll_loss") and guesses.says_target(value.key):
            self.need(value, Form("array", 1, "labels"))
        elif path.startswith(("numpy", "torch", "scipy")):
            self.need(value, guesses.array(value.key))

    def _used_by_builtin(self, name: str, value: Unknown) -> None:
        if name in ("range", "xrange", "int"):
            self.need(value, guesses.count(value.key))
        elif name in ("float", "round"):
            self.need(value, guesses.number(value.key))
        elif name in ("len", "enumerate", "zip", "list", "tuple", "sum", "map", "sorted", "reversed",
                      "max", "min", "iter", "next", "set"):  # fmt: skip
            self.used_items(value)
        elif name in ("abs", "pow"):
            self.operand(value)

    def _used_part(self, name: str, value: Unknown) -> None:
        if name in _SIZED or name in ("reshape", "view", "randn", "rand"):
            self.need(value, guesses.count(value.key))
        elif name in (
            "array",
            "asarray",
            "dot",
            "matmul",
            "concatenate",
            "hstack",
            "vstack",
            "stack",
        ):
            self.operand(value)


def _is_array_method(name: str) -> bool:
    return any(ops.lookup(f"{of}.{name}") is not None for of in ("torch.Tensor", "numpy.ndarray"))


def _is_vector(part: Any) -> bool:
    return isinstance(part, range | list) or (
        isinstance(part, Traced) and not part.is_python and len(part.shape) == 1
    )
