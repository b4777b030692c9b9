"""Decompositions of matrices (`numpy.linalg`), as weights are drawn and data whitened with them.

What they give are numbers: it has no slope in what it was made of, so nothing that moves may go in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.driven import Driven
from gradlint.tracing.leaves import known
from gradlint.tracing.values import Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.statements import Interpreter

_LARGEST = 64
"""Rows of a matrix that is worth decomposing: small sizes stand for larger ones."""


def _moves(m: Interpreter, matrix: Traced) -> bool:
    """Whether a matrix may have been made of a parameter or of what a drive was given.

    In a loop, of any array that is older than its round: which of them move is known only afterwards.
    """
    if isinstance(m.module, Driven):
        return True
    began = m.loops[0][1] if m.loops else 0
    known, above = m.facts.parameters, list(m.trace.ancestors([matrix.id]))
    older = any(node < began and m.trace.nodes[node].shape for node in above)
    return older or any(m.trace.keys.get(node) in known for node in above)


def _decomposition(path: str, function: Callable[..., Any]) -> None:
    def call(m: Interpreter, a: Any, *args: Any, **kw: Any) -> Any:
        matrix = m.tensor_of(a, "numpy")
        if max(matrix.shape, default=0) > _LARGEST or _moves(m, matrix):
            return m.opaque(f"{path}() is not known to gradlint")
        try:
            made = function(
                matrix.value, *plain(list(args)), **{k: plain(v) for k, v in kw.items()}
            )
        except np.linalg.LinAlgError as error:
            return m.opaque(f"{path}(): {error}")
        if isinstance(made, tuple):
            return tuple(m.leaf(np.asarray(part), "numpy") for part in made)
        return m.leaf(np.asarray(made), "numpy")

    known(path)(call)


for _name in ("eigh", "svd", "qr", "cholesky"):
    _decomposition(f"numpy.linalg.{_name}", getattr(np.linalg, _name))
