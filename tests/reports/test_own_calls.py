"""The calls of a script's own are told with the user's lines, in a notebook with the cell."""

from __future__ import annotations

import json

from gradlint.model import FileReport, OwnCall, Run, Verdict
from gradlint.placing import placed
from gradlint.reading import read_script
from gradlint.reports import Look, render

RUN = Run("ok", "cpu", called=1, own=(OwnCall("affine_backward", 2), OwnCall("affine_backward", 3)))


def _report(run: Run) -> FileReport:
    return FileReport("own.py", Verdict.CORRECT, run=run)


def test_the_lines_are_told_together() -> None:
    text = "".join(render("full", [_report(RUN)], Look(width=200)))
    assert (
        "1 called with made inputs, affine_backward at the arguments of line 2 and line 3" in text
    )
    elsewhere = Run("ok", "cpu", called=1, own=(OwnCall("backward"),))
    assert "backward at the arguments of the script" in "".join(
        render("full", [_report(elsewhere)], Look())
    )


def test_a_notebook_names_the_cell() -> None:
    sources = ["import numpy as np\nx = 1", "affine_backward()\naffine_backward()"]
    cells = [{"cell_type": "code", "metadata": {}, "source": s, "outputs": []} for s in sources]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    script = read_script(notebook, "own.ipynb")
    at = script.module.text.splitlines().index("affine_backward()") + 1
    run = placed(_report(Run("ok", "cpu", own=(OwnCall("affine_backward", at),))), script).run
    assert run.own == (OwnCall("affine_backward", 1, 2),)
    data = json.loads("".join(render("json", [_report(run)], Look())))
    assert data["files"][0]["run"]["own_calls"] == [
        {"name": "affine_backward", "line": 1, "cell": 2}
    ]
