"""Small sizes that no other number of the script equals, so that none is written by another's name."""

from __future__ import annotations

from itertools import count

from gradlint.reading import syntax as s
from gradlint.reading.walking import constants
from gradlint.tracing import Facts
from gradlint.tracing.facts import KEPT


def told_apart(module: s.Module, facts: Facts) -> dict[int, int]:
    """The sizes of `facts`, with others for those that are also written somewhere for something else.

    `T = 5` is walked as it is where it only says how often a loop runs, and a hidden layer of 32 as one of 5:
    then `T` and `H` could not be told apart.
    """
    sizes = facts.sizes
    distinct = len(set(sizes.values())) == len(sizes) and not facts.tight and not facts.inputs.forms
    written = {
        one.value for one in constants(module.everything)
        if type(one.value) is int and id(one) not in sizes
    }  # fmt: skip
    if not distinct or not written & set(sizes.values()):
        return sizes
    free = (n for n in count(KEPT + 1, 2) if n not in written)
    return dict(zip(sorted(sizes, key=lambda site: sizes[site]), free, strict=False))
