"""Notebooks: the code cells found in the JSON, and written back with all else byte for byte."""

from __future__ import annotations

import json
from typing import Any

import nbformat as _nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.reading.notebooks import code_cells, says_python2, with_sources

nbformat: Any = _nbformat
sources = st.text(alphabet='ab =\n"\\é𝑥\t/u0[]', max_size=25)


def _as_lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


@st.composite
def notebooks(draw: st.DrawFn) -> tuple[str, list[str]]:
    """The text of a notebook in one of the forms that tools write, and its code."""
    codes = draw(st.lists(sources, min_size=1, max_size=4))
    listed = draw(st.booleans())
    cells: list[dict[str, Any]] = []
    for code in codes:
        cells.append({"cell_type": "markdown", "metadata": {}, "source": ["# é\n", "words"]})
        source: Any = _as_lines(code) if listed else code
        cells.append({"cell_type": "code", "execution_count": None, "metadata": {"a": [1, "]}"]},
                      "outputs": [{"data": {"text/plain": ["\u2713 \\n"]}}], "source": source})  # fmt: skip
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    text = json.dumps(
        document,
        indent=draw(st.sampled_from([None, 1, 2, "\t"])),
        ensure_ascii=draw(st.booleans()),
        sort_keys=draw(st.booleans()),
    )
    return text + draw(st.sampled_from(["", "\n"])), codes


@settings(deadline=None, derandomize=True, database=None)
@given(notebooks())
def test_the_code_cells_are_found_with_their_numbers(made: tuple[str, list[str]]) -> None:
    text, codes = made
    assert [(c.number, c.source) for c in code_cells(text)] == [
        (2 * i, code) for i, code in enumerate(codes, 1)
    ]


@settings(deadline=None, derandomize=True, database=None)
@given(notebooks(), sources)
def test_one_cell_is_rewritten_and_nothing_else(made: tuple[str, list[str]], new: str) -> None:
    text, _codes = made
    after = with_sources(text, {2: new})
    (old_cell, *_), (new_cell, *_) = code_cells(text), code_cells(after)
    assert new_cell.source == new
    assert after[: new_cell.start] == text[: old_cell.start]
    assert after[new_cell.end :] == text[old_cell.end :]


@settings(deadline=None, derandomize=True, database=None)
@given(notebooks())
def test_the_same_sources_give_the_same_bytes(made: tuple[str, list[str]]) -> None:
    text, codes = made
    assert with_sources(text, {2 * i: code for i, code in enumerate(codes, 1)}) == text


def test_a_changed_line_leaves_the_other_lines_as_they_are_escaped() -> None:
    text = (
        '{"cells": [{"cell_type": "code", "source": ["# \\u00e9\\/\\n",\n    "w -= g\\n",\n'
        '    "x"]}], "nbformat": 4}'
    )
    after = with_sources(text, {1: "# é/\nw -= 2 * g\nx"})
    assert after == text.replace("w -= g", "w -= 2 * g")


def test_a_source_that_is_one_string_stays_one() -> None:
    text = '{"cells": [{"cell_type": "code", "source": "a \\u003d 1\\nb = 2"}]}'
    assert with_sources(text, {1: "a = 1\nb = 3"}) == text.replace("b = 2", "b = 3")


def test_what_is_written_is_a_valid_notebook() -> None:
    cells = [nbformat.v4.new_code_cell("a = 1\nb = 2"), nbformat.v4.new_code_cell("c")]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    after = with_sources(text, {1: "a = 3\n\nb = 'é'\nc = 4", 2: "d = 5\n"})
    read = nbformat.reads(after, as_version=4)
    nbformat.validate(read)
    assert [cell.source for cell in read.cells] == ["a = 3\n\nb = 'é'\nc = 4", "d = 5\n"]
    assert nbformat.writes(read) == after.rstrip("\n")


def test_the_cells_of_version_3_lie_in_worksheets() -> None:
    sheet = nbformat.v3.new_worksheet(
        cells=[nbformat.v3.new_text_cell("markdown", "words"), nbformat.v3.new_code_cell("a = 1")]
    )
    text = nbformat.v3.writes_json(nbformat.v3.new_notebook(worksheets=[sheet]))
    assert [(c.number, c.source) for c in code_cells(text)] == [(2, "a = 1")]
    assert code_cells(with_sources(text, {2: "a = 2"}))[0].source == "a = 2"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param({"language_info": {"name": "python", "version": "2.7.1"}}, True, id="version"),
        pytest.param({"kernelspec": {"name": "python2"}}, True, id="kernel"),
        pytest.param({"kernelspec": {"name": "python3"}}, False, id="Python 3"),
        pytest.param({"kernelspec": {"name": "conda-root"}}, None, id="a kernel of one's own"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_the_metadata_tell_the_python(metadata: dict[str, Any], expected: bool | None) -> None:
    assert says_python2(json.dumps({"cells": [], "metadata": metadata})) is expected


def test_a_notebook_of_another_language_has_no_cells_of_python() -> None:
    cells = [{"cell_type": "code", "source": "w <- 1"}]
    assert not code_cells(
        json.dumps({"metadata": {"kernelspec": {"language": "R"}}, "cells": cells})
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 3}', '{"a": 1}', '{"cells": [', "nul"])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        code_cells(text)
