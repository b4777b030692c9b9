"""Tables of pandas: frames are matrices, columns are vectors with as many rows."""

from __future__ import annotations

import pytest

from ..analysing import last_value, trace_of

HEAD = "import pandas as pd\nt = pd.read_csv('a.csv')\n"


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        pytest.param("a = t.values * 1.0", (14, 17), id="all values"),
        pytest.param("a = t.to_numpy() * 1.0", (14, 17), id="as an array"),
        pytest.param("a = t['x'].values * 1.0", (14,), id="a column"),
        pytest.param("a = t[['x', 'y']].values * 1.0", (14, 2), id="two columns"),
        pytest.param("a = t.iloc[:, :-1].values * 1.0", (14, 16), id="all columns but the last"),
        pytest.param("a = t.iloc[:, -1] * 1.0", (14,), id="the last column"),
        pytest.param("a = t.loc[:, 'x'] * 1.0", (14,), id="a column by its name"),
        pytest.param("a = (t - t.mean()) / t.std()", (14, 17), id="calculated with"),
        pytest.param("a = t.drop('x', axis=1).values.T @ t['x'].values", (20,), id="without one"),
        pytest.param("a = t.dropna().sample(frac=1).values * 1.0", (14, 17), id="in another order"),
    ],
)
def test_parts_of_a_table_have_the_shape_of_what_they_are(
    line: str, shape: tuple[int, ...]
) -> None:
    assert last_value(trace_of(HEAD + line), "a").shape == shape
