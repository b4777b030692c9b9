"""Two regressions that people asked about, written again: what gradlint says settles the question.

The first author doubted the line of the output delta, and was right to: its sign is flipped, and the
loss that is printed lacks the regularisation of the gradients. The second script was the answer: it
descends, but its data term is N / 2 times that of the loss, so that the balance is another one.
"""

from __future__ import annotations

import pytest

from gradlint.model import Agreement, FileReport, Finding, Severity, Verdict
from gradlint.patching import apply_edits

from .analysing import errors, line_of, problems, report_of

QUESTION = """\
import numpy as np

# two integers a row, and their sum to be learnt
np.random.seed(3)
X = np.random.randint(0, 5, size=(100, 2)).astype(float)
y = X.sum(axis=1, keepdims=True)

units = 10
D = X[0].size
K = 1
W = 0.01 * np.random.randn(D, units)
b = np.zeros((1, units))
W2 = 0.01 * np.random.randn(units, K)
b2 = np.zeros((1, K))

step_size = 1
reg = 0.001
history = []

for i in range(1000):
    hidden = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden, W2) + b2

    loss = np.power(y - scores, 2)
    history.append(np.mean(np.abs(loss)))
    print("round %d: loss %f" % (i, np.mean(np.abs(loss))))

    dscores = 2 * (y - scores)

    dW2 = np.dot(hidden.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)

    dW2 += reg * W2
    dW += reg * W

    W += -step_size * dW
    b += -step_size * db
    W2 += -step_size * dW2
    b2 += -step_size * db2
"""

ANSWER = """\
import numpy as np

np.random.seed(0)
N = 100
D = 2
X = np.zeros([N, D])
y = np.zeros([N, 1])
for row in range(N):
    X[row, :] = np.random.randint(0, 5, size=2)
    y[row] = X[row, 0] + X[row, 1]

H = 10
W = 0.01 * np.random.randn(D, H)
b = np.zeros([1, H])
W2 = 0.01 * np.random.randn(H, 1)
b2 = np.zeros([1, 1])

step_size = 0.0005
reg = 0.001

for i in range(100):
    hidden = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden, W2) + b2

    penalty = 0.5 * reg * np.sum(W * W) + 0.5 * reg * np.sum(W2 * W2)
    loss = np.mean(np.power(y - scores, 2)) + penalty
    print("round %d: loss %f" % (i, loss))

    dscores = (scores - y)

    dW2 = np.dot(hidden.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)

    dW2 += reg * W2
    dW += reg * W

    W += -step_size * dW
    b += -step_size * db
    W2 += -step_size * dW2
    b2 += -step_size * db2

X = np.array([[1, 0], [0, 1], [2, 3], [2, 2]]).reshape([-1, 2])
y_test = np.array([1, 1, 5, 4]).reshape([-1, 1])
hidden = np.maximum(0, np.dot(X, W) + b)
scores = np.dot(hidden, W2) + b2
print("mean error on the test set = %f" % np.mean((scores - y_test).T))
"""


@pytest.fixture(scope="module")
def question() -> FileReport:
    return report_of(QUESTION)


@pytest.fixture(scope="module")
def answer() -> FileReport:
    return report_of(ANSWER)


def _of(report: FileReport, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def test_the_flipped_sign_is_the_error_of_the_question(question: FileReport) -> None:
    assert question.verdict is Verdict.WRONG
    assert errors(question) == [("GL102", line_of(QUESTION, "dscores = "))]


def test_the_fix_of_the_question_turns_the_difference(question: FileReport) -> None:
    (finding,) = _of(question, "GL102")
    assert finding.fix is not None
    after = apply_edits(QUESTION, finding.fix.edits)
    assert "dscores = 2 * (scores - y)" in after
    assert errors(report_of(after)) == []


def test_the_regularisation_that_the_loss_leaves_out_is_a_warning(question: FileReport) -> None:
    lines = {line_of(QUESTION, "dW2 += reg"), line_of(QUESTION, "dW += reg")}
    warnings = _of(question, "GL202")
    assert {finding.span.line for finding in warnings} == lines
    assert {finding.severity for finding in warnings} == {Severity.WARNING}


def test_the_question_has_no_other_problem(question: FileReport) -> None:
    assert {code for code, _ in problems(question)} == {"GL102", "GL202"}


def test_no_gradient_of_the_answer_points_the_wrong_way(answer: FileReport) -> None:
    assert errors(answer) == []
    assert answer.verdict is Verdict.SUSPECT
    assert Agreement.OPPOSITE not in {gradient.static for gradient in answer.gradients}


def test_the_data_term_of_the_answer_is_half_the_number_of_examples(answer: FileReport) -> None:
    found = _of(answer, "GL204")
    assert found and {code for code, _ in problems(answer)} == {"GL204"}
    assert all("N / 2 = 50" in finding.message for finding in found)


def test_the_answer_in_the_scale_of_its_loss_is_correct() -> None:
    right = ANSWER.replace("(scores - y)\n\n", "2 * (scores - y) / N\n\n", 1)
    assert right != ANSWER
    assert report_of(right).verdict is Verdict.CORRECT
    assert problems(report_of(right)) == []
