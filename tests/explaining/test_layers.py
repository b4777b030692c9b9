"""`gradlint explain` of what is called from elsewhere: the way back begins with what is handed in."""

from __future__ import annotations

import textwrap

from gradlint.explaining import explain
from gradlint.explaining.lesson import Check, Lesson
from gradlint.reading import read_script
from gradlint.reports import explained
from gradlint.reports.look import Look

PAIR = """\
import numpy as np

def affine_forward(x, w, b):
    out = x.dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T)
    dw = x.T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db
"""

FUNCTION = """\
import torch

class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight):
        ctx.save_for_backward(input, weight)
        return input.mm(weight.t())

    @staticmethod
    def backward(ctx, grad_output):
        input, weight = ctx.saved_tensors
        return grad_output.mm(weight), grad_output.t().mm(input)
"""

GATE = """\
import numpy as np

class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        dx = grad.copy()
        dx[self.x <= 0] = 0
        return dx
"""


def _lesson(text: str) -> Lesson:
    (lesson,) = explain(read_script(textwrap.dedent(text), "layers.py")).lessons
    return lesson


def _formulas(lesson: Lesson) -> dict[str, str | None]:
    return {step.of: step.formula for step in lesson.steps}


def test_the_formulas_begin_with_the_gradient_that_is_handed_in() -> None:
    found = _formulas(_lesson(PAIR))
    assert found == {"b": "np.sum(dout, axis=0)", "w": "x.T.dot(dout)", "x": "dout.dot(w.T)"}


def test_it_is_said_what_is_handed_in_and_what_ends_the_forward_pass() -> None:
    lesson = _lesson(PAIR)
    assert lesson.remarks[0].startswith("dout is the gradient in out: it comes from what calls")
    assert lesson.loss_line is not None and lesson.loss_line.text == "out = x.dot(w) + b"


def test_only_lines_of_the_script_are_reasons() -> None:
    rules = [rule for step in _lesson(PAIR).steps for cause in step.causes for rule in cause.rules]
    assert not any("a sum gives every entry" in rule for rule in rules)


def test_the_chain_rule_goes_through_the_output() -> None:
    assert "d loss/d w = d loss/d out * d out/d w" in explained.render([_lesson(PAIR)], Look())


def test_a_function_of_torch_is_told_in_its_own_spelling() -> None:
    found = _formulas(_lesson(FUNCTION))
    assert found == {"input": "grad_output.mm(weight)", "weight": "grad_output.t().mm(input)"}


def test_a_copy_of_what_is_handed_in_is_a_step_that_is_right() -> None:
    lesson = _lesson(GATE)
    assert all(step.check is Check.RIGHT for step in lesson.steps)
    assert "grad" in (lesson.steps[0].formula or "")


def test_a_wrong_layer_is_told_what_belongs_there() -> None:
    lesson = _lesson(PAIR.replace("x.T.dot(dout)", "-x.T.dot(dout)"))
    (wrong,) = [step for step in lesson.steps if step.check is Check.WRONG]
    assert (wrong.name, wrong.formula) == ("dw", "x.T.dot(dout)")
