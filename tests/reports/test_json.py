"""The JSON report against its schema and against the contract that others rely on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from gradlint.model import Agreement, FileReport
from gradlint.reports import Look, render
from gradlint.reports.json import document, schema

from . import samples


def _document(*reports: FileReport) -> Any:
    return json.loads("".join(render("json", reports, Look())))


def test_looks_as_it_should(golden: Callable[[str, str], None]) -> None:
    text = "".join(render("json", samples.EVERY_KIND, Look()))
    version = json.loads(text)["tool"]["version"]
    golden("json_every_kind.json", text.replace(f'"{version}"', '"VERSION"'))


def test_the_schema_is_valid_and_every_report_follows_it() -> None:
    described = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(_document(*samples.EVERY_KIND), described)
    jsonschema.validate(_document(), described)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("schema_version",), 2, id="another version"),
        pytest.param(("files", 0, "verdict"), "fine", id="a verdict that is none"),
        pytest.param(("files", 0, "findings", 0, "line"), 0, id="a line before the first"),
        pytest.param(("files", 0, "findings", 0, "severity"), "fatal", id="no such severity"),
        pytest.param(("files", 0, "gradients", 0, "autograd"), "unknown", id="no such result"),
        pytest.param(("files", 0, "run", "status"), "done", id="no such status"),
    ],
)
def test_the_schema_refuses(path: tuple[str | int, ...], value: object) -> None:
    changed: Any = _document(samples.WRONG)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, json.loads(schema()))


def test_every_field_of_the_contract_is_there() -> None:
    (file,) = _document(samples.WRONG)["files"]
    assert set(file) == {"path", "verdict", "reason", "gradients", "findings", "run"}
    assert {
        "name", "of", "loss", "line", "cell", "static", "scale", "autograd", "finite_difference",
        "max_relative_error", "cosine", "expected",
    } <= set(file["gradients"][0])  # fmt: skip
    assert {
        "code", "name", "severity", "line", "column", "end_line", "end_column", "cell", "message",
        "confirmed_by", "fix",
    } <= set(file["findings"][0])  # fmt: skip
    assert file["findings"][0]["fix"] == {
        "message": "write `w_mid` for `w1`",
        "edits": [{"line": 17, "column": 26, "end_line": 17, "end_column": 28, "content": "w_mid"}],
        "verified": True,
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_becomes_null(number: float) -> None:
    gradient = samples.gradient("g", "w", 1, scale=number, max_relative_error=number, cosine=number)
    (file,) = document([replace(samples.WRONG, gradients=(gradient,))])["files"]
    shown = file["gradients"][0]
    assert (shown["scale"], shown["max_relative_error"], shown["cosine"]) == (None, None, None)


def test_a_witness_that_cannot_tell_is_no_witness() -> None:
    unknown = samples.gradient("g", "w", 1, static=Agreement.UNKNOWN, autograd=Agreement.UNKNOWN)
    (file,) = document([replace(samples.WRONG, gradients=(unknown,))])["files"]
    assert (file["gradients"][0]["static"], file["gradients"][0]["autograd"]) == (
        "unknown",
        "not-run",
    )


def test_the_summary_counts_files_verdicts_and_findings() -> None:
    summary = _document(*samples.EVERY_KIND)["summary"]
    assert summary["files"] == 7 == sum(summary["verdicts"].values())
    assert summary["verdicts"]["unreadable"] == 2
    assert summary["findings"] == {"error": 3, "warning": 1, "note": 1}
