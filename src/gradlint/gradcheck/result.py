"""What a check of gradients found out, as frozen values and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradlint.model import Agreement


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that is furthest off, in units of what is allowed there.

    >>> Worst((2, 0), got=0.5, expected=-0.5).told
    'element [2, 0]: got 0.5, expected -0.5'
    """

    index: tuple[int, ...]
    got: float
    expected: float

    @property
    def told(self) -> str:
        """One line of words; digits as far as the two differ."""
        where = f"element [{', '.join(map(str, self.index))}]: " if self.index else ""
        got, expected = _told_apart(self.got, self.expected)
        return f"{where}got {got}, expected {expected}"


def _told_apart(a: float, b: float) -> tuple[str, str]:
    for digits in (5, 8, 12):
        first, second = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if first != second:
            break
    return first, second


@dataclass(frozen=True, slots=True)
class InputCheck:
    """What is known of the gradient of one input.

    `name` is the input's (`w`, `params['W1']`, `self.b`); `agreement` compares what the backward pass
    returned with central differences and `autograd` with torch autograd, where it could be asked.
    `compared` elements were, `kinks` were left out because the forward pass bends there. `scale` is the
    factor between the two where they are proportional, `cosine` that between them, `error` the
    largest relative one of an element; `likely` says what kind of mistake would give these numbers.

    >>> one = InputCheck("w", Agreement.SCALED, compared=6, scale=5.0, likely="off by N with N = 5")
    >>> one.is_right, one.scale
    (False, 5.0)
    """

    name: str
    agreement: Agreement
    compared: int = 0
    kinks: int = 0
    scale: float | None = None
    cosine: float | None = None
    error: float | None = None
    worst: Worst | None = None
    autograd: Agreement = Agreement.NOT_RUN
    likely: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing speaks against this gradient."""
        return self.agreement in (Agreement.EQUAL, Agreement.UNKNOWN)

    def lines(self) -> Iterator[str]:
        """What there is to say of a wrong gradient, a line each."""
        if self.worst is not None:
            yield f"worst      {self.worst.told}"
        if self.scale is not None:
            yield f"scale      {self.scale:.6g} times what it should be at every element"
        elif self.cosine is not None:
            yield f"cosine     {self.cosine:.3f} (no single factor explains it)"
        if self.likely is not None:
            yield f"likely     {self.likely}"
        left_out = f", {self.kinks} at a kink left out" if self.kinks else ""
        witnesses = "central differences"
        if self.autograd not in (Agreement.NOT_RUN, Agreement.UNKNOWN, Agreement.EQUAL):
            witnesses += " and torch autograd"
        yield f"compared   {self.compared} elements with {witnesses}{left_out}"


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What `check_gradients` found: one `InputCheck` for each gradient that the backward pass gives.

    `subject` is what was checked; `problems` are things that are wrong with no gradient in particular.

    >>> check = GradientCheck("affine", (InputCheck("x", Agreement.EQUAL, compared=15),))
    >>> print(check)
    affine: the gradient of x is right (15 elements)
    """

    subject: str
    inputs: tuple[InputCheck, ...]
    problems: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether every gradient is right."""
        return not self.problems and all(one.is_right for one in self.inputs)

    def __getitem__(self, name: str) -> InputCheck:
        """What is known of the gradient of the input `name`."""
        return next(one for one in self.inputs if one.name == name)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for problem in self.problems:
            yield f"{self.subject}: {problem}"
        for one in sorted(self.inputs, key=lambda one: one.is_right):
            if one.agreement is Agreement.UNKNOWN:
                why = (
                    "every element is at a kink"
                    if one.kinks
                    else one.likely or "nothing to compare"
                )
                yield f"{self.subject}: the gradient of {one.name} was not checked ({why})"
            elif one.is_right:
                number = f"{one.compared} element{'s' if one.compared > 1 else ''}"
                yield f"{self.subject}: the gradient of {one.name} is right ({number})"
            else:
                yield f"{self.subject}: the gradient of {one.name} is wrong"
                yield from (f"  {line}" for line in one.lines())


class GradientMismatch(AssertionError):
    """A gradient is not what it should be; `check` holds what was found out.

    >>> wrong = InputCheck("x", Agreement.OPPOSITE, compared=15, likely="a minus")
    >>> GradientMismatch(GradientCheck("affine", (wrong,))).check["x"].likely
    'a minus'
    """

    def __init__(self, check: GradientCheck) -> None:
        super().__init__(str(check))
        self.check = check
