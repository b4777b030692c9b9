"""What the run of a script saw of its training: plain numbers, step by step.

A number that was not finite, or not there, is None. Steps count from 0. Norms are Euclidean, over all
entries. Spans are those of the analysed text until the report is placed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from gradlint.model import Span

Number = float | None


@dataclass(frozen=True, slots=True)
class LayerLook:
    """An activation at one step.

    `active` and `saturated` are fractions of its entries (above zero; beyond the threshold of
    saturation on either side), `lowest`, `highest` and `mean` those of what goes into it.
    """

    step: int
    active: float
    saturated: float
    lowest: Number = None
    highest: Number = None
    mean: Number = None


@dataclass(frozen=True, slots=True)
class Layer:
    """An activation: `kind` is relu, sigmoid or tanh; `source` names what goes into it.

    `hidden`: a parameter comes after it. `single`: it holds one input at a time, not a batch.
    `feeding` are the parameters that it is computed from.
    """

    name: str
    kind: str
    source: str
    span: Span
    hidden: bool
    single: bool
    feeding: tuple[str, ...]
    looks: tuple[LayerLook, ...]


@dataclass(frozen=True, slots=True)
class ParameterLook:
    """A parameter at one step: norms of gradient, value and movement, and the mean size of a slope.

    `moved` says whether any entry changed, `alike` whether all units have equal weights.
    """

    step: int
    gradient: Number
    slope: Number
    weight: Number
    update: Number
    moved: bool = True
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, in the order in which the forward pass uses them.

    `hidden`: another parameter comes after it. `units` is how many units its weights belong to, 0
    where that is not known. `made` is where its value comes from, where that is known.
    """

    name: str
    span: Span
    shape: tuple[int, ...]
    hidden: bool
    units: int
    looks: tuple[ParameterLook, ...]
    made: Span | None = None


@dataclass(frozen=True, slots=True)
class NotFinite:
    """The first value of a step that was NaN or infinite, after finite ones.

    `kind` is nan or inf; `within` names the operations of its expression that can make one; `held`
    says that the parameters were finite at the head of the step.
    """

    step: int
    name: str
    kind: str
    span: Span
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepSize:
    """How large a step may be: `largest` is 2 / `sharpness`, the largest eigenvalue of the Hessian.

    `rate` is the script's, and so are the units of all; it is called `name` and stands in `span`. Of
    `suggested` it was tried over `tried` steps that the loss falls, from `first` to `last`.
    """

    rate: float
    sharpness: float
    largest: float
    name: str
    span: Span
    suggested: Number = None
    tried: int = 0
    first: Number = None
    last: Number = None


@dataclass(frozen=True, slots=True)
class Health:
    """All that was seen of a training over `steps` steps; `looked` are those looked at closely.

    `losses` has a number for each step; `loss` is what it is called. Where the script has it not `written`
    down, it is half the sum of the squared errors, whatever loss they stand for.
    """

    steps: int
    looked: tuple[int, ...]
    loss: str
    span: Span
    losses: tuple[Number, ...]
    layers: tuple[Layer, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    not_finite: NotFinite | None = None
    step_size: StepSize | None = None
    written: bool = True

    def placed(self, to: Callable[[Span], Span]) -> Health:
        """The same with each span as `to` gives it."""
        moved = {
            "layers": tuple(replace(x, span=to(x.span)) for x in self.layers),
            "parameters": tuple(
                replace(x, span=to(x.span), made=x.made and to(x.made)) for x in self.parameters
            ),
            "not_finite": self.not_finite
            and replace(self.not_finite, span=to(self.not_finite.span)),
            "step_size": self.step_size and replace(self.step_size, span=to(self.step_size.span)),
        }
        return replace(self, span=to(self.span), **moved)  # type: ignore[arg-type]

    def as_data(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers, for JSON; what is not finite is None."""
        made: dict[str, Any] = _plain(asdict(self))
        return made

    @staticmethod
    def of(data: Mapping[str, Any]) -> Health:
        """The inverse of `as_data`. Raises TypeError or KeyError where it is none."""
        found = dict(data)
        found |= {
            "span": Span(**found["span"]),
            "looked": tuple(found["looked"]),
            "losses": tuple(found["losses"]),
            "layers": tuple(map(_layer, found["layers"])),
            "parameters": tuple(map(_parameter, found["parameters"])),
            "not_finite": _placed(NotFinite, found["not_finite"]),
            "step_size": _placed(StepSize, found["step_size"]),
        }
        return Health(**found)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _placed(kind: type[Any], data: dict[str, Any] | None) -> Any:
    if data is None:
        return None
    lists = {k: tuple(v) for k, v in data.items() if isinstance(v, list)}
    return kind(**{**data, **lists, "span": Span(**data["span"])})


def _layer(data: dict[str, Any]) -> Layer:
    made: Layer = _placed(Layer, {**data, "looks": [LayerLook(**x) for x in data["looks"]]})
    return made


def _parameter(data: dict[str, Any]) -> Parameter:
    looks = [ParameterLook(**x) for x in data["looks"]]
    where = data["made"] and Span(**data["made"])
    made: Parameter = _placed(Parameter, {**data, "looks": looks, "made": where})
    return made
