"""What travels between the processes arrives as it was."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gradlint.harness.job import dumps, job_of, loads
from gradlint.harness.result import RunResult, Witness
from gradlint.judging import judge, walk_case
from gradlint.model import Agreement, Run
from tests.harness import scripts
from tests.harness.conftest import judged


def test_a_result_survives_its_json() -> None:
    witness = Witness("w1", Agreement.SCALED, Agreement.NOT_RUN, 0.5, 1.0, 2.0, None)
    result = RunResult("ok", "cpu", 3, "a note", (witness,), (3.0, 2.5), False)
    assert RunResult.from_json(result.to_json()) == result
    assert result.run == Run("ok", "cpu", 3, "a note")


def test_numbers_that_json_does_not_know_are_left_out() -> None:
    witness = Witness("w", max_relative_error=math.inf, cosine=math.nan)
    found = RunResult.from_json(RunResult(witnesses=(witness,), losses=(math.nan,)).to_json())
    assert found.witnesses[0].max_relative_error is None
    assert math.isnan(found.losses[0])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing was written"),
        pytest.param('{"status": "ok"', id="half a result"),
        pytest.param('{"status": "ok"}', id="fields are missing"),
        pytest.param('["ok"]', id="something else"),
    ],
)
def test_what_is_no_result_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        RunResult.from_json(text)


def test_a_job_carries_what_the_walks_taught(tmp_path: Path) -> None:
    case, judgement = judged(scripts.MINI_BATCHES, tmp_path / "script.py")
    job = job_of(case, judgement.spec, limit=7.0)
    (copy,) = loads(dumps([job]))
    assert (copy.limit, copy.path) == (7.0, str(tmp_path / "script.py"))
    again = judge(walk_case(copy.module, copy.facts), copy.spec)
    assert again is not None
    assert again.comparisons == judgement.comparisons
    assert copy.loop is not None and copy.loop.span.line == 9
