"""numpy names that are gone, and what is written in their place."""

from __future__ import annotations

import pytest

from gradlint.reading import read_script

IMPORT = "import numpy as np\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("x = np.zeros(3, np.int)", "x = np.zeros(3, int)", id="int"),
        pytest.param("x = y.astype(np.float)", "x = y.astype(float)", id="float"),
        pytest.param("x = y.astype(np.bool)", "x = y.astype(bool)", id="bool"),
        pytest.param("x = np.array([], dtype=np.object)", "x = np.array([], dtype=object)", id="object"),
        pytest.param("x = np.float_(3)", "x = np.float64(3)", id="float_"),
        pytest.param("x = np.asscalar(y)", "x = float(y)", id="asscalar"),
        pytest.param("x = np.Inf", "x = np.inf", id="Inf"),
        pytest.param("x = np.product(y)", "x = np.prod(y)", id="product"),
        pytest.param(
            "x = np.random.random_integers(0, 4, size=2)", "x = np.random.randint(0, 5, size=2)",
            id="random integers",
        ),
        pytest.param(
            "x = np.random.random_integers(n)", "x = np.random.randint(1, n + 1)", id="up to n"
        ),
        pytest.param(
            "x = np.random.random_integers(1, high=a if b else c)",
            "x = np.random.randint(1, high=(a if b else c) + 1)", id="up to an expression",
        ),
    ],
)  # fmt: skip
def test_is_read_as_what_it_meant_and_noted(line: str, expected: str) -> None:
    script = read_script(IMPORT + line + "\n", "a.py")
    assert script.module.text == IMPORT + expected + "\n"
    (note,) = script.notices
    assert (note.code, note.severity.value, note.span.line) == ("GL005", "note", 2)
    assert note.fix is not None and note.fix.verified


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("x = np.float64(3)", id="a type that stays"),
        pytest.param("x = np.int32(3)", id="another"),
        pytest.param("x = torch.float", id="of another library"),
        pytest.param("x = self.np.int", id="a member of something else"),
        pytest.param("x = 'np.int'", id="in a string"),
        pytest.param("x = np.random.randint(4)", id="the function of today"),
    ],
)
def test_other_names_are_left_alone(line: str) -> None:
    script = read_script(IMPORT + line + "\n", "a.py")
    assert (script.notices, script.module.text) == ((), IMPORT + line + "\n")
