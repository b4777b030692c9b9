"""What a record tells of an edit is what a walk with the edit would tell."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from gradlint.claims import Claim, claims_of
from gradlint.judging import choose, walk_case
from gradlint.judging.case import counterpart
from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.repair.candidate import GENERATORS
from gradlint.repair.replaying import Broken
from gradlint.repair.scene import Scene
from gradlint.repair.search import candidates
from gradlint.tracing import Facts, Trace, explore, retrace
from gradlint.tracing.recording import Again, Unrepeatable
from gradlint.tracing.values import Traced

from .scripts import assert_mended

FIXTURES = Path(__file__).parents[2] / "fixtures"


def scene_of(text: str) -> Scene:
    module = read_module(text, "script.py")
    case = walk_case(module, explore(module).facts)
    judgement, _ = choose(case)
    assert judgement is not None
    return Scene(case, judgement)


def told(scene: Scene, swaps: tuple[tuple[object, object], ...]) -> list[Claim] | None:
    """The claims with the swaps by the record; None where it says that something breaks."""
    try:
        return claims_of(scene.replay.with_edit(swaps))
    except Broken:
        return None


def walked(scene: Scene, swaps: tuple[tuple[object, object], ...]) -> list[Claim] | None:
    """The claims by a walk; None where it is given up: then no edit is taken, whatever a record says."""
    overrides = {id(old): new for old, new in swaps}
    trace = retrace(scene.module, scene.case.facts, 0, overrides).trace
    return None if trace.stopped is not None else claims_of(trace)


def same(scene: Scene, first: list[Claim], second: list[Claim]) -> bool:
    for claim in scene.claims:
        a, b = counterpart(claim, first), counterpart(claim, second)
        assert a is not None and b is not None
        if not np.allclose(a.value, b.value, equal_nan=True) or a.rate != pytest.approx(b.rate):
            return False
    return True


@pytest.mark.parametrize(
    "fixture",
    [
        pytest.param("three_layer_wrong_weight", id="a flat script"),
        pytest.param("numpy_bias_not_summed", id="steps that are written out"),
        pytest.param("class_tanh_slope_missing", id="methods and a dictionary of gradients"),
        pytest.param("rnn_carry_before_slope", id="a loop through time"),
    ],
)
def test_a_record_tells_what_a_walk_tells(fixture: str) -> None:
    scene = scene_of((FIXTURES / f"{fixture}.py").read_text())
    every = candidates(scene, scene.suspects, GENERATORS)
    proposed = [c for _, c in every if scene.replay.covers(c.swaps)]
    compared = 0
    for candidate in random.Random(0).sample(proposed, len(proposed)):
        try:
            found = told(scene, candidate.swaps)
        except Unrepeatable:
            continue
        really = None if found is None else walked(scene, candidate.swaps)
        if found is not None and really is not None:
            compared += 1
            assert same(scene, found, really), candidate.said
        if compared == 15:
            return
    pytest.fail("the record tells too little")


SCRIPT = """\
import numpy as np
x = np.random.randn(20, 3)
y = np.random.randn(20, 2)
w = np.random.randn(3, 2)
b = np.zeros(2)
def doubled(a):
    return 2 * a
for step in range(50):
    e = x @ w + b - y
    loss = np.sum(e ** 2)
    de = {de}
    dw = x.T @ de
    db = de.sum(axis=0)
    w -= 0.01 * dw
    b -= 0.01 * db
"""


def edited(text: str, line: int, new: str) -> tuple[Scene, tuple[tuple[object, object], ...]]:
    """A scene, and the swap that puts `new` in the place of the right-hand side of a line."""
    from gradlint.reading.snippets import expression

    scene = scene_of(text)
    (old,) = (
        n.value for n in scene.suspects
        if isinstance(n, s.Assign | s.AugAssign) and n.span.line == line
    )  # fmt: skip
    return scene, ((old, expression(new)),)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("doubled(e) * 3", id="a function of the script"),
        pytest.param("e", id="a tensor that has another name"),
    ],
)
def test_what_was_made_before_is_used_again(new: str) -> None:
    scene, swaps = edited(SCRIPT.format(de="e * e"), 11, new)
    assert scene.replay.covers(swaps)
    found = told(scene, swaps)
    really = walked(scene, swaps)
    assert found is not None and really is not None and same(scene, found, really)


def test_an_operation_that_does_not_fit_is_broken() -> None:
    scene, swaps = edited(SCRIPT.format(de="-e"), 12, "x @ de")
    with pytest.raises(Broken):
        scene.replay.with_edit(swaps)


def test_a_step_that_moves_nothing_any_more_is_broken() -> None:
    scene, swaps = edited(SCRIPT.format(de="-e"), 14, "0.01 * x.T @ y")
    with pytest.raises(Broken):
        scene.replay.with_edit(swaps)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("np.add(e, e, out=e)", id="something is changed in place"),
        pytest.param("(e, e)", id="several values in the place of one"),
    ],
)
def test_what_a_record_cannot_tell_is_left_to_a_walk(new: str) -> None:
    scene, swaps = edited(SCRIPT.format(de="-e"), 11, new)
    with pytest.raises(Unrepeatable):
        scene.replay.with_edit(swaps)


def test_a_record_is_the_same_after_an_edit_was_tried() -> None:
    scene, swaps = edited(SCRIPT.format(de="e * e"), 11, "doubled(e) * 3")
    before = [node.value for node in scene.replay.trace.nodes]
    scene.replay.with_edit(swaps)
    first, second = told(scene, swaps), told(scene, swaps)
    assert first is not None and second is not None and same(scene, first, second)
    assert all(
        now.value is was for now, was in zip(scene.replay.trace.nodes, before, strict=True)
    )  # fmt: skip


def test_a_view_of_what_has_changed_since_is_left_as_it_was_recorded() -> None:
    row, whole = Traced(1, np.zeros(2), "numpy"), Traced(0, np.zeros((3, 2)), "numpy")
    row.base, row.how, row.base_version = whole, ("getitem", {"index": 0}), whole.version
    again = Again(read_module("x = 1\n", "script.py"), Facts(), {}, Trace())
    again.refresh(row)
    whole.version += 1
    with pytest.raises(Unrepeatable):
        again.refresh(row)
    assert row.id == 1


BY_ITEMS = """\
import numpy as np

X, y = np.random.randn(20, 3), np.random.randn(20)
w = np.zeros(3)
for t in range(100):
    p = X @ w
    loss = np.mean((p - y) ** 2)
    d = 2 * (p - y) / len(X)
    g = X.T @ d
    for j in range(3):
        w[j] -= 0.1 * g[j]
"""


@pytest.mark.parametrize(
    ("good", "bad", "codes"),
    [
        ("2 * (p - y) / len(X)", "2 * (p - y) * p / len(X)", "GL103"),
        ("2 * (p - y)", "2 * (y - p)", "GL102"),
        ("g = X.T @ d", "g = X.T @ p", "GL101"),
    ],
)
def test_edits_before_a_step_of_single_items_are_not_refuted_by_the_record(
    good: str, bad: str, codes: str
) -> None:
    assert_mended(BY_ITEMS, good, bad, codes)
