"""The formulas of optimisers: near misses are named, equal forms and own rules are silent."""

from __future__ import annotations

import pytest

from gradlint.model import FileReport, Severity, Verdict

from ..analysing import report_of

_HEAD = """import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
w = rng.normal(size=(3, 2))
m, v, s = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
lr, beta1, beta2, eps, mu = 0.01, 0.9, 0.999, 1e-8, 0.9
for t in range(1, 101):
    loss = 0.5 * np.sum((x @ w - y) ** 2)
    g = x.T @ (x @ w - y)
"""
_FIRST, _SECOND = "m = beta1 * m + (1 - beta1) * g", "v = beta2 * v + (1 - beta2) * g ** 2"
_PLAIN = "w -= lr * m / (np.sqrt(v) + eps)"
_HATS = "mh, vh = m / (1 - beta1 ** t), v / (1 - beta2 ** t)"
_STEP = "w -= lr * mh / (np.sqrt(vh) + eps)"

_RIGHT = {
    "adam": [_FIRST, _SECOND, _HATS, _STEP],
    "adam without correction": [_FIRST, _SECOND, _PLAIN],
    "adam with its rates folded": [
        "m += (1 - beta1) * (g - m)", "v += (1 - beta2) * (g * g - v)",
        "a = lr * np.sqrt(1 - beta2 ** t) / (1 - beta1 ** t)", "w -= a * m / (np.sqrt(v) + eps)",
    ],
    "adamw": [_FIRST, _SECOND, _HATS, "w -= lr * (mh / (np.sqrt(vh) + eps) + 0.01 * w)"],
    "adamax": [
        _FIRST, "v = np.maximum(beta2 * v, np.abs(g))", "w -= lr / (1 - beta1 ** t) * m / (v + eps)",
    ],
    "amsgrad": [_FIRST, _SECOND, "s = np.maximum(s, v)", "w -= lr * m / (np.sqrt(s) + eps)"],
    "momentum with the rate inside": ["v = mu * v - lr * g", "w += v"],
    "momentum with the rate outside": ["v = mu * v + g", "w -= lr * v"],
    "momentum as an average": ["v = mu * v + (1 - mu) * g", "w -= lr * v"],
    "nesterov": ["old = v", "v = mu * v - lr * g", "w += -mu * old + (1 + mu) * v"],
    "nesterov in one line": ["v = mu * v + g", "w -= lr * (g + mu * v)"],
    "adagrad": ["v += g ** 2", "w -= lr * g / (np.sqrt(v) + eps)"],
    "adagrad, epsilon inside": ["v += g * g", "w -= lr * g / np.sqrt(v + eps)"],
    "rmsprop": ["v = mu * v + (1 - mu) * np.square(g)", "w -= lr * g / (np.sqrt(v) + eps)"],
    "nadam": [
        _FIRST, _SECOND, _HATS, "c = (1 - beta1) * g / (1 - beta1 ** t)",
        "w -= lr * (beta1 * mh + c) / (np.sqrt(vh) + eps)",
    ],
    "adabelief": [_FIRST, "v = beta2 * v + (1 - beta2) * (g - m) ** 2", _HATS, _STEP],
    "lion": [
        "u = np.sign(beta1 * m + (1 - beta1) * g)", "m = beta2 * m + (1 - beta2) * g", "w -= lr * u",
    ],
    "adam with a rate that falls": [_FIRST, _SECOND, _HATS, _STEP.replace("lr", "lr / t")],
    "an average that forgets fast": ["v = (1 - mu) * g + mu * v", "w -= lr * v"],
    "a mean of gradients that is printed": ["m = mu * m + (1 - mu) * g", "w -= lr * g", "print(m)"],
    "rmsprop by a power": ["v = mu * v + (1 - mu) * g ** 2", "w -= lr * g * (v + eps) ** -0.5"],
}  # fmt: skip

