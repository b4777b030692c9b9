"""One file from its bytes to its report: what cannot be read, what is skipped, what goes wrong."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

import pytest

from gradlint.checking import check_bytes, check_file, check_text
from gradlint.model import FileReport, Verdict
from gradlint.settings import CheckOptions

OPTIONS = CheckOptions(run=False)
NUMPY = "import numpy as np\n"

pytestmark = pytest.mark.usefixtures("analysis")


def test_a_readable_script_is_analysed_and_keeps_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"import numpy as np\r\nWRONG\r\n")
    report = check_file(str(path), OPTIONS)
    assert (report.verdict, report.path) == (Verdict.WRONG, str(path))
    assert report.text == "import numpy as np\r\nWRONG\r\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"\x7fELF\0\0", "binary, not text", id="an executable"),
        pytest.param(codecs.BOM_UTF16_LE + b"x\0=", "UTF-16", id="half a sign of UTF-16"),
        pytest.param(b"x = '\x01\xff\x02'\n", "neither UTF-8", id="bytes that are no text"),
        pytest.param(
            b"# coding: klingon\n", "unknown encoding: klingon", id="an encoding that is unknown"
        ),
        pytest.param(
            b"# coding: rot13\nk = 1\n", "save it as UTF-8", id="an encoding that is none of text"
        ),
    ],
)
def test_what_is_not_text_gets_one_line(data: bytes, words: str) -> None:
    report = check_bytes(data, "a.py", OPTIONS)
    (finding,) = report.findings
    assert (report.verdict, finding.code) == (Verdict.UNREADABLE, "GL002")
    assert finding.message.startswith("a.py: ") and words in finding.message
    assert "\n" not in finding.message


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("# coding: latin-1\nimport numpy  # é\n".encode("latin-1"), id="coding line"),
        pytest.param(codecs.BOM_UTF8 + "import numpy  # é\n".encode(), id="byte order mark"),
        pytest.param("import numpy  # é\n".encode(), id="plain UTF-8"),
        pytest.param("import numpy  # é\n".encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(
            codecs.BOM_UTF16_BE + "import numpy  # é\n".encode("utf-16-be"), id="big-endian UTF-16"
        ),
        pytest.param("import numpy  # é\n".encode("latin-1"), id="Latin-1 without saying so"),
        pytest.param("# coding: ascii\nimport numpy  # é\n".encode(), id="not as it says"),
        pytest.param("# -*- coding: gbk -*-\nimport numpy  # é\n".encode("gb18030"), id="GBK"),
    ],
)
def test_every_encoding_in_use_is_read(data: bytes) -> None:
    report = check_bytes(data, "a.py", OPTIONS)
    assert report.verdict is Verdict.CORRECT
    assert report.text.endswith("import numpy  # é\n") and "\ufeff" not in report.text


def test_a_missing_file_says_so() -> None:
    report = check_file("no/such.py", OPTIONS)
    assert report.findings[0].message == "no/such.py: no such file; check the path"


def test_a_directory_is_no_script(tmp_path: Path) -> None:
    assert "is a directory" in check_file(str(tmp_path), OPTIONS).findings[0].message


def test_a_device_is_not_read_for_ever() -> None:
    assert "not a regular file" in check_file("/dev/zero", OPTIONS).findings[0].message


def test_a_path_with_a_zero_in_it_is_unreadable() -> None:
    assert check_file("a\0b", OPTIONS).verdict is Verdict.UNREADABLE


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.py"
    with path.open("wb") as stream:
        stream.truncate(20_000_000)
    assert "larger than 10 MB" in check_file(str(path), OPTIONS).findings[0].message


def test_a_file_without_arrays_is_not_analysed() -> None:
    assert check_text("print('WRONG')\n", "a.py", OPTIONS).verdict is Verdict.NOT_APPLICABLE


def test_skip_file_is_not_called_correct() -> None:
    report = check_text(NUMPY + "# gradlint: skip-file\nWRONG\n", "a.py", OPTIONS)
    assert (report.verdict, report.findings) == (Verdict.UNVERIFIED, ())
    assert report.reason == "skipped as the comment on line 2 asks"


def test_a_suppressed_error_does_not_make_the_gradient_right() -> None:
    report = check_text(NUMPY + "WRONG  # gradlint: ignore[GL101]\n", "a.py", OPTIONS)
    assert (report.verdict, report.findings) == (Verdict.UNVERIFIED, ())
    assert report.reason == "findings suppressed: GL101"


def test_an_unexpected_error_is_one_line_and_no_crash() -> None:
    report = check_text(NUMPY + "CRASH\n", "a.py", OPTIONS)
    assert report.verdict is Verdict.UNVERIFIED and report.failed
    assert report.reason is not None
    assert report.reason.startswith("internal error: ValueError: no such thing (conftest.py, line ")


def test_the_analysis_is_told_the_options(analysis: object) -> None:
    told = []

    def listen(text: str, path: str, options: CheckOptions) -> FileReport:
        told.append((path, options))
        return FileReport(path, Verdict.CORRECT)

    assert callable(analysis)
    analysis(listen)
    options = replace(OPTIONS, run=True, device="cuda", timeout=3.0)
    check_text(NUMPY, "a.py", options)
    assert told == [("a.py", options)]
