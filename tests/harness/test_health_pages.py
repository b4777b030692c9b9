"""The pages of the family GL7, run: the wrong example shows its symptom, the right one none."""

from __future__ import annotations

import pytest

from gradlint import catalogue
from gradlint.catalogue import Rule
from gradlint.health import HealthOptions, Symptom, Thresholds, diagnose
from gradlint.model import Severity
from tests.harness.conftest import Confirm

PAGES = [rule for rule in catalogue.load().values() if rule.code.startswith("GL7")]
each_page = pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{rule.code} {rule.name}") for rule in PAGES]
)
WATCHED = HealthOptions(steps=60, seconds=100.0)


def _symptoms(confirm: Confirm, source: str) -> list[Symptom]:
    result = confirm(source, health=WATCHED)
    assert result.status == "ok", result.detail
    return [s for one in result.health for s in diagnose(one, Thresholds())]


@each_page
def test_the_wrong_example_shows_its_symptom_on_the_marked_line(
    rule: Rule, confirm: Confirm
) -> None:
    found = _symptoms(confirm, rule.wrong or "")
    told = {(s.code, s.span.line): s.severity for s in found}
    (line,) = rule.marked_lines()
    assert (rule.code, line) in told, told
    assert told[rule.code, line] is rule.severity


@each_page
def test_the_right_example_shows_nothing_at_all(rule: Rule, confirm: Confirm) -> None:
    assert _symptoms(confirm, rule.right or "") == []


def test_every_symptom_has_a_page() -> None:
    assert [rule.code for rule in PAGES] == [f"GL7{n:02}" for n in range(1, len(PAGES) + 1)]
    assert all(rule.severity is not Severity.ERROR for rule in PAGES)


LAYERS = """import numpy as np

np.random.seed(0)
x, y = np.random.randn(40, 5), np.random.randn(40, 2)
layers = [
    {"W": 0.5 * np.random.randn(5, 8), "b": np.zeros(8)},
    {"W": 0.5 * np.random.randn(8, 2), "b": np.zeros(2)},
]
grads = [{"W": np.zeros((5, 8)), "b": np.zeros(8)}, {"W": np.zeros((8, 2)), "b": np.zeros(2)}]
for step in range(100):
    h = np.tanh(x @ layers[0]["W"] + layers[0]["b"])
    out = h @ layers[1]["W"] + layers[1]["b"]
    loss = np.sum((out - y) ** 2)
    d = 2 * (out - y)
    for i, (inner, delta) in enumerate([(x, d @ layers[1]["W"].T * (1 - h**2)), (h, d)]):
        grads[i] = {"W": inner.T @ delta, "b": delta.sum(axis=0)}
    for layer, grad in zip(layers, grads):
        for key in layer:
            layer[key] -= 0.001 * grad[key]
"""


def test_parameters_that_one_statement_moves_are_told_apart(confirm: Confirm) -> None:
    (health,) = confirm(LAYERS, health=WATCHED).health
    shapes = [(p.name, p.shape) for p in health.parameters]
    assert shapes == [
        ("layers[0]['W']", (5, 8)), ("layers[0]['b']", (8,)),
        ("layers[1]['W']", (8, 2)), ("layers[1]['b']", (2,)),
    ]  # fmt: skip
    assert all(x.moved and x.gradient for p in health.parameters for x in p.looks)
    assert list(diagnose(health, Thresholds())) == []