_WRONG = {
    "first moment with the second rate": (
        ["m = beta1 * m + (1 - beta2) * g", _SECOND, _HATS, _STEP], 10, "takes in 0.001",
    ),
    "second moment with the first rate": (
        [_FIRST, "v = beta2 * v + (1 - beta1) * g ** 2", _HATS, _STEP], 11, "takes in 0.1",
    ),
    "adam corrected with a product": (
        [_FIRST, _SECOND, _HATS.replace("beta1 ** t", "beta1 * t"), _STEP], 12, "0.9 ** t",
    ),
    "adam without the root": (
        [_FIRST, _SECOND, "w -= lr * m / (v + eps)"], 12, "square root",
    ),
    "rmsprop without the root": (
        ["v = mu * v + (1 - mu) * g ** 2", "w -= lr * g / (v + eps)"], 11, "square root",
    ),
    "adagrad without the root": (["v += g ** 2", "w -= lr * g / (v + eps)"], 11, "square root"),
    "first moment corrected with the second rate": (
        [_FIRST, _SECOND, "mh = m / (1 - beta2 ** t)", "vh = v / (1 - beta2 ** t)", _STEP], 12,
        "corrected with 0.999",
    ),
    "second moment corrected with the first rate": (
        [_FIRST, _SECOND, "mh = m / (1 - beta1 ** t)", "vh = v / (1 - beta1 ** t)", _STEP], 13,
        "corrected with 0.9",
    ),
    "no power of the step": (
        [_FIRST, _SECOND, "mh = m / (1 - beta1)", "vh = v / (1 - beta2 ** t)", _STEP], 12,
        "the first step alone",
    ),
    "momentum that turns": (["v = -mu * v - lr * g", "w += v"], 10, "its sign turns"),
    "no square": (
        [_FIRST, "v = beta2 * v + (1 - beta2) * g", _HATS, _STEP], 11, "not its square",
    ),
    "the first moment from the second": (
        ["m = beta1 * v + (1 - beta1) * g", _SECOND, _HATS, _STEP], 10, "v does not",
    ),
    "the second moment from the first": (
        [_FIRST, "v = beta2 * m + (1 - beta2) * g ** 2", _HATS, _STEP], 11, "a part of it does not",
    ),
    "the second moment corrected as the first": (
        [_FIRST, _SECOND, "mh = v / (1 - beta1 ** t)", "vh = v / (1 - beta2 ** t)", _STEP], 12,
        "stays the same where g turns round",
    ),
    "the first moment corrected as the second": (
        [_FIRST, _SECOND, "mh = m / (1 - beta1 ** t)", "vh = m / (1 - beta2 ** t)", _STEP], 13,
        "a mean of squares belongs there",
    ),
    "a square in the first moment": (
        ["m = beta1 * m + (1 - beta1) * g ** 2", _SECOND, _HATS, _STEP], 10, "stays the same",
    ),
    "a rate where the rest of it belongs": (
        ["m = beta1 * m + beta1 * g", _SECOND, _HATS, _STEP], 10, "takes in 1 - beta1",
    ),
    "the rest of a rate twice": (
        [_FIRST, "v = (1 - beta2) * v + (1 - beta2) * g ** 2", _HATS, _STEP], 11, "beta2 = 0.999",
    ),
    "a rate and its rest exchanged": (
        [_FIRST, "v = (1 - beta2) * v + beta2 * g ** 2", _HATS, _STEP], 11, "are exchanged",
    ),
    "a root that multiplies": (
        [_FIRST, _SECOND, _HATS, "w -= lr * mh * (np.sqrt(vh) + eps)"], 13, "100 times as large",
    ),
    "corrected with a plus": (
        [_FIRST, _SECOND, _HATS.replace("1 - beta1", "1 + beta1"), _STEP], 12, "divided by 1 + 0.9",
    ),
    "corrected by multiplying": (
        [_FIRST, _SECOND, "mh, vh = m * (1 - beta1 ** t), v / (1 - beta2 ** t)", _STEP], 12,
        "multiplied by 1 - 0.9",
    ),
    "one moment not corrected": (
        [_FIRST, _SECOND, _HATS, "w -= lr * m / (np.sqrt(vh) + eps)"], 13, "m is not corrected",
    ),
    "a moment that forgets": (
        ["m = (1 - beta1) * g", _SECOND, _HATS, _STEP], 10, "beta1 * m is not added",
    ),
    "a momentum that no step uses": (["v = mu * v - lr * g", "w -= lr * g"], 10, "no step uses it"),
    "a momentum that stays zero": (["new = mu * v - lr * g", "w += new"], 10, "v stays zero"),
    "the squares of the parameter": (
        ["v += w * w", "w -= lr * g / (np.sqrt(v) + eps)"], 10, "its gradient g belongs",
    ),
    "plus for minus": (["m = beta1 * m + (1 + beta1) * g", "w -= lr * m"], 10, "1 - 0.9"),
}  # fmt: skip


