"""Reading gradients off what was watched in one step of the script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.claims import Claim
from gradlint.harness.evidence import rounding, unit_roundoff
from gradlint.harness.freezing import OTHER, Array, freeze
from gradlint.harness.walks import Walker
from gradlint.harness.watching import Key, is_supposed, terms_of, value_key
from gradlint.reading import syntax as s
from gradlint.tracing import Update, places


@dataclass(frozen=True, slots=True)
class Reading:
    """A gradient as the script computed it (float64, the rate taken out), with its precision.

    `roundoff` is the relative error that the value may carry by the precision it was computed in
    and by the way it was read; `dtype` names that precision.
    """

    value: Any
    dtype: str
    roundoff: float
    cut: Any = None
    """The items that were clipped on their way into the step, if any were."""


class Unread(Exception):
    """The gradient could not be read; the message says why."""


_SAME = 1e-6
"""Items of a step that differ by no more, relative to the largest, are the same to what the script rounds."""


class Reader:
    """Reads the claims of one step. `seen` has what was watched, in the order of its evaluation.

    `replay` is the walk of that step, `claims` the claims with the nodes of that walk.
    """

    def __init__(
        self, replay: Walker, claims: Sequence[Claim], seen: Mapping[Key, list[Any]]
    ) -> None:
        self.replay = replay
        self.trace = replay.trace
        self.seen = seen
        self.turns: dict[tuple[int, Key], int] = {}
        self.expected: Counter[Key] = Counter()
        names = {claim.name for claim in claims}
        for update in self.trace.updates:
            self._take_turns(update, names)

    def _take_turns(self, update: Update, names: set[str]) -> None:
        keys = [value_key(term) for _, term in terms_of(update)]
        keys += [("before", id(update.statement), name) for name in (update.place, *names)]
        keys += [("after", id(update.statement), update.place)]
        for key in dict.fromkeys(keys):
            self.turns[id(update), key] = self.expected[key]
            self.expected[key] += 1

    def read(self, claim: Claim, faithful: Callable[[Reading], bool]) -> Reading:
        """The gradient that `claim` is about, as the script computed it, by a `faithful` reading.

        Raises:
            Unread: it was not seen, or is not what the replay computes.
        """
        reasons: list[Unread] = []
        unlike: list[Reading] = []
        ways = (self._moved_by, self._made, self._named)
        for reading in ways[1:] if is_supposed(claim.statement) else ways:
            try:
                found = reading(claim)
            except Unread as reason:
                reasons.append(reason)
                continue
            if faithful(found):
                return found
            unlike.append(found)
            reasons.append(
                Unread("the replay of this step does not compute what the script computed")
            )
        whole = self._uncut(claim, unlike[0]) if unlike else None
        if whole is not None and faithful(whole):
            return whole
        raise reasons[0]

    def _moved_by(self, claim: Claim) -> Reading:
        if claim.through_optimiser:
            raise Unread("the gradient that is fed to the optimiser could not be watched")
        parts = [self._moved(claim, update) for update in claim.updates]
        shape = self.trace.nodes[claim.root].shape
        total = np.zeros(shape) + sum(value for value, _, _ in parts)
        if total.shape != shape:
            raise Unread("the step has another shape than the parameter")
        return Reading(total / claim.rate, parts[0][1], max(r for _, _, r in parts))

    def _uncut(self, claim: Claim, found: Reading) -> Reading:
        """A step that is the replay's own but for clipped items: with these as the gradient has them."""
        old, new = (
            np.asarray(self.trace.value(node), dtype=np.float64)
            for node in (claim.root, claim.updates[-1].new)
        )
        moved, size = (old - new) / claim.rate, float(np.max(np.abs(found.value), initial=0.0))
        same = np.shape(claim.value) == moved.shape == np.shape(found.value)
        near = max(_SAME, rounding(found.roundoff, found.dtype))
        if not same or not np.allclose(moved, found.value, rtol=near, atol=near * size):
            return found
        kept = np.isclose(moved, claim.value, rtol=near, atol=near * size)
        return replace(found, value=np.where(kept, found.value, claim.value), cut=~kept)

    def _made(self, claim: Claim) -> Reading:
        """The gradient by the expression that made it."""
        key = self.trace.keys.get(-1 if claim.gradient is None else claim.gradient)
        found = self.seen.get(("value", key[0], ""), []) if key is not None else []
        made = self.replay.made_since(key[0]) if key is not None else 0
        if key is None or not found or made % len(found):
            raise Unread("the gradient could not be watched")
        turn = (key[1] - self.replay.made_before[key[0]]) // (made // len(found))
        if not 0 <= turn < len(found):
            raise Unread("the gradient was not made in this step")
        return self._scaled(claim, found[turn])

    def _named(self, claim: Claim) -> Reading:
        """The gradient by its name, at the update, or where the script is done with making it."""
        if is_supposed(claim.statement):
            seen = self.seen.get(("after", id(claim.statement), claim.name), [])
            if not seen:
                raise Unread("the gradient was not made in this run")
            return self._scaled(claim, seen[-1])
        return self._scaled(
            claim, self._one(claim.updates[0], ("before", id(claim.statement), claim.name))
        )

    def _scaled(self, claim: Claim, value: Any) -> Reading:
        """A reading of the claim's gradient as one of the claim: a sign, and a factor, apart."""
        array = _array(value)
        assert claim.gradient is not None
        node = np.asarray(self.trace.value(claim.gradient), dtype=np.float64)
        if np.shape(array.value) != node.shape:
            raise Unread("the gradient has another shape than in the replay")
        size = float(np.sum(node * node))
        factor = float(np.sum(node * np.asarray(claim.value))) / size if size else 1.0
        return Reading(factor * _float(array), array.dtype, unit_roundoff(array.dtype))

    def _moved(self, claim: Claim, update: Update) -> tuple[Any, str, float]:
        """How far one update moved the parameter downwards, the precision, the roundoff."""
        terms = terms_of(update)
        if terms:
            values = [(sign, expr, self._one(update, value_key(expr))) for sign, expr in terms]
            if isinstance(update.statement, s.Assign):
                values = self._without_own(claim, update, values)
            if values:
                dtype = values[0][2].dtype
                return -sum(sign * _float(v) for sign, _, v in values), dtype, unit_roundoff(dtype)
        return self._difference(update)

    def _without_own(self, claim: Claim, update: Update, values: list[Any]) -> list[Any]:
        """The terms without the parameter itself; none where it is not among them."""
        target = update.statement.targets[0]  # type: ignore[attr-defined]
        own = [v for v in values if v[0] == 1 and places.text(v[1]) == places.text(target) != "..."]
        if not own:
            old = np.asarray(self.trace.value(update.old))
            own = [v for v in values if v[0] == 1 and np.array_equal(_float(v[2]), old)]
        return [v for v in values if v is not own[0]] if len(own) == 1 else []

    def _difference(self, update: Update) -> tuple[Any, str, float]:
        keys: list[Key] = [
            (when, id(update.statement), update.place) for when in ("before", "after")
        ]
        before, after = (self._one(update, key) for key in keys)
        old, new = _float(before), _float(after)
        if old.shape != new.shape:
            raise Unread("the parameter changes its shape")
        moved = old - new
        unit = unit_roundoff(before.dtype)
        size = float(np.linalg.norm(moved))
        return moved, before.dtype, unit * (1 + float(np.linalg.norm(old)) / size) if size else unit

    def _one(self, update: Update, key: Key) -> Array:
        found = self.seen.get(key, [])
        if not found or len(found) != self.expected[key]:
            raise Unread(f"this step ran {len(found)} times in place of {self.expected[key]}")
        return _array(found[self.turns[id(update), key]])


def _array(value: Any) -> Array:
    if isinstance(value, Array):
        return value
    if isinstance(value, bool | int | float):
        return Array(np.asarray(float(value)), "float64", "python")
    if isinstance(value, list | tuple) and value:
        parts = [_array(v) for v in value]
        return Array(np.array([p.value for p in parts]), parts[0].dtype, parts[0].library)
    reason = (
        "it could not be read"
        if value is OTHER or value is None
        else f"it is a {type(value).__name__}"
    )
    raise Unread(reason)


def read_array(value: Any) -> Array:
    """A copy of a number, array, tensor or nested list of them, with its precision.

    Raises:
        Unread: it is something else.
    """
    return _array(freeze(value))


def _float(array: Array) -> Any:
    return np.asarray(array.value, dtype=np.float64)
