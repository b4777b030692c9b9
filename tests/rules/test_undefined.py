"""Names that nothing defines, in code that computes gradients."""

import pytest

from gradlint.reading import read_script
from gradlint.rules.undefined import cannot_run
from tests.analysing import report_of


def _said(text: str, path: str = "script.py") -> list[tuple[int, str]]:
    found = cannot_run(read_script(text, path).module)
    return [(one.span.line, one.message.split(":")[0]) for one in found]


def test_a_name_that_nothing_defines_in_a_backward_pass_is_told() -> None:
    text = "def backward(dh, cs):\n    dcs = dh * c\n    return dcs\n"
    assert _said(text) == [(2, "c is not defined in backward() or around it")]


def test_a_function_that_numpy_does_not_have_is_told_with_the_nearest_one() -> None:
    text = "import numpy as np\ndef backward(dz):\n    return [dz for i in np.range(3)]\n"
    module = read_script(text, "script.py").module
    assert [(f.message, f.help) for f in cannot_run(module)] == [
        ("numpy has no range: this line raises an AttributeError.", "is np.arange meant?")
    ]


def test_an_attribute_of_the_context_that_nothing_sets_is_told() -> None:
    text = (
        "import torch\nclass F(torch.autograd.Function):\n    @staticmethod\n"
        "    def forward(ctx, x, a):\n        return x * a\n    @staticmethod\n"
        "    def backward(ctx, g):\n        return g * ctx.a, None\n"
    )
    assert _said(text) == [(8, "nothing sets ctx.a")]
    assert not _said(text.replace("return x * a", "ctx.a = a\n        return x * a"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def plot(x):\n    return undefined_thing(x)\n", id="no gradient here"),
        pytest.param(
            "from layers import *\ndef backward(d):\n    return d * W\n", id="star import"
        ),
        pytest.param("exec(open('a').read())\ndef backward(d):\n    return d * W\n", id="exec"),
        pytest.param(
            "def init():\n    global W\n    W = 1\ndef backward(d):\n    return d * W\n",
            id="global of another function",
        ),
        pytest.param("def backward(d):\n    return d * W\nW = 2\n", id="defined below"),
        pytest.param(
            "def backward(d):\n    return [x * d for x in range(3) if x]\n", id="comprehension"
        ),
        pytest.param(
            "def backward(d):\n    try:\n        return d\n    except ValueError as e:\n"
            "        print(e)\n",
            id="exception",
        ),
        pytest.param("def backward(d):\n    for i in xrange(3):\n        d += i\n", id="Python 2"),
        pytest.param(
            "def backward(d, n=2, *a, **k):\n    f = lambda q, r=n: q + r\n    return f(d, *a, **k)\n",
            id="parameters",
        ),
        pytest.param("from numpy import *\ndef backward(d):\n    return dot(d, d)\n", id="numpy"),
    ],
)
def test_what_is_defined_somewhere_is_silent(text: str) -> None:
    assert _said(text) == []


CONTINUED = """
for step in range(100):
    dW = np.dot(X.T, np.dot(X, W) - y)
    W = W - 0.1 * dW
"""


def test_a_piece_that_goes_on_from_another_file_may_take_names_from_there() -> None:
    assert _said(CONTINUED) == []
    begun = "import numpy as np\nX = np.ones((4, 3))\nW = np.zeros((3, 1))\n" + CONTINUED
    assert _said(begun) == [(6, "y is not defined")]


def test_a_notebook_may_take_names_from_elsewhere() -> None:
    cell = (
        '{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": '
    )
    source = '"def backward(d):\\n    return d * W"}'
    text = '{"cells": [' + cell + source + '], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    assert _said(text, "notes.ipynb") == []


DEEP = """
import numpy as np

def deep_backward(AL, Y, caches):
    grads = {{}}
    L = len(caches)
    A_prev, W, b = caches[L - 1]
    dZ = AL - Y
    grads["dW" + str(L)] = dZ @ A_prev.T
    grads["dA" + str(L - 1)] = W.T @ dZ
    for l in reversed(range(L - 1)):
        A_prev, W, b = caches[l]
        dZ = grads["dA" + str(l + {step})] * (caches[l + 1][0] > 0)
        grads["dW" + str(l + 1)] = dZ @ A_prev.T
        grads["dA" + str(l)] = W.T @ dZ
    return grads
"""


def test_a_gradient_that_is_read_under_a_key_that_is_not_there_yet() -> None:
    found = report_of(DEEP.format(step=3))
    assert [(f.code, f.span.line) for f in found.findings if f.code == "GL603"] == [("GL603", 12)]
    right = report_of(DEEP.format(step=1))
    assert all(f.code != "GL603" for f in right.findings)


def test_a_key_that_may_be_missing_is_handled() -> None:
    text = DEEP.format(step=3) + "try:\n    pass\nexcept KeyError:\n    pass\n"
    assert all(f.code != "GL603" for f in report_of(text).findings)


def test_a_variable_that_is_read_before_it_has_a_value_is_told() -> None:
    added = "def backward(dz, x):\n    dx += dz * x\n    return dx\n"
    assert _said(added) == [(2, "dx has no value before this line, which reads it")]
    assert _said("def loss(h, y):\n    e = h(e) - y\n    return e @ e\n")[0][0] == 2


@pytest.mark.parametrize(
    "before",
    ["global dx", "dx = 0", "for dx in x: pass", "import dx", "with x as dx: pass", "(dx := 0)"],
)
def test_a_variable_that_gets_a_value_anywhere_in_its_function_is_not_told(before: str) -> None:
    assert not _said(
        f"dx = 0\ndef backward(dz, x):\n    {before}\n    dx += dz * x\n    return dx\n"
    )
    assert not _said(
        "def backward(dx, dz):\n    dx += dz\n    dz = (lambda dz: dz)(dx)\n    return dz\n"
    )
