"""What may be the loss that a script descends: a number that it holds, or one over what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from mutation.truth.places import Array, Place
from mutation.truth.running import State

_MANY = 40


@dataclass(frozen=True)
class Loss:
    """`kind` over the values at `places` at the end of a round, or the number that was asked for."""

    kind: str
    places: tuple[Place, ...] = ()

    def value(self, state: State, asked: float | None) -> float:
        """The loss of the round that ends in `state`.

        Raises:
            KeyError: the round left nothing in one of the places.
        """
        if self.kind == "asked":
            return float("nan") if asked is None else asked
        return float(_FORMULAS[self.kind](*(state[place] for place in self.places)))

    @property
    def said(self) -> str:
        names = ("".join(map(_key, place[1:])) for place in self.places)
        return f"{self.kind}({', '.join(names)})"


def candidates(state: State, asked: float | None) -> list[Loss]:
    """Losses to try, the written ones first."""
    found = [Loss("asked")] if asked is not None else []
    found += [Loss("number", (place,)) for place, value in state.items() if value.ndim == 0]
    found += [
        Loss("number", (place,))
        for place, value in state.items()
        if value.size == 1 < value.ndim + 1
    ]
    shaped = [place for place, value in state.items() if value.size < 20_000][: _MANY * 3]
    found += [Loss("squares", (place,)) for place in shaped]
    return found + list(_pairs({place: state[place] for place in shaped}))


def is_named(loss: Loss) -> bool:
    """Whether the script itself calls it a loss."""
    words = "".join(str(key) for place in loss.places for key in place[1:]).lower()
    named = any(word in words for word in ("loss", "cost", "costo", "err", "mse", "total", "nll"))
    return loss.kind == "asked" or (loss.kind == "number" and (named or words == "j"))


def _pairs(values: State) -> Iterator[Loss]:
    for first, second in permutations(values, 2):
        a, b = values[first], values[second]
        if a.shape != b.shape or a.size == 0:
            continue
        if first < second if _comparable(first, second) else id(a) < id(b):
            yield Loss("distance", (first, second))
        if a.min() >= 0 and a.max() <= 1 and b.min() > 0 and b.max() < 1:
            yield Loss("cross_entropy", (first, second))
            yield Loss("log_likelihood", (first, second))


def _comparable(first: Place, second: Place) -> bool:
    return all(isinstance(key, str) for key in first + second)


def _distance(a: Array, b: Array) -> float:
    return float(np.sum((a - b) ** 2))


def _cross_entropy(t: Array, p: Array) -> float:
    return float(-np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)))


_FORMULAS: dict[str, Callable[..., float]] = {
    "number": lambda a: float(a.reshape(-1)[0]),
    "squares": lambda a: float(np.sum(a**2)),
    "distance": _distance,
    "cross_entropy": _cross_entropy,
    "log_likelihood": lambda t, p: float(-np.sum(t * np.log(p))),
}


def _key(key: object) -> str:
    return f"[{key}]" if not isinstance(key, str) else key
