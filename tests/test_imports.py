"""What is imported when nothing is to be run: the start-up is the cost that a user feels."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FORBIDDEN = {
    "torch",
    "asyncio",
    "concurrent.futures",
    "multiprocessing",
    "difflib",
    "pygments",
    "markdown_it",
    "rich.live",
    "rich.markdown",
    "rich.pretty",
    "rich.progress",
    "rich.syntax",
    "rich.table",
    "rich.traceback",
    "jsonschema",
    "importlib.metadata",
    "gradlint.harness",
}

_CHILD = """
import sys
from gradlint.cli import run
code = run(sys.argv[1:])
print("\\n" + " ".join(sorted(sys.modules)))
"""

GRADIENT = """\
import numpy as np
x, y = np.random.randn(8, 3), np.random.randn(8, 1)
w = np.random.randn(3, 1)
for t in range(10):
    error = x @ w - y
    loss = (error ** 2).sum()
    grad_w = x.T @ (2 * error)
    w -= 0.01 * grad_w
"""


def _modules(*args: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *args], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@cache
def _baseline() -> set[str]:
    """What the three libraries that every call needs bring along themselves."""
    code = "import sys, libcst, libcst.metadata, numpy, click; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("output", ["full", "concise", "json"])
def test_analysing_imports_nothing_that_it_does_not_need(tmp_path: Path, output: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(GRADIENT)
    loaded = _modules("--no-run", "--output-format", output, str(path))
    assert loaded & (FORBIDDEN - _baseline()) == set()


@pytest.mark.parametrize("output", ["full", "concise", "json"])
def test_a_script_that_this_python_parses_is_read_without_libcst(
    tmp_path: Path, output: str
) -> None:
    path = tmp_path / "script.py"
    path.write_text(GRADIENT)
    loaded = _modules("--no-run", "--output-format", output, str(path))
    assert "libcst" not in loaded


@pytest.mark.parametrize("output", ["concise", "json"])
def test_only_the_full_report_imports_rich(tmp_path: Path, output: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(GRADIENT)
    assert "rich" not in _modules("--no-run", "--output-format", output, str(path))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("print('hello')\n", id="no arrays in it"),
        pytest.param("import numpy  # gradlint: skip-file\n", id="to be skipped"),
    ],
)
def test_a_file_that_is_not_analysed_costs_neither_numpy_nor_libcst(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "script.py"
    path.write_text(text)
    loaded = _modules("--output-format", "concise", "--isolated", str(path))
    heavy = {"numpy", "libcst", "rich", "torch", "tomllib", "tomli", "pathspec", "statistics"}
    assert loaded & heavy == set()


def test_a_configuration_and_a_format_for_programs_import_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("print('hello')\n")
    (tmp_path / "pyproject.toml").write_text('[tool.gradlint]\nexclude = ["old/"]\n')
    loaded = _modules("--output-format", "sarif", str(path))
    assert "pathspec" in loaded
    assert loaded & {"numpy", "libcst", "rich", "torch", "jsonschema", "xml.etree"} == set()
