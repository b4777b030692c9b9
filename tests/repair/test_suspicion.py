"""What a value was made of at once is found however often its parts are used."""

from __future__ import annotations

from gradlint.reading import read_script
from gradlint.repair.suspicion import is_made_of
from gradlint.tracing import explore

DOUBLED = f"""
import numpy as np
x = np.array([1.0, 2.0])
y = {"(lambda v: v + v * 0.1)(" * 60}x{")" * 60}
"""
"""Each of sixty sums uses the one before twice: there are more ways through them than can be walked."""


def test_parts_that_are_used_twice_are_looked_at_once() -> None:
    trace = explore(read_script(DOUBLED, "doubled.py").module).trace
    x, y = (store.new for store in trace.stores if store.place in "xy")
    assert x is not None
    assert y is not None
    assert is_made_of(trace, y, {x, y}, {x})
    assert not is_made_of(trace, y, {x, y}, set())
