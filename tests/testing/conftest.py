"""A pytest of its own for each test of the plugin, with scripts to collect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gradlint
import gradlint.analysis  # pytester forgets what is imported in it, and numpy cannot be imported twice
import gradlint.reports.full
from gradlint.model import FileReport
from gradlint.settings import CheckOptions
from gradlint.testing import fixture as fixture
from gradlint.testing import once

RIGHT = """\
import numpy as np
x, y = np.random.randn(8, 3), np.random.randn(8, 2)
w1, w2 = np.random.randn(3, 4), np.random.randn(4, 2)
for step in range(20):
    h = np.tanh(x @ w1)
    error = h @ w2 - y
    loss = (error**2).sum()
    grad_w2 = 2 * h.T @ error
    grad_w1 = x.T @ (2 * error @ w2.T * (1 - h**2))
    w1 -= 0.01 * grad_w1
    w2 -= 0.01 * grad_w2
"""
WRONG = RIGHT.replace("(1 - h**2)", "(1 - h)")

Run = Callable[..., pytest.RunResult]


_KNOWN: dict[tuple[bytes, str], FileReport] = {}


@pytest.fixture(autouse=True)
def _each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same script is analysed once for all tests."""
    before = once._checked

    def checked(path: str, options: CheckOptions) -> FileReport:
        key = (Path(path).read_bytes(), f"{path} {options}")
        if key not in _KNOWN:
            _KNOWN[key] = before(path, options)
        return _KNOWN[key]

    monkeypatch.setattr(once, "_checked", checked)


@pytest.fixture(autouse=True)
def _this_gradlint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytests that are started have no other plugins and find the package that is tested."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(gradlint.__file__).resolve().parents[1]))


@pytest.fixture
def scripts(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a right and a wrong script, and one that has nothing to do with gradients."""
    for name, text in (("right", RIGHT), ("wrong", WRONG), ("other", "print('hello')\n")):
        (pytester.path / f"{name}.py").write_text(text)
    return pytester


@pytest.fixture
def run(scripts: pytest.Pytester) -> Run:
    """Runs pytest with the plugin in this process; other plugins stay out, so that it is quick."""

    def call(*args: str) -> pytest.RunResult:
        own = ("-p", "gradlint.pytest_plugin", "-p", "no:cacheprovider")
        return scripts.runpytest_inprocess(*own, *args)

    return call
