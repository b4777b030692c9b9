"""The SARIF log: against (a subset of) its schema, and what services rely on.

`sarif_subset.json` is the part of the OASIS schema that gradlint uses, written by hand and stricter;
the golden output was held against the schema of OASIS itself when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gradlint.model import Edit, FileReport, Fix, Span
from gradlint.patching import mended_texts
from gradlint.reports import Look, render
from gradlint.textlines import split_lines

from . import samples

SUBSET = json.loads((Path(__file__).parent / "sarif_subset.json").read_text(encoding="utf-8"))


def run_of(*reports: FileReport) -> Any:
    """The one run of the log of `reports`, which follows the schema."""
    document = json.loads("".join(render("sarif", reports, Look())))
    jsonschema.validate(document, SUBSET)
    (run,) = document["runs"]
    return run


def test_looks_as_it_should(golden: Callable[[str, str], None]) -> None:
    document = json.loads("".join(render("sarif", samples.EVERY_KIND, Look())))
    jsonschema.validate(document, SUBSET)
    driver = document["runs"][0]["tool"]["driver"]
    driver |= {"version": "VERSION", "semanticVersion": "VERSION"}
    driver["rules"] = [rule["id"] for rule in driver["rules"]]
    golden("sarif_every_kind.json", json.dumps(document, indent=2) + "\n")


def test_every_result_names_its_rule_with_a_full_description() -> None:
    run = run_of(*samples.EVERY_KIND)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert (
            len(rule["fullDescription"]["text"]) > 40 and "## Example" in rule["help"]["markdown"]
        )


def test_paths_are_relative_to_where_gradlint_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = [
        replace(samples.WRONG, path=path)
        for path in (str(tmp_path / "a b.py"), "./src/c.py", "/elsewhere/d.py")
    ]
    found = [a["location"] for a in run_of(*reports)["artifacts"]]
    assert found == [
        {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"},
        {"uri": "src/c.py", "uriBaseId": "%SRCROOT%"},
        {"uri": "file:///elsewhere/d.py"},
    ]


def test_columns_count_utf16_code_units() -> None:
    text = "𝛻 = 1\ng = '𝛻𝛻' + w1\n"
    span = Span(2, 12, 2, 14)
    finding = replace(samples.WRONG_TENSOR, span=span, fix=Fix("", (Edit(span, "w2"),), True))
    (result,) = run_of(replace(samples.WRONG, text=text, findings=(finding,)))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = text.splitlines()[1].encode("utf-16-le")
    assert (
        line[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
        == text.splitlines()[1][11:13]
    )
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"] == region


def test_a_failure_is_no_success_and_a_reason_is_a_notification() -> None:
    fine, silent, broken = (
        run_of(report)["invocations"][0]
        for report in (samples.WRONG, samples.UNVERIFIED, samples.MISSING)
    )
    assert fine == {"executionSuccessful": True, "toolExecutionNotifications": []}
    assert silent["executionSuccessful"] and len(silent["toolExecutionNotifications"]) == 1
    assert not broken["executionSuccessful"]


def test_a_fingerprint_stays_when_lines_are_added_above() -> None:
    def fingerprints(above: int) -> list[str]:
        span = Span(17 + above, 26, 17 + above, 28)
        finding = replace(samples.WRONG_TENSOR, span=span, fix=None)
        report = replace(
            samples.WRONG, text="#\n" * above + samples.WRONG_TEXT, findings=(finding, finding)
        )
        return [
            result["partialFingerprints"]["gradlint/v1"] for result in run_of(report)["results"]
        ]

    assert fingerprints(0) == fingerprints(3)
    assert len(set(fingerprints(0))) == 2


NOTEBOOK = """{
 "cells": [
  {"cell_type": "markdown", "source": "x"},
  {"cell_type": "code", "source": [
    "s = '\\u00e9 \\ud835\\udefb'\\n",
    "g = h @ w1  # \\\\ \\"done\\"\\n"
  ], "outputs": []}
 ]
}
"""


def test_a_place_in_a_notebook_is_one_in_its_file() -> None:
    cell = "s = 'é 𝛻'\ng = h @ w1  # \\ \"done\"\n"
    span = Span(2, 9, 2, 11, cell=2)
    fix = Fix("", (Edit(span, 'w["2"]'),), verified=True)
    finding = replace(samples.WRONG_TENSOR, span=span, fix=fix)
    report = FileReport(
        "a.ipynb", samples.WRONG.verdict, findings=(finding,), text=NOTEBOOK, cells={2: cell}
    )
    (result,) = run_of(report)["results"]
    place = result["locations"][0]
    assert _cut(NOTEBOOK, place["physicalLocation"]["region"]) == "w1"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "cell 2, line 2"
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region, content = replacement["deletedRegion"], replacement["insertedContent"]["text"]
    lines = NOTEBOOK.splitlines(keepends=True)
    at = sum(map(len, lines[: region["startLine"] - 1])) + region["startColumn"] - 1
    after = NOTEBOOK[:at] + content + NOTEBOOK[at + len(_cut(NOTEBOOK, region)) :]
    assert after == mended_texts(report, fix.edits)["a.ipynb"] != NOTEBOOK


def _cut(text: str, region: dict[str, int]) -> str:
    assert region["startLine"] == region["endLine"]
    line = split_lines(text)[region["startLine"] - 1]
    return line[region["startColumn"] - 1 : region["endColumn"] - 1]
