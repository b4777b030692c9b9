"""The single edits that repair tries, a family a file; each registers itself when imported."""

from gradlint.repair.edits import (  # noqa: F401
    accumulation,
    activations,
    axes,
    choices,
    factors,
    lists,
    loops,
    masks,
    names,
    numbers,
    order,
    penalties,
    products,
    reductions,
    repeated,
    signs,
    slips,
    terms,
    updates,
    windows,
)
