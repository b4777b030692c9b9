"""The way back through changes, and through chains of them to the user's cells."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.model import Edit, Span
from gradlint.reading.lines import Lines
from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.reading.sourcemap import Piece, SourceMap

texts = st.text(alphabet="ab \n\r(é𝑥", max_size=30)


@st.composite
def rewritings(draw: st.DrawFn) -> Rewriting:
    old = draw(texts)
    marks = st.integers(0, len(old))
    stretches = draw(st.lists(st.tuples(marks, marks, texts), max_size=4))
    return rewritten(old, [Change(min(a, b), max(a, b), c) for a, b, c in stretches])


def _kept(made: Rewriting) -> list[tuple[int, int]]:
    """Old and new offset of every character that no change touches."""
    pairs, shift = [], 0
    changes = [*made.changes, Change(len(made.old), len(made.old), "")]
    at = 0
    for change in changes:
        pairs += [(i, i + shift) for i in range(at, change.start)]
        shift += len(change.content) - (change.end - change.start)
        at = change.end
    return pairs


@settings(deadline=None, derandomize=True, database=None)
@given(rewritings())
def test_what_was_kept_leads_back_to_itself(made: Rewriting) -> None:
    for old, new in _kept(made):
        assert made.new[new] == made.old[old]
        assert made.back(new) == old
        assert made.back(new + 1, is_end=True) == old + 1


@settings(deadline=None, derandomize=True, database=None)
@given(rewritings())
def test_the_way_back_keeps_the_order_and_stays_inside(made: Rewriting) -> None:
    for is_end in (False, True):
        places = [made.back(at, is_end) for at in range(len(made.new) + 1)]
        assert places == sorted(places)
        assert all(0 <= place <= len(made.old) for place in places)


@pytest.mark.parametrize(
    ("changes", "stretch", "expected"),
    [
        pytest.param([Change(2, 4, "XYZ")], (2, 5), (2, 4), id="the whole of what was changed"),
        pytest.param([Change(2, 4, "XYZ")], (3, 4), (2, 4), id="inside of what was changed"),
        pytest.param([Change(2, 4, "")], (2, 3), (4, 5), id="begins behind what was taken out"),
        pytest.param([Change(2, 4, "")], (1, 2), (1, 2), id="ends before what was taken out"),
        pytest.param([Change(3, 3, "(")], (3, 5), (3, 4), id="what was put in"),
    ],
)
def test_stretches_lead_back_to_whole_changes(
    changes: list[Change], stretch: tuple[int, int], expected: tuple[int, int]
) -> None:
    made = rewritten("abcdefgh", changes)
    assert (made.back(stretch[0]), made.back(stretch[1], is_end=True)) == expected


@given(texts)
@settings(deadline=None, derandomize=True, database=None)
def test_offsets_and_places_are_the_same(text: str) -> None:
    lines = Lines(text)
    for at in range(len(text) + 1):
        assert lines.offset(*lines.place(at)) == at


def _two_cells() -> SourceMap:
    first = rewritten("%matplotlib inline\nw = 1\n", [Change(0, 18, "pass")])
    second = rewritten("print w\nb = w\n", [Change(5, 6, "("), Change(7, 7, ")")])
    text = first.new + second.new
    pieces = (Piece(0, (first,), 0, 2), Piece(len(first.new), (second,), 0, 5))
    return SourceMap(text, pieces, {2: first.old, 5: second.old})


@pytest.mark.parametrize(
    ("analysed", "expected"),
    [
        pytest.param(Span(2, 1, 2, 2), Span(2, 1, 2, 2, cell=2), id="in the first cell"),
        pytest.param(Span(3, 7, 3, 8), Span(1, 7, 1, 8, cell=5), id="an argument of print"),
        pytest.param(Span(3, 1, 3, 9), Span(1, 1, 1, 8, cell=5), id="the whole of the print"),
        pytest.param(Span(4, 5, 4, 6), Span(2, 5, 2, 6, cell=5), id="a line of the second cell"),
    ],
)
def test_spans_lead_back_to_their_cells(analysed: Span, expected: Span) -> None:
    assert _two_cells().span(analysed) == expected


def test_an_edit_that_cuts_through_a_change_is_refused() -> None:
    made = rewritten("x = xrange(3)\n", [Change(4, 10, "range")])
    to = SourceMap(made.new, (Piece(0, (made,)),), {None: made.old})
    assert to.edit(Edit(Span(1, 6, 1, 9), "y")) is None
    assert to.edit(Edit(Span(1, 5, 1, 13), "y")) == Edit(Span(1, 5, 1, 14), "y")


def test_an_edit_over_two_cells_is_refused() -> None:
    assert _two_cells().edit(Edit(Span(2, 1, 4, 1), "")) is None


def test_new_lines_are_not_put_behind_prompts() -> None:
    made = rewritten(">>> x = 1\n", [Change(0, 4, "")])
    to = SourceMap(made.new, (Piece(0, (made,)),), {None: made.old})
    assert to.edit(Edit(Span(1, 5, 1, 6), "1\ny = 2")) is None
    assert to.edit(Edit(Span(1, 5, 1, 6), "2")) == Edit(Span(1, 9, 1, 10), "2")
