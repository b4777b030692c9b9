"""Arrays with two names, of which one is changed in place; and where that is right."""

from __future__ import annotations

import pytest

from gradlint.model import FileReport, Verdict

from ..analysing import report_of

_FORWARD = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w1, w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
mask = rng.random(size=(12, 5)) * 2
for step in range(100):
    a = np.tanh(x @ w1)
    h = {copy}
    h *= mask
    p = h @ w2
    loss = 0.5 * np.sum((p - y) ** 2)
    dp = p - y
    dw2 = h.T @ dp
    da = dp @ w2.T * mask
    dw1 = x.T @ (da * (1 - a**2))
    w1 -= 0.1 * dw1
    w2 -= 0.1 * dw2
"""


def test_an_array_that_is_shared_is_copied() -> None:
    (found,) = report_of(_FORWARD.format(copy="a")).findings
    assert (found.code, found.span.line) == ("GL119", 8)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "a.copy()"


def test_a_tensor_of_torch_is_cloned() -> None:
    text = _FORWARD.format(copy="a").replace(
        "import numpy as np\nrng = np.random.default_rng(0)", "import torch"
    )
    for old, new in (
        ("rng.normal(size=(", "torch.randn(("),
        ("rng.random(size=(", "torch.rand(("),
        ("np.", "torch."),
        (".T", ".t()"),
    ):
        text = text.replace(old, new)
    (found,) = report_of(text).findings
    assert found.fix is not None and found.fix.edits[0].content == "a.clone()"


@pytest.mark.parametrize("copy", ["a.copy()", "a + 0", "np.array(a)"])
def test_a_copy_is_silent(copy: str) -> None:
    report = report_of(_FORWARD.format(copy=copy))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


def _in_function(line: str) -> FileReport:
    return report_of(f"""
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w1, w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))

def relu_back(d, z):
    {line}
    return d

for step in range(100):
    z = x @ w1
    h = np.maximum(z, 0)
    loss = 0.5 * np.sum((h @ w2 - y) ** 2)
    dp = h @ w2 - y
    dh = dp @ w2.T
    dz = relu_back(dh, z)
    dw1 = x.T @ dz
    dw2 = h.T @ dp
    w1 -= 0.1 * dw1
    w2 -= 0.1 * dw2
""")


def test_an_argument_changed_in_place_that_nobody_needs_any_more_is_silent() -> None:
    report = _in_function("d *= z > 0")
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


def test_an_argument_that_the_caller_still_needs_is_named() -> None:
    report = report_of("""
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w1, w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))

def scaled(d, n):
    d /= n
    return d

for step in range(100):
    h = np.tanh(x @ w1)
    dp = h @ w2 - y
    loss = 0.5 * np.sum((h @ w2 - y) ** 2) / len(x)
    dw2 = h.T @ scaled(dp, len(x))
    dh = scaled(dp, len(x)) @ w2.T
    w1 -= 0.1 * x.T @ (dh * (1 - h**2))
    w2 -= 0.1 * dw2
""")
    (found,) = report.findings
    assert (found.code, found.span.line) == ("GL119", 7)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "d = d / n"
