"""Claims against the truth."""

from gradlint.judging.case import Case, split, walk_case
from gradlint.judging.choosing import choose, is_saturated
from gradlint.judging.compare import UNKNOWN, Comparison, compare
from gradlint.judging.judge import Judgement, judge
from gradlint.judging.truth import Truth, truth

__all__ = [
    "UNKNOWN",
    "Case",
    "Comparison",
    "Judgement",
    "Truth",
    "choose",
    "compare",
    "is_saturated",
    "judge",
    "split",
    "truth",
    "walk_case",
]  # fmt: skip
