"""What `gradlint explain` has to say of one loss, as frozen values that know no terminal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gradlint.model import Span


class Check(str, Enum):
    """How the line that the user wrote compares with what belongs there."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the user's file (or cell) and what it says."""

    span: Span
    text: str

    @property
    def place(self) -> str:
        """`line 12`, `cell 3, line 4`, `line 7 of layers.py`."""
        cell = "" if self.span.cell is None else f"cell {self.span.cell}, "
        return cell + self.span.told


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a tensor by the script's names for its sizes, and in numbers where they are known."""

    symbols: tuple[str, ...]
    numbers: tuple[int | None, ...]

    @property
    def symbolic(self) -> str:
        """`(N, D_in)`; `()` for a number."""
        return _tuple(self.symbols)

    @property
    def numeric(self) -> str | None:
        """`(64, 1000)` where that says more than the symbols do, else None."""
        if None in self.numbers:
            return None
        told = _tuple(tuple(str(n) for n in self.numbers))
        return None if told == self.symbolic else told


def _tuple(parts: tuple[str, ...]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the forward pass: the line that makes it, and the gradients whose lines read it.

    `used` are those that read it and should, `missing` those that should and do not, `wrongly` those
    that do and should not; each a name with its line, if it has one.
    """

    name: str
    shape: Shape
    is_parameter: bool
    made: Line | None
    used: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    wrongly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A line of the forward pass that uses a tensor, and what that does to the gradient."""

    line: Line
    makes: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The gradient of one tensor: what it is and why, and what the user wrote.

    `name` is the user's own where there is one, else made by the user's habit; `formula` is None where
    there is no short one, then `remark` says why. `parts` are the tensors in it with their shapes.
    """

    number: int
    of: str
    name: str
    is_parameter: bool
    shape: Shape
    formula: str | None
    parts: tuple[tuple[str, Shape], ...]
    causes: tuple[Cause, ...]
    lines: tuple[Line, ...]
    check: Check
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """How the loss depends on a parameter: the tensors between the two, loss first.

    `others` is how many more ways there are; `steps` are the numbers of the steps on all of them.
    """

    parameter: str
    places: tuple[str, ...]
    others: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What gradlint finds wrong, in one line of the user's file."""

    line: Line
    code: str
    message: str
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """The derivation of one loss, from the loss down to the parameters.

    `remarks` answer what people ask of it; `doubt` says what could not be looked at.
    """

    path: str
    loss: str
    loss_line: Line | None
    tensors: tuple[Tensor, ...]
    steps: tuple[Step, ...]
    routes: tuple[Route, ...]
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]
    doubt: str | None = None
