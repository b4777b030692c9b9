"""Making the inputs of a walk."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradlint.tracing import guesses
from gradlint.tracing.inputs import Form, Lesson, Misfit, Unknown, drawn
from gradlint.tracing.machine import Machine
from gradlint.tracing.stand_ins import StandIn
from gradlint.tracing.values import Foreign, Instance, Traced, UserClass

_OBJECT = UserClass("object", (), {})
PARAMETERS = 4
"""The entries of a dictionary that is asked for their number: two layers of a weight and a bias."""


def _picks(index: Any) -> bool:
    """Whether an index holds an array, which may be an input that is no part of what is indexed."""
    return any(
        isinstance(part, np.ndarray) for part in (index if isinstance(index, tuple) else (index,))
    )


class Shape(tuple[int, ...]):
    """The shape of a tensor that remembers whose it is, so that a wrong rank can be traced back."""

    of: int = -1


SAMPLES = "samples"
"""The filling of a list of samples that are alike; its value are the names of their parts."""


class MadeMapping(dict[Any, Any]):
    """A dictionary that nobody filled: what is looked up in it is an input.

    `length` is how many entries it says to have where a walk asks before they are looked up.
    """

    def __init__(self, key: str, length: int = 0) -> None:
        super().__init__()
        self.key = key
        self.length = length

    def __len__(self) -> int:
        return max(super().__len__(), self.length)


class Making(Machine):
    """Gives inputs their values; raises a `Lesson` where a use says what an unknown one is.

    `lent` are the inputs whose values are the script's own.
    """

    lent: frozenset[str] = frozenset()

    def input(self, key: str) -> Any:
        """The value of the input `key`, the same object at each call; `Unknown` before it is known."""
        if key not in self.made_inputs:
            form = self.facts.inputs.forms.get(key)
            if form is None:
                return Unknown(key)
            self.made_inputs[key] = self._made(key, form)
        return self.made_inputs[key]

    def _made(self, key: str, form: Form) -> Any:
        match form.kind:
            case "array":
                return self.input_array(key, form, self.facts.inputs.shape(key))
            case "number":
                return self._input_leaf(key, self._jittered(key, form), "python")
            case "count":
                known = self.facts.inputs
                return known.size(key) if form.value is None else form.value
            case "mapping":
                return MadeMapping(key, form.length)
            case "object":
                return Instance(_OBJECT, key=key)
            case "list" if form.filling == SAMPLES:
                return [self._sample(key, form, i) for i in range(form.length)]
            case "list":
                return [self.input(f"{key}[{i}]") for i in range(form.length)]
            case "layer":
                return StandIn(key)
            case "function":
                return self.opaque(f"{key} is a function that is not known")
        return form.value

    def _sample(self, key: str, form: Form, number: int) -> list[Any]:
        """One of several samples that are alike: each part of it has one form in all of them."""
        keys = [f"{key}.{name}" for name in form.value]
        first = [self.input(part) for part in keys]
        known = self.facts.inputs
        return [
            value
            if not number or not isinstance(value, Traced) or known.forms[part].kind != "array"
            else self.input_array(part, known.forms[part], known.shape(part), f"{part}[{number}]")
            for part, value in zip(keys, first, strict=True)
        ]

    def _jittered(self, key: str, form: Form) -> float:
        """A number near the one given at each random point; of either sign where it is signed."""
        filling = form.filling if form.filling == "signed" else "unit"
        drew = float(drawn(key, Form("number", filling=filling), (), self.seed))
        return float(form.value * (drew if filling == "signed" else 0.7 + 0.5 * drew))

    def input_array(
        self, key: str, form: Form, shape: tuple[int, ...], drawn_as: str | None = None
    ) -> Traced:
        """An array input, recorded as a leaf; `drawn_as` tells apart what has the same key."""
        self.spend(math.prod(shape))
        site = drawn_as or key
        value = np.asarray(drawn(site, form, shape, self.seed))
        return self._input_leaf(key, value, self.facts.inputs.library, site)

    def _input_leaf(self, key: str, value: Any, library: str, site: str | None = None) -> Traced:
        made = self.leaf(value, library, self.facts.inputs.site(site or key))
        self.trace.inputs[made.id] = key
        return made

    def need(self, value: Any, form: Form) -> Any:
        """`value`, unless it is unknown: then a use has just said that it is of `form`.

        Raises:
            Lesson: the walk is one that learns.
        """
        if not isinstance(value, Unknown):
            return value
        if self.facts.learning:
            raise Lesson(value.key, form, len(self.trace.nodes))
        return self.opaque(f"what {value.key} is, is not known")

    def misfit(self, op: str, inputs: tuple[int, ...], params: dict[str, Any], reason: str) -> None:
        """Say that an operation does not fit, where the walk learns and there is an input to blame.

        Raises:
            Misfit: it learns.
        """
        made = self.trace.inputs
        teaches = bool(made) and (
            not inputs
            or _picks(params.get("index"))
            or any(node in made for node in self.trace.ancestors(inputs))
            or (op == "reshape" and self._is_sized(inputs))
            or self._are_places(inputs)
        )
        if self.facts.learning and teaches:
            raise Misfit(op, inputs, params, reason, self.trace, self.at.span)

    def broadcasts(self, inputs: tuple[int, ...]) -> None:
        """Say that the halves of an axis, cut by hand, were to be of one size: 3 is cut into 1 and 2.

        Raises:
            Misfit: one of them is broadcast to the other.
        """
        left, right = (self.trace.nodes[node].shape for node in inputs)
        if left == right or len(left) != len(right):
            return
        pairs = enumerate(zip(left, right, strict=True))
        for axis in [axis for axis, pair in pairs if pair in ((1, 2), (2, 1))]:
            for node in self._sliced(inputs[0]) & self._sliced(inputs[1]):
                shape = self.trace.nodes[node].shape
                if len(shape) == len(left) and shape[axis] == 3:
                    params = {"chunks": 2, "axis": axis}
                    self.misfit("split", (node,), params, "the halves are not equal")

    def _sliced(self, node: int) -> set[int]:
        """The arrays of which a node was made from slices."""
        above = (self.trace.nodes[one] for one in self.trace.ancestors([node]))
        return {one.inputs[0] for one in above if one.op == "getitem"}

    def _is_sized(self, nodes: tuple[int, ...]) -> bool:
        """Whether an axis is as long as one of an input, or as a count: `np.ones(channels)`."""
        sizes = {n for i in nodes for n in self.trace.nodes[i].shape if n > 1}
        return any(self.facts.inputs.axes_of_size(n) for n in sizes)

    def _are_places(self, nodes: tuple[int, ...]) -> bool:
        """Whether arrays are of whole numbers: where windows lie, as reckoned from the sizes of inputs."""
        values = [np.asarray(self.trace.value(node)) for node in nodes]
        return all(value.dtype.kind in "iu" and value.ndim for value in values)

    def operand(self, value: Any) -> Any:
        """`value` as something to calculate with."""
        if type(value) is Traced:
            return value
        if isinstance(value, Foreign):
            return value.operand(self)
        return self.need(value, guesses.operand(value.key)) if isinstance(value, Unknown) else value

    def node_of(self, value: Any) -> int:
        if type(value) is Traced and value.base is None:
            return value.id
        return super().node_of(self.operand(value))
