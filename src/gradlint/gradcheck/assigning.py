"""Which of the gradients that a backward pass handed out is of which input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradlint.driving.names import is_akin, is_gradient_of
from gradlint.gradcheck.arrays import as_array, is_number, is_real, is_tensor
from gradlint.gradcheck.leaves import Leaf, Path, Slot, slots_of

MISSING = object()
"""The backward pass handed out None, or too few gradients, where one belongs."""


class Unassigned(TypeError):
    """It is not clear which gradient is of which input; the message says how to say so."""


def assigned(
    returned: Any, leaves: Sequence[Leaf], wrt: Sequence[str] | None
) -> list[tuple[Leaf, Any]]:
    """Each leaf with the array that is said to be its gradient, or MISSING.

    `wrt` names the inputs that the returned gradients are of, in their order.

    Raises:
        Unassigned: the number of gradients fits no choice of the inputs.
    """
    if returned is None:
        return []
    arguments = _arguments(leaves)
    if isinstance(returned, Mapping):
        return list(_by_name(returned, leaves))
    several = returned if isinstance(returned, list | tuple) and not is_real(returned) else None
    if several is None or _is_one_list(several, arguments, wrt):
        first = list(wrt or [])[:1] or _strong(arguments)[:1] or list(arguments)[:1]
        return list(_paired(first, [returned], arguments))
    chosen = _chosen(len(several), arguments, wrt)
    return list(_paired(chosen, several, arguments))


def _arguments(leaves: Sequence[Leaf]) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.argument, []).append(leaf)
    return found


def _strong(arguments: Mapping[str, list[Leaf]]) -> list[str]:
    return [name for name, leaves in arguments.items() if not all(leaf.weak for leaf in leaves)]


def _is_one_list(
    several: Sequence[Any], arguments: Mapping[str, list[Leaf]], wrt: Sequence[str] | None
) -> bool:
    """Whether a list of gradients is that of one argument which is a list of arrays itself."""
    names = list(wrt) if wrt is not None else _strong(arguments)
    return (
        len(names) == 1
        and len(arguments.get(names[0], [])) == len(several)
        and len(arguments[names[0]][0].path) > 1
    )


def _chosen(
    number: int, arguments: Mapping[str, list[Leaf]], wrt: Sequence[str] | None
) -> Sequence[str]:
    strong = _strong(arguments)
    choices: list[Sequence[str]] = [wrt] if wrt is not None else [strong, list(arguments)]
    for names in choices:
        if len(names) == number:
            return names
    told = ", ".join(wrt if wrt is not None else arguments)
    raise Unassigned(
        f"backward returns {number} gradients, and there are {len(arguments)} inputs ({told}): say "
        "which they are of, for example wrt=['x', 'w']"
    )


def _paired(
    names: Sequence[str], given: Sequence[Any], arguments: Mapping[str, list[Leaf]]
) -> Iterator[tuple[Leaf, Any]]:
    for name, one in zip(names, given, strict=True):
        leaves = arguments.get(name)
        if leaves is None:
            raise Unassigned(f"there is no input {name!r} to have a gradient")
        if len(leaves[0].path) == 1:
            yield leaves[0], _read(one)
        elif isinstance(one, Mapping):
            yield from _by_name(one, leaves)
        else:
            yield from ((leaf, _read(_within(one, leaf.path[1:]))) for leaf in leaves)


def _by_name(given: Mapping[Any, Any], leaves: Sequence[Leaf]) -> Iterator[tuple[Leaf, Any]]:
    """Gradients under names: those of the inputs, or names such as `dW1` and `grad_x`."""
    for key, one in given.items():
        leaf = _named(str(key), leaves)
        if leaf is not None and (one is None or is_real(one) or is_number(one)):
            yield leaf, _read(one)


def _named(key: str, leaves: Sequence[Leaf]) -> Leaf | None:
    called = {str(leaf.path[-1]): leaf for leaf in leaves}
    if key in called:
        return called[key]
    for fits in (is_gradient_of, is_akin):
        found = [leaf for name, leaf in called.items() if fits(key, name)]
        if len(found) == 1:
            return found[0]
    return None


def _within(value: Any, path: Path) -> Any:
    try:
        for key in path:
            value = value[key]
    except (LookupError, TypeError):
        return None
    return value


def _read(value: Any) -> Any:
    if value is None:
        return MISSING
    try:
        return as_array(value)
    except (TypeError, ValueError):
        raise Unassigned(
            f"backward returned a {type(value).__name__} where a gradient is expected"
        ) from None


def held(owner: Any) -> list[tuple[Slot, Slot]]:
    """The pairs of a parameter and its gradient that an object holds: `self.W` and `self.dW`."""
    slots = [slot for slot in slots_of(owner) if is_real(slot.get()) or slot.get() is None]
    grouped: dict[Path, list[Slot]] = {}
    for slot in slots:
        grouped.setdefault(_home(slot.path), []).append(slot)
    return [
        pair
        for slot in slots
        if is_real(slot.get())
        for pair in _gradients_of(slot, grouped[_home(slot.path)])
    ]


def _home(path: Path) -> Path:
    """Where a slot and its partner lie: `self.params['W']` and `self.grads['W']` in the same object."""
    return path[:-2] if isinstance(path[-1], str) and path[-2] in _HOLDERS else path[:-1]


_HOLDERS = ("params", "parameters", "param", "weights", "grads", "grad", "gradients", "dparams")


def _gradients_of(slot: Slot, near: Sequence[Slot]) -> Iterator[tuple[Slot, Slot]]:
    for other in near:
        if other.path != slot.path and (_is_partner(slot, other, near) or _says(other, slot)):
            yield slot, other


def _says(other: Slot, slot: Slot) -> bool:
    """Whether the name of the other says that it is the gradient of this one, and not the reverse."""
    says = is_gradient_of(_told(other), str(slot.path[-1]))
    return says and not is_gradient_of(_told(slot), str(other.path[-1]))


def _is_partner(slot: Slot, other: Slot, near: Sequence[Slot]) -> bool:
    """Whether the two are all that a small object holds: `parameter.value` and `parameter.grad`."""
    names = (str(slot.path[-1]), str(other.path[-1]))
    return names[0] in ("data", "value") and names[1] in ("grad", "gradient") and len(near) == 2


def _told(slot: Slot) -> str:
    """`dW`, or `grads['W']` for an item of a dictionary."""
    key = slot.path[-1]
    return f"{slot.path[-2]}[{key!r}]" if slot.path[-2] in _HOLDERS else str(key)


def tensor_gradients(owner: Any) -> Iterator[tuple[Slot, Any]]:
    """The tensors of an object whose `.grad` was set."""
    for slot in slots_of(owner):
        value = slot.get()
        if is_tensor(value) and is_real(value) and value.is_leaf and value.grad is not None:
            yield slot, as_array(value.grad)


def zeroed(slot: Slot) -> None:
    """Empty a gradient that an earlier backward pass left, for passes that add to it."""
    value = slot.get()
    if value is not None:
        slot.put(value * 0 if not isinstance(value, list) else (np.array(value) * 0).tolist())
