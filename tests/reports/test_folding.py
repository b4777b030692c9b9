"""The table where one line steps many single numbers: the first few stand for those that say the same."""

from __future__ import annotations

from dataclasses import replace

from gradlint.model import Agreement, Gradient
from gradlint.reports.folding import MOST, SHOWN, folded

ROWS = [Gradient(f"step of w[{i}]", f"w[{i}]", "loss", 7, Agreement.EQUAL) for i in range(MOST + 4)]


def test_the_first_of_many_alike_stand_for_all() -> None:
    found = folded(ROWS)
    assert [one.gradient for one in found] == ROWS[:SHOWN]
    assert [one.more for one in found] == [0, 0, len(ROWS) - SHOWN]


def test_a_few_are_all_shown() -> None:
    assert [one.gradient for one in folded(ROWS[:MOST])] == ROWS[:MOST]


def test_one_that_differs_is_shown_wherever_it_stands() -> None:
    wrong = replace(ROWS[-2], static=Agreement.DIFFERENT)
    found = folded([*ROWS[:-2], wrong, ROWS[-1]])
    assert wrong in [one.gradient for one in found]
    assert sum(1 + one.more for one in found) == len(ROWS)


def test_those_of_several_lines_are_not_mixed() -> None:
    elsewhere = [replace(row, line=9) for row in ROWS]
    found = folded([*ROWS, *elsewhere])
    assert [one.gradient.line for one in found] == [7] * SHOWN + [9] * SHOWN
