"""Right scripts are never accused, and a wrong one is never called correct."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from gradlint.analysis import examine, report
from gradlint.model import FileReport, Verdict
from gradlint.reading import UnreadableSyntax, read_module

from .analysing import problems
from .random_scripts import Style, change_one_token, write_script

quick = settings(
    deadline=None, max_examples=30, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip

styles = st.builds(
    Style,
    product=st.sampled_from(["@", ".dot", "np.dot", "np.matmul", ".mm"]),
    activations=st.lists(st.sampled_from(["tanh", "sigmoid", "relu"]), max_size=2).map(tuple),
    bias=st.booleans(),
    loss=st.sampled_from(["sum", "half", "mean", "half mean", "mean half"]),
    target_first=st.booleans(),
    spelled_out=st.booleans(),
    rate=st.sampled_from(["lr", "0.01", "0.5"]),
)


def _analysed(text: str) -> FileReport:
    return report(*examine(read_module(text, "script.py")))


@quick
@given(styles)
def test_a_right_script_is_never_accused(style: Style) -> None:
    text = write_script(style)
    found = _analysed(text)
    assert problems(found) == [], text
    assert found.verdict is Verdict.CORRECT, (found.reason, text)
    assert len(found.gradients) == (len(style.activations) + 1) * (1 + style.bias)


@quick
@given(styles)
def test_a_right_script_without_a_written_loss_is_never_accused(style: Style) -> None:
    text = re.sub(r"    (loss =|print).*\n", "", write_script(style))
    found = _analysed(text)
    assert problems(found) == [], text
    assert found.verdict is Verdict.CORRECT, (found.reason, text)


@settings(quick, max_examples=40, phases=[Phase.generate])
@given(styles, st.integers(0, 2**32 - 1))
def test_a_changed_token_is_never_called_correct(style: Style, seed: int) -> None:
    assume(style.product != ".mm")
    right = write_script(style)
    wrong = change_one_token(right, random.Random(seed))
    try:
        found = _analysed(wrong)
    except UnreadableSyntax:
        return
    steps = (len(style.activations) + 1) * (1 + style.bias)
    if found.verdict is not Verdict.CORRECT or len(found.gradients) < steps:
        return  # a parameter without a step has no gradient that could be called correct
    try:
        same = _same_direction(right, wrong)
    except NameError:
        return  # a name that does not exist is Python's to report
    assert same, wrong


def _same_direction(right: str, wrong: str) -> bool:
    """Whether both move the parameters alike, up to one positive constant.

    A parameter that the wrong script never moves is held still, which is nothing to say against it.
    """
    before, after = _movement(right), _movement(wrong)
    assert before is not None
    if after is None or before.keys() != after.keys():
        return False
    pairs = [(before[k].ravel(), after[k].ravel()) for k in before if np.any(after[k])]
    a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    scale = float(a @ b) / float(a @ a)
    return bool(scale > 0 and np.allclose(b, scale * a, rtol=1e-6, atol=1e-9))


def _movement(text: str) -> Mapping[str, Any] | None:
    """How far one step moves each parameter, None where the script does not run."""
    head, _, body = text.partition("for step in range(3):\n")
    names: dict[str, Any] = {"print": lambda *args: None, "step": 0}
    np.random.seed(7)
    try:
        with np.errstate(all="ignore"):
            exec(head, names)
            parameters = [k for k in names if re.fullmatch(r"[Wb]\d", k)]
            for name in parameters:
                names[name] = np.random.randn(*names[name].shape) * 0.6
            start = {name: names[name].copy() for name in parameters}
            exec(re.sub(r"^    ", "", body, flags=re.M), names)
    except (ValueError, TypeError):
        return None
    moved = {name: names[name] - start[name] for name in parameters
             if names[name].shape == start[name].shape}  # fmt: skip
    return moved if len(moved) == len(start) else None


@pytest.mark.parametrize("product", ["@", ".dot", "np.dot", ".mm"])
def test_a_random_script_that_is_wrong_is_found_out(product: str) -> None:
    text = write_script(Style(product=product, activations=("tanh", "sigmoid")))
    wrong = text.replace("* (1 - a1 ** 2)", "* (1 - a1)")
    assert wrong != text
    found = _analysed(wrong)
    assert {code for code, _ in problems(found)} == {"GL105"}
