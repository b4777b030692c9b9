"""`gradlint explain`: what each gradient is and why, beside what stands in the script."""

from __future__ import annotations

import textwrap
from functools import cache
from pathlib import Path

import pytest

from gradlint import cli
from gradlint.explaining import Explained, explain, narrowed
from gradlint.explaining.lesson import Check, Lesson, Step
from gradlint.reading import read_script
from gradlint.reports import explained, explained_markdown
from gradlint.reports.look import Look

from ..conftest import Golden
from ..repair.scripts import NUMPY

SCRIPT = """\
import torch

N, D_in, H, D_out = 32, 500, 80, 6
inputs = torch.randn(N, D_in)
targets = torch.randn(N, D_out)
w_first = torch.randn(D_in, H)
w_last = torch.randn(H, D_out)
for step in range(300):
    a = inputs.mm(w_first)
    a_relu = a.clamp(min=0)
    out = a_relu.mm(w_last)
    loss = (out - targets).pow(2).sum()
    print(step, loss.item())
    grad_out = 2.0 * (out - targets)
    grad_last = a_relu.t().mm(grad_out)
    grad_a_relu = grad_out.mm(w_last.t())
    grad_a = grad_a_relu.clone()
    grad_a[a < 0] = 0
    grad_first = inputs.t().mm(grad_a)
    w_first -= 1e-6 * grad_first
    w_last -= 1e-6 * grad_last
"""


@cache
def _explained(text: str, path: str = "script.py") -> Explained:
    return explain(read_script(textwrap.dedent(text), path))


def _lesson(text: str, path: str = "script.py") -> Lesson:
    (lesson,) = _explained(text, path).lessons
    return lesson


def _step(lesson: Lesson, name: str) -> Step:
    (step,) = [step for step in lesson.steps if step.name == name]
    return step


def test_the_steps_go_from_the_loss_to_the_parameters() -> None:
    names = [step.name for step in _lesson(SCRIPT).steps]
    assert names == ["grad_out", "grad_last", "grad_a_relu", "grad_a", "grad_first"]


def test_each_formula_is_in_the_names_and_the_spelling_of_the_script() -> None:
    formulas = {step.name: step.formula for step in _lesson(SCRIPT).steps}
    assert formulas["grad_out"] == "2 * (out - targets)"
    assert formulas["grad_last"] == "a_relu.t().mm(grad_out)"
    assert formulas["grad_a"] == "grad_a_relu * (a > 0)"


def test_shapes_are_told_by_the_names_of_the_sizes_and_in_numbers() -> None:
    shape = _step(_lesson(SCRIPT), "grad_last").shape
    assert (shape.symbolic, shape.numeric) == ("(H, D_out)", "(80, 6)")


def test_a_line_that_is_changed_in_place_belongs_to_the_step() -> None:
    step = _step(_lesson(SCRIPT), "grad_a")
    assert [line.span.line for line in step.lines] == [17, 18]
    assert step.check is Check.RIGHT


def test_the_activation_is_said_to_come_in_twice_and_all_to_be_in_order() -> None:
    said = " ".join(_lesson(SCRIPT).remarks)
    assert "its value a_relu is a factor in grad_last (line 15)" in said
    assert "its slope turns grad_a_relu into grad_a (line 18)" in said
    assert "lines 14 to 19 go from loss to w_first" in said


def test_a_wrong_line_is_told_from_those_that_only_inherit_its_mistake() -> None:
    wrong = SCRIPT.replace("a_relu.t().mm(grad_out)", "a.t().mm(grad_out)")
    wrong = wrong.replace("grad_out.mm(w_last.t())", "-grad_out.mm(w_last.t())")
    checks = {step.name: step.check for step in _lesson(wrong).steps}
    assert checks["grad_last"] is Check.WRONG and checks["grad_a_relu"] is Check.WRONG
    assert checks["grad_first"] is Check.RIGHT


def test_a_tensor_says_where_it_is_missing_and_where_it_does_not_belong() -> None:
    wrong = SCRIPT.replace("a_relu.t().mm(grad_out)", "a.t().mm(grad_out)")
    tensors = {tensor.name: tensor for tensor in _lesson(wrong).tensors}
    assert tensors["a_relu"].missing == ("grad_last (line 15)",)
    assert tensors["a"].wrongly == ("grad_last (line 15)",)


def test_nothing_is_called_wrong_where_the_whole_is_right() -> None:
    assert all(step.check is not Check.WRONG for step in _lesson(NUMPY).steps)


