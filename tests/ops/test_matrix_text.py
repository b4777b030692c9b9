"""Expressions for scripts with `np.matrix` say elementwise products by `np.multiply`."""

from __future__ import annotations

import pytest

from gradlint.ops import Dialect
from gradlint.ops.matrix_text import for_matrices

MATRICES = "import numpy as np\nx = np.matrix(rows)\n"
ARRAYS = "import numpy as np\nx = np.array(rows)\n"
STARRED = "from numpy import *\nx = mat(rows)\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x.T @ (dh * (1 - h ** 2))", "x.T @ np.multiply(dh, 1 - np.power(h, 2))"),
        ("2 * diff", "2 * diff"),
        ("-0.5 * diff / n", "-0.5 * diff / n"),
        ("x.T @ (p - y)", "x.T @ (p - y)"),
    ],
)
def test_a_product_of_two_factors_is_written_as_a_call(text: str, written: str) -> None:
    assert for_matrices(text, Dialect.from_source(MATRICES)) == written


def test_a_star_import_names_the_function_alone() -> None:
    assert for_matrices("a * b", Dialect.from_source(STARRED)) == "multiply(a, b)"


def test_a_script_of_arrays_keeps_its_stars() -> None:
    assert for_matrices("a * b ** 2", Dialect.from_source(ARRAYS)) == "a * b ** 2"


def test_a_function_of_the_script_that_is_called_matrix_makes_no_matrices() -> None:
    assert not Dialect.from_source("import numpy as np\nm = matrix(3)\ny = np.ones(3)\n").matrices