def _report(lines: list[str]) -> FileReport:
    return report_of(_HEAD + "".join(f"    {line}\n" for line in lines))


@pytest.mark.parametrize("lines", _RIGHT.values(), ids=_RIGHT.keys())
def test_a_textbook_form_is_silent(lines: list[str]) -> None:
    report = _report(lines)
    assert not report.findings
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize(("lines", "line", "said"), _WRONG.values(), ids=_WRONG.keys())
def test_a_slip_is_named_on_its_line(lines: list[str], line: int, said: str) -> None:
    (found,) = (f for f in _report(lines).findings if f.severity is not Severity.NOTE)
    assert (found.code, found.span.line) == ("GL307", line)
    assert said in found.message


def test_a_rule_of_ones_own_is_silent() -> None:
    own = ["v = 0.5 * v + 0.7 * g", "w -= lr * (v + 0.1 * g)"]
    assert not _report(own).findings


_TWO_TRAININGS = """import numpy as np
x, y = np.random.randn(30, 3), np.random.randn(30, 2)

def with_momentum(params, grads, v, beta, lr):
    for name in params:
        v[name] = beta * v[name] + (1 - beta) * grads[name]
        params[name] = params[name] - lr * v[name]
    return params, v

def with_adam(params, grads, v, s, t, lr, beta1=0.9, beta2=0.999, epsilon=1e-8):
    for name in params:
        v[name] = beta1 * v[name] + (1 - beta1) * grads[name]
        s[name] = beta2 * s[name] + (1 - beta2) * grads[name] ** 2
        first, second = v[name] / (1 - beta1 ** t), s[name] / (1 - beta2 ** t)
        params[name] = params[name] - lr * first / (np.sqrt(second) + epsilon)
    return params, v, s

def model(optimizer, lr=0.01, epochs=100):
    params = {"w": np.random.randn(3, 2), "b": np.zeros((1, 2))}
    v = {name: np.zeros(p.shape) for name, p in params.items()}
    s = {name: np.zeros(p.shape) for name, p in params.items()}
    t = 0
    for epoch in range(epochs):
        error = x @ params["w"] + params["b"] - y
        cost = np.sum(error ** 2) / 2
        grads = {"w": x.T @ error, "b": error.sum(axis=0, keepdims=True)}
        if optimizer == "momentum":
            params, v = with_momentum(params, grads, v, 0.9, lr)
        else:
            t = t + 1
            params, v, s = with_adam(params, grads, v, s, t, lr)
    return params

model("momentum")
model("adam")
"""


def test_the_state_of_a_loop_that_is_run_again_is_looked_through() -> None:
    found = report_of(_TWO_TRAININGS)
    assert found.verdict is Verdict.CORRECT, found.reason
    assert {row.line for row in found.gradients} == {26}
    assert not [one for one in found.findings if one.severity is not Severity.NOTE]


def test_a_slip_in_a_loop_that_is_run_again_is_found() -> None:
    found = report_of(_TWO_TRAININGS.replace("* grads[name] ** 2", "* grads[name]"))
    assert {one.span.line for one in found.findings if one.severity is not Severity.NOTE} == {13}


def test_a_step_along_what_is_handed_in_says_nothing_against_the_rest() -> None:
    found = report_of(_TWO_TRAININGS.replace('model("momentum")\n', ""))
    assert found.verdict is Verdict.CORRECT, found.reason