def test_the_minus_of_an_added_step_is_no_mistake() -> None:
    text = """\
    import numpy as np
    x, y = np.random.randn(12, 3), np.random.randn(12, 1)
    w = np.random.randn(3, 1)
    for i in range(100):
        error = y - x.dot(w)
        loss = np.sum(error ** 2) / 2
        w += 0.01 * x.T.dot(error)
    """
    (step,) = [step for step in _lesson(text).steps if step.is_parameter]
    assert step.check is Check.RIGHT and "minus" in (step.remark or "")


def test_integer_labels_are_written_as_rows_of_zeros_and_a_one() -> None:
    text = """\
    import numpy as np
    N, C = 40, 5
    X, labels = np.random.randn(N, 7), np.random.randint(0, C, N)
    W = np.random.randn(7, C)
    for i in range(100):
        scores = X @ W
        e = np.exp(scores)
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), labels]).mean()
        dscores = p.copy()
        dscores[np.arange(N), labels] -= 1
        dscores /= N
        W -= 0.1 * (X.T @ dscores)
    """
    assert _step(_lesson(text), "dscores").formula == "(p - np.eye(C)[labels]) / N"


@pytest.mark.parametrize(
    ("loss", "is_told"),
    [
        ("-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))", True),
        ("-np.mean(y * np.log(p))", False),
    ],
)
def test_the_slope_and_the_logarithm_above_it_are_told_together(loss: str, is_told: bool) -> None:
    text = f"""\
import numpy as np
X, y = np.random.randn(50, 4), (np.random.rand(50, 1) > 0.5) * 1.0
w = np.zeros((4, 1))
for i in range(100):
    z = X @ w
    p = 1 / (1 + np.exp(-z))
    loss = {loss}
    dz = {"(p - y)" if is_told else "y * (p - 1)"} / len(X)
    w -= 0.1 * X.T @ dz
"""
    (lesson,) = explain(read_script(text, "script.py")).lessons
    causes = lesson.steps[0].causes
    assert [cause.line.span.line for cause in causes] == [6, 7]
    assert ("what is left is p minus what it should be" in causes[1].rules[-1]) is is_told


def test_a_loop_over_time_is_told_for_one_round() -> None:
    text = """\
    import numpy as np
    T, n = 6, 4
    xs, ys = np.random.randn(T, n, 1), np.random.randn(T, n, 1)
    W, U = np.random.randn(n, n), np.random.randn(n, n)
    for epoch in range(50):
        hs, loss = {-1: np.zeros((n, 1))}, 0
        for t in range(T):
            hs[t] = np.tanh(W @ hs[t - 1] + U @ xs[t])
            loss += np.sum((hs[t] - ys[t]) ** 2)
        dW, dU, dnext = np.zeros_like(W), np.zeros_like(U), np.zeros((n, 1))
        for t in reversed(range(T)):
            dh = 2 * (hs[t] - ys[t]) + dnext
            dz = dh * (1 - hs[t] ** 2)
            dW += dz @ hs[t - 1].T
            dU += dz @ xs[t].T
            dnext = W.T @ dz
        W -= 0.01 * dW
        U -= 0.01 * dU
    """
    lesson = _lesson(text)
    assert [step.name for step in lesson.steps].count("dh") == 1
    assert "W.T @ dz" in (_step(lesson, "dh").formula or "")
    assert all(step.check is Check.RIGHT for step in lesson.steps)


def test_one_parameter_can_be_asked_for() -> None:
    (lesson,) = narrowed(_explained(SCRIPT), ["w_last"]).lessons
    assert [step.name for step in lesson.steps] == ["grad_out", "grad_last"]


def test_the_answer_at_a_terminal(golden: Golden) -> None:
    golden("explained.txt", explained.render(_explained(SCRIPT).lessons, Look()))


def test_a_narrow_terminal_gets_no_line_that_is_wider() -> None:
    text = explained.render(_explained(SCRIPT).lessons, Look(width=60))
    assert max(map(len, text.splitlines())) <= 60


def test_the_answer_in_markdown(golden: Golden) -> None:
    wrong = SCRIPT.replace("grad_out.mm(w_last.t())", "grad_out.mm(w_last)")
    wrong = wrong.replace("500, 80, 6", "80, 80, 80")
    golden("explained.md", explained_markdown.render(_explained(wrong).lessons))


def test_a_parameter_that_is_not_there_is_one_line_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    assert cli.run(["explain", str(path), "--parameter", "w_fist"]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "did you mean w_first?" in error and "w_first, w_last" in error.replace(
        "w_last, w_first", "w_first, w_last"
    )


def test_a_file_without_gradients_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text("print('hello')\n", encoding="utf-8")
    assert cli.run(["explain", str(path)]) == 1
    assert "nothing to explain" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_an_error_of_usage() -> None:
    assert cli.run(["explain", "no such file.py"]) == 2
