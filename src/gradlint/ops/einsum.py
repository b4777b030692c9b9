"""Einstein sums: explicit subscripts, and the VJP of one operand as another Einstein sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradlint.ops.op import Array
from gradlint.ops.shapes import unbroadcast

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BATCH = "ABCDEFGHIJKLM"
_FRESH = "NOPQRSTUVWXYZ"


def explicit(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The subscripts of the operands and of the output, with `...` and `->` spelled out."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    operands = [_with_batch(term, rank) for term, rank in zip(left.split(","), ranks, strict=True)]
    used = "".join(operands)
    batch = "".join(sorted(c for c in set(used) if c in _BATCH and "..." in left))
    if arrow:
        return operands, right.replace("...", batch)
    return operands, batch + "".join(
        sorted(c for c in set(used) - set(batch) if used.count(c) == 1)
    )


def _with_batch(term: str, rank: int) -> str:
    extra = rank - len(term.replace("...", ""))
    return term.replace("...", _BATCH[len(_BATCH) - extra :] if extra else "")


def vjp(g: Any, operands: Sequence[Any], subscripts: str, argnum: int) -> Array:
    """The cotangent of operand `argnum`: the sum over the cotangent and the other operands.

    An index that stands nowhere else is stretched by ones; a repeated index (a diagonal) is
    separated by an identity.
    """
    shapes = [np.shape(x) for x in operands]
    terms, output = explicit(subscripts, [len(s) for s in shapes])
    sizes = {
        c: n for term, s in zip(terms, shapes, strict=True) for c, n in zip(term, s, strict=True)
    }
    for term, shape in zip(terms, shapes, strict=True):
        sizes |= {c: n for c, n in zip(term, shape, strict=True) if n != 1}
    arrays = [np.asarray(g)] + [np.asarray(x) for i, x in enumerate(operands) if i != argnum]
    names = [output] + [t for i, t in enumerate(terms) if i != argnum]
    target = ""
    for c in terms[argnum]:
        if c in target:
            fresh = _FRESH[len(target)]
            arrays.append(np.eye(sizes[c]))
            names.append(c + fresh)
            c = fresh
        elif not any(c in name for name in names):
            arrays.append(np.ones(sizes[c]))
            names.append(c)
        target += c
    return unbroadcast(np.einsum(f"{','.join(names)}->{target}", *arrays), shapes[argnum])
