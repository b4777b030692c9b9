"""Holding the interpreter against Python itself: the same text walked and executed."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from ..analysing import last_value, trace_of

DATA = """\
import numpy as np
x = np.array([[1.5, -2.0, 0.25], [0.5, 3.0, -1.25]])
w = np.array([[0.3, -0.7], [1.1, 0.2], [-0.4, 0.9]])
v = np.array([2.0, -1.0, 0.5])
s = 1.75
"""


def executed(text: str) -> dict[str, Any]:
    """The numbers and arrays that Python leaves under the module's names."""
    names: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        exec(textwrap.dedent(text), names)
    kinds = (bool, int, float, np.ndarray, np.generic)
    return {k: v for k, v in names.items() if isinstance(v, kinds) and not k.startswith("__")}


def assert_walks_as_it_runs(text: str, *names: str) -> None:
    """The last value that the trace has under each of `names` is that of the execution."""
    trace, real = trace_of(text), executed(text)
    for name in names:
        found = last_value(trace, name)
        np.testing.assert_allclose(found, real[name], rtol=1e-12, err_msg=name)
        assert np.shape(found) == np.shape(real[name]), name
