"""The Python interface: what the command line does with a file, as functions.

>>> import gradlint
>>> report = gradlint.check_text(EXAMPLE, "descent.py")
>>> report.verdict
<Verdict.WRONG: 'wrong'>
>>> for finding in report.findings:
...     print(finding.span.line, finding.code, finding.fix.message)
8 GL101 replace h by error
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from gradlint.checking import check_bytes, check_file
from gradlint.checking import check_text as _check_text
from gradlint.model import FileReport
from gradlint.settings import CheckOptions, OutputFormat


def check_script(
    path: str | os.PathLike[str], run: bool = False, options: CheckOptions | None = None
) -> FileReport:
    """Check the script or notebook at `path` as `gradlint --no-run PATH` does, or `gradlint PATH`.

    Nothing of the script is executed unless `run` says so; then it runs in a child process, and torch
    autograd confirms what the analysis found. `options` say the rest that a command line could say: a time
    limit, the device, the codes to report; configuration files play no part. Nothing is raised for a file
    that cannot be read or analysed: the verdict and the reason of the report say it.

    >>> check_script("missing.py", options=CheckOptions(timeout=10)).verdict
    <Verdict.UNREADABLE: 'unreadable'>
    """
    return check_file(os.fspath(path), _with(options, run))


def check_text(
    text: str | bytes, path: str = "<text>", run: bool = False, options: CheckOptions | None = None
) -> FileReport:
    """Check a script or notebook that is given as text, or as the bytes of its file.

    The ending of `path` says what the text is (`.ipynb`, `.md`, else Python); a run starts in its folder.

    >>> check_text("print('hello')").verdict
    <Verdict.NOT_APPLICABLE: 'not-applicable'>
    """
    if isinstance(text, bytes):
        return check_bytes(text, path, _with(options, run))
    return _check_text(text, path, _with(options, run))


def _with(options: CheckOptions | None, run: bool) -> CheckOptions:
    return replace(options or CheckOptions(), run=run)


def render(reports: FileReport | Iterable[FileReport], output_format: OutputFormat = "full") -> str:
    """The text that the command line prints of `reports` in `output_format`, without colour.

    >>> print(render(check_text("print('hello')", "hello.py"), "concise"), end="")
    1 file: 1 not applicable; 0 errors, 0 warnings
    """
    from gradlint.reports import Look
    from gradlint.reports import render as pieces

    several = (reports,) if isinstance(reports, FileReport) else reports
    return "".join(pieces(output_format, several, Look()))
