"""The dialect of a script is the style that it uses most."""

from __future__ import annotations

import pytest

from gradlint.ops import Dialect

NUMPY = "import numpy as np\n"
TORCH = "import torch\n"


@pytest.mark.parametrize(
    ("source", "product", "transpose"),
    [
        pytest.param(NUMPY + "a = x.dot(w)\ng = x.T.dot(d)", "{a}.dot({b})", "{a}.T", id="dot"),
        pytest.param(
            NUMPY + "a = np.dot(x, w)\ng = np.dot(np.transpose(x), d)",
            "{module}dot({a}, {b})",
            "{module}transpose({a})",
            id="np.dot and np.transpose",
        ),
        pytest.param(NUMPY + "a = x @ w", "{a} @ {b}", "{a}.T", id="the operator"),
        pytest.param(
            NUMPY + "a = np.matmul(x, w)", "{module}matmul({a}, {b})", "{a}.T", id="np.matmul"
        ),
        pytest.param(
            TORCH + "a = x.mm(w)\ng = x.t().mm(d)", "{a}.mm({b})", "{a}.t()", id="mm and t()"
        ),
        pytest.param(
            TORCH + "a = torch.mm(x, w)\ng = torch.mm(torch.t(x), d)",
            "{module}mm({a}, {b})",
            "{module}t({a})",
            id="torch.mm and torch.t",
        ),
        pytest.param(
            TORCH + "a = x.matmul(w).clamp(min=0)", "{a}.matmul({b})", "{a}.T", id="matmul method"
        ),
        pytest.param(
            NUMPY + "a = x @ w + y @ u\nb = x.dot(w)",
            "{a} @ {b}",
            "{a}.T",
            id="the commoner of two",
        ),
        pytest.param(NUMPY + "a = x * w", "{a} @ {b}", "{a}.T", id="none is the default"),
    ],
)
def test_products_and_transposes_are_those_of_the_script(
    source: str, product: str, transpose: str
) -> None:
    dialect = Dialect.from_source(source)
    assert (dialect.product, dialect.transpose) == (product, transpose)


@pytest.mark.parametrize(
    ("source", "module", "library"),
    [
        pytest.param("import numpy as np\nnp.exp(x)", "np.", "numpy", id="the usual alias"),
        pytest.param("import numpy\nnumpy.exp(x)", "numpy.", "numpy", id="no alias"),
        pytest.param("import numpy as xp\nxp.exp(x)", "xp.", "numpy", id="an alias of one's own"),
        pytest.param("from numpy import exp, dot\nexp(x)", "", "numpy", id="bare names"),
        pytest.param("import torch\ntorch.exp(x)", "torch.", "torch", id="torch"),
        pytest.param("import torch as th\nth.exp(x)", "th.", "torch", id="an alias of torch"),
        pytest.param(
            "import numpy as np\nimport torch\ntorch.exp(x)\ntorch.mm(x, w)\nnp.pi",
            "torch.",
            "torch",
            id="torch with a little numpy",
        ),
        pytest.param("x = [1, 2]", "np.", "numpy", id="neither"),
    ],
)
def test_the_module_is_named_as_the_script_names_it(source: str, module: str, library: str) -> None:
    dialect = Dialect.from_source(source)
    assert (dialect.module, dialect.library) == (module, library)


def test_sums_are_functions_or_methods_as_in_the_script() -> None:
    method = Dialect.from_source(NUMPY + "db = d.sum(axis=0)")
    function = Dialect.from_source(NUMPY + "db = np.sum(d, axis=0)")
    assert method.total == "{a}.sum({options})"
    assert function.total == "{module}sum({a}{options})"


def test_axes_are_called_dim_in_torch() -> None:
    torch = Dialect.from_source(TORCH + "torch.exp(x)")
    assert (torch.axis, torch.keepdims) == ("dim", "keepdim")
    assert (Dialect().axis, Dialect().keepdims) == ("axis", "keepdims")
