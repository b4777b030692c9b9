"""The command line from its arguments to output, files and exit code, over an analysis of paper."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_start_method
from pathlib import Path

import pytest

from gradlint import __version__, cli
from gradlint.model import FileReport, Run, Verdict
from gradlint.settings import CheckOptions

NUMPY = "import numpy as np\n"
Call = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("analysis")


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Runs gradlint in a folder with three scripts: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    Path("right.py").write_text(NUMPY + "x = 1\n")
    Path("wrong.py").write_text(NUMPY + "x = WRONG\n")
    Path("hmm.py").write_text(NUMPY + "x = HMM\n")

    def run(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param(["right.py"], 0, id="nothing found"),
        pytest.param(["wrong.py"], 1, id="an error"),
        pytest.param(["hmm.py"], 1, id="a warning"),
        pytest.param(["hmm.py", "--fail-on", "error"], 0, id="a warning where errors count"),
        pytest.param(["wrong.py", "--exit-zero"], 0, id="an error, exit zero"),
        pytest.param(["wrong.py", "--ignore", "GL1"], 0, id="an error that is ignored"),
        pytest.param(["check", "wrong.py"], 1, id="the command by name"),
        pytest.param(["--no-run", "right.py"], 0, id="an option first"),
        pytest.param(["missing.py"], 2, id="a missing file"),
        pytest.param(["wrong.py", "missing.py", "--exit-zero"], 2, id="exit zero hides no failure"),
        pytest.param([], 0, id="no arguments give help"),
        pytest.param(["--no-run"], 2, id="no path"),
        pytest.param(["--colour", "right.py"], 2, id="an unknown option"),
        pytest.param(["right.py", "--output-format", "yaml"], 2, id="a format that is none"),
        pytest.param(["right.py", "--select", "E501"], 2, id="an unknown code"),
        pytest.param(["right.py", "--timeout", "0"], 2, id="no time at all"),
        pytest.param(["right.py", "--fix", "--diff"], 2, id="fix and diff"),
        pytest.param(["-", "--fix"], 2, id="fixing standard input"),
        pytest.param(["right.py", "-o", "no/such/report"], 2, id="a report into nowhere"),
        pytest.param(["rule"], 2, id="a rule without a name"),
        pytest.param(["rule", "GL999"], 2, id="a rule that is not there"),
    ],
)
def test_exit_code(call: Call, args: list[str], code: int) -> None:
    assert call(*args)[0] == code


def test_one_bad_path_does_not_stop_the_others(call: Call) -> None:
    code, out, err = call("missing.py", "wrong.py", "--output-format", "concise")
    assert (code, err) == (2, "gradlint: missing.py: no such file; check the path\n")
    assert (
        out == "wrong.py:2:5: GL101 WRONG.\n2 files: 1 wrong, 1 unreadable; 2 errors, 0 warnings\n"
    )


def test_a_crash_in_one_file_does_not_stop_the_others(call: Call) -> None:
    Path("crash.py").write_text(NUMPY + "CRASH\n")
    code, out, err = call("crash.py", "wrong.py", "--output-format", "concise")
    assert code == 2 and "Traceback" not in out + err
    assert "crash.py: unverified: internal error: ValueError" in out and "wrong.py:2:5" in out


def test_an_empty_directory_is_one_line(call: Call) -> None:
    Path("empty").mkdir()
    code, _, err = call("empty")
    assert (code, err) == (
        2,
        "gradlint: empty: no Python scripts and no notebooks in this directory\n",
    )


@pytest.mark.parametrize(
    ("args", "executed"),
    [
        pytest.param(["right.py"], ["right.py"], id="a named file"),
        pytest.param(["right.py", "--no-run"], [], id="a named file, not to be run"),
        pytest.param(["."], [], id="a directory"),
        pytest.param([".", "right.py"], ["right.py"], id="a file named beside its directory"),
        pytest.param(
            [".", "--run"], ["hmm.py", "right.py", "wrong.py"], id="a directory on demand"
        ),
        pytest.param(["-"], [], id="standard input"),
        pytest.param(["--no-run", "--run", "right.py"], ["right.py"], id="the last word counts"),
    ],
)
def test_nothing_is_executed_that_was_not_named(
    call: Call,
    analysis: Callable[[object], None],
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    executed: list[str],
) -> None:
    seen = []

    def listen(text: str, path: str, options: CheckOptions) -> FileReport:
        seen.extend([path] if options.run else [])
        return FileReport(path, Verdict.CORRECT)

    analysis(listen)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NUMPY.encode())))
    assert call(*args)[0] == 0
    assert seen == executed


def test_standard_input_is_called_what_the_user_calls_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for args, name in ((["-"], "<stdin>"), (["-", "--stdin-filename", "a/b.py"], "a/b.py")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"import numpy\nWRONG\n")))
        code, out, _ = call(*args, "--output-format", "concise")
        assert code == 1 and out.startswith(f"{name}:2:1: GL101")


def test_json_holds_every_file_bad_paths_included(call: Call) -> None:
    code, out, _ = call("missing.py", "wrong.py", "right.py", "--output-format", "json")
    files = {file["path"]: file["verdict"] for file in json.loads(out)["files"]}
    assert code == 2
    assert files == {"missing.py": "unreadable", "wrong.py": "wrong", "right.py": "correct"}


def test_the_report_goes_to_a_file_when_asked(call: Call) -> None:
    code, out, _ = call("wrong.py", "-o", "report.txt")
    assert (code, out) == (1, "")
    assert "wrong.py:2:5 GL101" in Path("report.txt").read_text()


def test_a_report_that_cannot_be_written_is_known_before_anything_runs(
    call: Call, analysis: Callable[[object], None]
) -> None:
    analysis(lambda *_: pytest.fail("the script was analysed"))
    assert call("wrong.py", "-o", ".")[0] == 2


@pytest.mark.parametrize("jobs", [pytest.param("1", id="one"), pytest.param("3", id="several")])
def test_the_order_is_that_of_the_files_whatever_the_jobs(call: Call, jobs: str) -> None:
    names = [f"f{number}.py" for number in range(6)]
    for name in names:
        Path(name).write_text("x = 1\n")
    _, out, _ = call(*names, "--output-format", "json", "--jobs", jobs)
    assert [file["path"] for file in json.loads(out)["files"]] == names


@pytest.mark.skipif(get_start_method() != "fork", reason="only forks inherit the paper analysis")
def test_a_dying_process_costs_its_own_file_only(
    call: Call, analysis: Callable[[object], None]
) -> None:
    def die(text: str, path: str, options: CheckOptions) -> FileReport:
        if path == "wrong.py":
            os._exit(1)
        return FileReport(path, Verdict.CORRECT)

    analysis(die)
    code, out, _ = call("hmm.py", "wrong.py", "right.py", "-j", "2", "--output-format", "json")
    reports = json.loads(out)["files"]
    assert code == 2
    assert [report["verdict"] for report in reports] == ["correct", "unverified", "correct"]
    assert "the process that checked this file died" in reports[1]["reason"]


@pytest.mark.parametrize("output", ["full", "json"])
def test_statistics_count_by_code(call: Call, output: str) -> None:
    code, out, _ = call(".", "hmm.py", "--statistics", "--output-format", output)
    assert code == 1
    if output == "json":
        counted = [(line["code"], line["count"], line["fixable"]) for line in json.loads(out)]
        assert counted == [("GL101", 1, 1), ("GL202", 1, 0)]
    else:
        assert out == "1  GL101  wrong  (1 fixable)\n1  GL202  hmm\n"


def test_quiet_says_what_was_found_and_no_more(call: Call) -> None:
    code, out, err = call("right.py", "wrong.py", "-q", "--output-format", "concise")
    assert (code, out, err) == (1, "wrong.py:2:5: GL101 WRONG.\n", "")
    assert call("right.py", "--quiet") == (0, "", "")


def test_a_configuration_decides_for_the_files_below_it(call: Call) -> None:
    Path("pyproject.toml").write_text(
        '[tool.gradlint]\noutput-format = "concise"\nexclude = ["hmm.py"]\nquiet = true\n'
    )
    Path("old").mkdir()
    Path("old/pyproject.toml").write_text('[tool.gradlint]\nignore = ["GL1"]\nquiet = false\n')
    Path("old/wrong.py").write_text(NUMPY + "x = WRONG\n")
    assert call(".") == (1, "wrong.py:2:5: GL101 WRONG.\n", "")
    assert call("old")[0] == 0
    assert call("hmm.py", "--isolated", "--output-format", "concise")[0] == 1


def test_a_file_that_is_named_and_excluded_is_left_out_and_said(call: Call) -> None:
    code, out, err = call("wrong.py", "hmm.py", "--exclude", "*.py", "--output-format", "concise")
    assert (code, out) == (0, "0 files: nothing; 0 errors, 0 warnings\n")
    assert err == "gradlint: wrong.py and 1 more: left out, as `exclude` asks\n"


def test_a_configuration_that_is_wrong_is_one_line(call: Call) -> None:
    Path("pyproject.toml").write_text('[tool.gradlint]\nselct = ["GL1"]\n')
    code, out, err = call("wrong.py")
    assert (code, out) == (2, "")
    assert err == (
        'gradlint: pyproject.toml: [tool.gradlint] unknown key "selct"; did you mean "select"?\n'
    )


def test_settings_are_shown_and_nothing_is_checked(
    call: Call, analysis: Callable[[object], None]
) -> None:
    analysis(lambda *_: pytest.fail("the script was analysed"))
    code, out, _ = call("--show-settings", "wrong.py", "--fail-on", "note")
    assert code == 0 and 'fail-on = "note"  # command line' in out


def test_the_same_input_gives_the_same_bytes(call: Call) -> None:
    for output in ("json", "sarif", "gitlab", "junit", "github", "json-lines"):
        one, two = (
            call(".", "missing.py", "--output-format", output, "--jobs", jobs)[1] for jobs in "13"
        )
        assert one == two and str(Path.cwd()) not in one and "wrong.py" in one


def test_diff_shows_verified_fixes_and_changes_nothing(call: Call) -> None:
    before = Path("wrong.py").read_text()
    code, out, err = call("wrong.py", "hmm.py", "--diff")
    assert code == 1 and Path("wrong.py").read_text() == before
    assert out == (
        "--- a/wrong.py\n+++ b/wrong.py\n@@ -1,2 +1,2 @@\n"
        " import numpy as np\n-x = WRONG\n+x = RIGHT\n"
    )
    assert err == "gradlint: 2 files: 1 wrong, 1 suspect; 1 error, 1 warning\n"


def test_fix_writes_verified_fixes_in_the_files_own_encoding(call: Call) -> None:
    path = Path("latin.py")
    path.write_bytes(b"# coding: latin-1\r\nimport numpy  # \xe9\r\nx = WRONG\r\ny = HMM\r\n")
    code, out, err = call("latin.py", "--fix", "--output-format", "concise")
    assert path.read_bytes() == (
        b"# coding: latin-1\r\nimport numpy  # \xe9\r\nx = RIGHT\r\ny = HMM\r\n"
    )
    assert err == "gradlint: latin.py:3: fixed: write RIGHT\n"
    assert code == 1 and out.startswith("latin.py:4:5: GL202")


def test_fix_leaves_what_is_not_selected(call: Call) -> None:
    assert call("wrong.py", "--fix", "--ignore", "GL101")[0] == 0
    assert "WRONG" in Path("wrong.py").read_text()


def test_fix_does_not_overwrite_a_file_that_changed_meanwhile(
    call: Call, analysis: Callable[[object], None]
) -> None:
    from tests.conftest import paper_analysis

    def edit_meanwhile(text: str, path: str, options: CheckOptions) -> FileReport:
        Path("wrong.py").write_text("# the user's new text\n")
        return paper_analysis(text, path, options)

    analysis(edit_meanwhile)
    code, _, err = call("wrong.py", "--fix")
    assert code == 2 and "not fixed: the file changed" in err
    assert Path("wrong.py").read_text() == "# the user's new text\n"


def test_fixes_that_do_not_mend_together_are_not_written(
    call: Call, analysis: Callable[[object], None]
) -> None:
    from tests.conftest import paper_analysis

    def never_content(text: str, path: str, options: CheckOptions) -> FileReport:
        report = paper_analysis(text.replace("RIGHT", "WRONG"), path, options)
        return replace(report, run=Run("ok", "cpu", 1))

    analysis(never_content)
    code, _, err = call("wrong.py", "--fix")
    assert (code, err) == (1, "")
    assert "WRONG" in Path("wrong.py").read_text()


def test_an_error_outside_of_the_analysis_is_one_line_too(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no\nway")

    monkeypatch.setattr(cli, "check_paths", fail)
    code, out, err = call("right.py")
    assert (code, out) == (2, "")
    assert err == "gradlint: internal error: RuntimeError: no way; please report\n"


def test_an_interrupt_is_no_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "check_paths", interrupt)
    code, _, err = call("right.py")
    assert (code, err.strip()) == (130, "gradlint: interrupted")


def test_an_unknown_code_names_the_nearest(call: Call) -> None:
    _, _, err = call("right.py", "--select", "GL1001")
    assert "'GL1001'; did you mean GL101?" in err


def test_version_and_schema(call: Call) -> None:
    assert call("--version")[1] == f"gradlint {__version__}\n"
    assert json.loads(call("schema")[1])["title"] == "gradlint report"
    assert json.loads(call("schema", "--config")[1])["title"] == "gradlint settings"


def test_a_rule_is_printed_by_code_or_name(call: Call) -> None:
    code, by_code, _ = call("rule", "gl101")
    assert code == 0 and "## Why is this bad" in by_code
    assert call("rule", "wrong-tensor")[1] == by_code
    assert "GL101  wrong-tensor" in call("rule", "--all")[1]


def test_a_device_that_is_not_there_is_an_error_of_usage(
    call: Call, analysis: Callable[[Callable[[str, str, CheckOptions], FileReport]], None]
) -> None:
    def refused(text: str, path: str, options: CheckOptions) -> FileReport:
        run = Run("failed", None, 0, "--device cuda: torch sees no CUDA device", refused=True)
        return FileReport(path, Verdict.CORRECT, run=run, text=text)

    analysis(refused)
    code, _, err = call("right.py", "--device", "cuda", "--exit-zero")
    assert code == 2
    assert err.strip() == "gradlint: right.py: not run: --device cuda: torch sees no CUDA device"
