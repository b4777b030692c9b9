"""Whether a file can hold a hand-written gradient at all, judged from its text alone.

Runs before libcst and numpy are imported: a commit of a hundred unrelated files costs nothing.
"""

from __future__ import annotations

import re

_ARRAYS = re.compile(
    r"^\s*(?:import|from)\s+(?:\w+\s*,\s*)*(?:numpy|torch|autograd|cupy|jax|scipy)\b|\bimport\s.*\b(?:numpy|torch)\b",
    re.MULTILINE,
)
_DESCENT = re.compile(
    r"grad|backprop|backward|delta|deriv|learning[_ ]?rate|loss|\blr\b|\balpha\b|\beta\b"
    r"|step_size|\bcost\b|descent|epoch",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"[-+]=|def \w*(?:backward|back_?prop|bprop|grad|deriv|prime)"
    r"|^\s*(?P<name>[\w.\[\]'\"]+)\s*=\s*\(?(?P=name)\s*[-+]|=.*[-+].*\*",
    re.MULTILINE,
)


def might_hold_gradient(text: str) -> bool:
    """False only where no gradient can stand in `text`: no arrays and no sign of a descent."""
    if _ARRAYS.search(text):
        return True
    return bool(_DESCENT.search(text) and _UPDATE.search(text))
