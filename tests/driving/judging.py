"""What is said of a module that nothing calls, in few words."""

from __future__ import annotations

from ..analysing import errors, problems, report_after, report_of

NUMPY = "import numpy as np\n"
TORCH = "import torch\n"


def rows(text: str) -> dict[str, str]:
    """What each gradient is of, with what was found out about it."""
    return {row.of: row.static.value for row in report_of(text).gradients}


def assert_right(text: str, *of: str) -> None:
    """The script is correct, nothing is said of it, and the gradients of `of` were checked."""
    found = report_of(text)
    assert (found.verdict.value, problems(found)) == ("correct", []), found.reason
    assert set(of) <= {row.of for row in found.gradients}


def assert_wrong(text: str, line: str, *codes: str, fixed: bool = True) -> None:
    """The only problem stands in the line that holds `line`, is one of `codes`, and its fix mends it."""
    found = report_of(text)
    assert found.verdict.value == "wrong", found.reason
    told = problems(found)
    assert {number for _, number in told} == {_number(text, line)}, told
    assert {code for code, _ in told} <= set(codes), told
    if fixed:
        after = report_after(found)
        assert after is not None and errors(after) == []
        assert after.verdict.value == "correct", after.reason


def assert_silent(text: str) -> None:
    """Nothing is said of the script, whatever its verdict."""
    assert problems(report_of(text)) == []


def _number(text: str, line: str) -> int:
    (number,) = [n for n, one in enumerate(text.lstrip("\n").splitlines(), 1) if line in one]
    return number
