"""Small sizes in the place of the script's own: pairwise different, so that nothing fits by luck."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations_with_replacement, count

from gradlint.reading import syntax as s
from gradlint.reading.walking import constants, descend
from gradlint.tracing.facts import KEPT

MODES = ("distinct", "by value", "own")
"""How dimensions are replaced: each literal by a size of its own, equal literals by equal sizes, not."""

_FEW = 10
"""By value, numbers up to this stay: they may be exponents and factors as well as dimensions."""


_SMALLEST = 4
"""The size of what is larger, where a script is very long."""

_IMAGE = range(4, 65)
"""Heights and widths of images that can be tried out."""


def written_sizes(module: s.Module) -> tuple[int, ...]:
    """The sizes of images that stand in displays of a module, `(1, 28, 28)`: those that stand there twice."""
    return _in_displays(module.everything)


@lru_cache(maxsize=4)
def _in_displays(everything: s.Block) -> tuple[int, ...]:
    found: list[int] = []
    for node in descend(everything):
        if isinstance(node, s.Sequence):
            values = [e.value for e in node.elements if isinstance(e, s.Constant)]
            found += [v for v in values if type(v) is int and v in _IMAGE and values.count(v) > 1]
    return tuple(dict.fromkeys(found))


def own_sizes(module: s.Module, sizes: Mapping[int, int]) -> dict[int, int]:
    """The script's own size for each small one that stands in for it, where there is only one."""
    found: dict[int, set[int]] = {}
    for constant, value in _integers(module.everything):
        if id(constant) in sizes:
            found.setdefault(sizes[id(constant)], set()).add(value)
    return {small: own.pop() for small, own in found.items() if len(own) == 1}


def tight_sizes(
    module: s.Module, counted: Mapping[int, int], distinct: bool = True
) -> dict[int, int]:
    """The smallest sizes that make sense for the literals `counted`, for a script that is long.

    Equal literals get equal sizes, none a larger one than its own, and 784 the square of what 28 gets. Where
    they need not be `distinct`, all are about as small as a kernel.
    Numbers up to `_FEW` may be exponents and factors elsewhere, where they stay.
    """
    by_value: dict[int, int] = {}
    odd = count(KEPT + 1, 2)
    for own in sorted({own for own in counted.values() if own > KEPT}):
        product = _product(own, by_value)
        small = next(odd) if distinct else _SMALLEST
        by_value[own] = min(own, small) if product is None else product
    return {
        id(constant): by_value[value]
        for constant, value in _integers(module.everything)
        if value in by_value and (value > _FEW or id(constant) in counted)
    }


_BOUNDING = frozenset(["clip", "clamp", "clamp_", "minimum", "maximum"])


@lru_cache(maxsize=4)
def _integers(everything: s.Block) -> tuple[tuple[s.Constant, int], ...]:
    """The integer literals of all statements that may be sizes; walks ask for them again and again."""
    others = _unpacked(everything) | _bounds(everything)
    return tuple(
        (one, one.value) for one in constants(everything)
        if type(one.value) is int and id(one) not in others
    )  # fmt: skip


def _unpacked(everything: s.Block) -> set[int]:
    """Counts of what is given to as many names at once: `a, b, c = [draw() for _ in range(3)]`."""
    return {
        id(one)
        for node in descend(everything)
        if isinstance(node, s.Assign) and isinstance(node.value, s.Comprehension)
        for target in node.targets
        if isinstance(target, s.Sequence)
        for one in constants((node.value,))
        if one.value == len(target.elements)
    }


def _bounds(everything: s.Block) -> set[int]:
    """Literals that bound numbers, `np.clip(z, -100, 100)`: no sizes, whatever else has their value."""
    calls = (node for node in descend(everything) if isinstance(node, s.Call))
    bounding = (c for c in calls if isinstance(c.func, s.Attribute) and c.func.attr in _BOUNDING)
    values = [argument.value for call in bounding for argument in call.args]
    signed = [value.operand for value in values if isinstance(value, s.UnaryOp)]
    return {id(value) for value in (*values, *signed)}


def _product(own: int, known: Mapping[int, int]) -> int | None:
    """The product of the sizes of those of which `own` is the product, with a factor up to `_FEW`."""
    for first, second in combinations_with_replacement([n for n in known if n > _FEW], 2):
        factor, rest = divmod(own, first * second)
        if not rest and factor <= _FEW:
            return known[first] * known[second] * known.get(factor, factor)
    return None


def small_sizes(module: s.Module, dimensions: Mapping[int, int], mode: str) -> dict[int, int]:
    """A size for each literal in `dimensions` (by identity, with its own value), by `mode`.

    A smaller dimension gets a smaller size, so that a kernel still fits into its image; all are odd, so
    that half of a size is no number that people write.
    """
    wanted = {site: own for site, own in dimensions.items() if own > KEPT}
    if mode == "own":
        return {}
    if mode == "distinct":
        return dict(
            zip(sorted(wanted, key=lambda site: wanted[site]), count(KEPT + 1, 2), strict=False)
        )
    values = set(wanted.values())
    large = sorted(own for own in values if own > _FEW)
    by_value = {own: own for own in values} | dict(zip(large, count(_FEW + 1), strict=False))
    return {
        id(constant): by_value[value]
        for constant, value in _integers(module.everything)
        if value in by_value
    }
