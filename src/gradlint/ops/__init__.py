"""The table of primitives: what each op computes, its VJP, how users spell it, how it is written.

Importing the package fills `OPS`. A new op is one `define` in one of the modules by family.
"""

from gradlint.ops import (
    activations,
    arithmetic,
    bounded,
    class_losses,
    comparisons,
    contractions,
    convolution,
    copies,
    cumulative,
    diagonals,
    elementary,
    extremes,
    gathering,
    indexing,
    joining,
    linear_algebra,
    losses,
    order,
    pooling,
    rearranging,
    reductions,
    repeating,
    scaled,
    scattering,
    searching,
    shape,
    solving,
    statistics,
    transposes,
)
from gradlint.ops.dialect import Dialect
from gradlint.ops.op import OPS, Array, Op, OpError, Sample, apply, vjp
from gradlint.ops.spelling import Bound, Spelling, lookup, lookup_property, operator
from gradlint.ops.text import Text, as_text
from gradlint.ops.writing import Writer, write_primal, write_vjp

FAMILIES = (
    activations,
    arithmetic,
    bounded,
    class_losses,
    comparisons,
    contractions,
    convolution,
    copies,
    cumulative,
    diagonals,
    elementary,
    extremes,
    gathering,
    indexing,
    joining,
    linear_algebra,
    losses,
    order,
    pooling,
    rearranging,
    reductions,
    repeating,
    scaled,
    scattering,
    searching,
    shape,
    solving,
    statistics,
    transposes,
)

__all__ = [
    "OPS",
    "Array",
    "Bound",
    "Dialect",
    "Op",
    "OpError",
    "Sample",
    "Spelling",
    "Text",
    "Writer",
    "apply",
    "as_text",
    "lookup",
    "lookup_property",
    "operator",
    "vjp",
    "write_primal",
    "write_vjp",
]
