"""Claims against the truth."""

from gradlint.judging.compare import UNKNOWN, Comparison, compare
from gradlint.judging.judge import Case, Judgement, choose, judge, split, walk_case
from gradlint.judging.truth import Truth, truth

__all__ = [
    "UNKNOWN",
    "Case",
    "Comparison",
    "Judgement",
    "Truth",
    "choose",
    "compare",
    "judge",
    "split",
    "truth",
    "walk_case",
]  # fmt: skip
