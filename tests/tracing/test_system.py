"""Options, paths and progress bars are what they are when a script is called without arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.reading import read_module
from gradlint.tracing import explore

from ..analysing import last_value, trace_of

PARSER = "import argparse\nimport numpy as np\np = argparse.ArgumentParser()\n"


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        pytest.param("'--lr', type=float, default=0.25", "lr", 0.25, id="a default"),
        pytest.param(
            "'-l', '--learning-rate', default=0.5", "learning_rate", 0.5, id="a long name"
        ),
        pytest.param("'--n', dest='size', default=3", "size", 3, id="a destination"),
        pytest.param("'--n', type=float, default='0.125'", "n", 0.125, id="a default as a text"),
        pytest.param("'--on', action='store_true'", "on", 0, id="a flag"),
        pytest.param("'rate', type=float", "rate", 0.1, id="what must be given"),
    ],
)
def test_options_have_their_defaults(option: str, name: str, value: float) -> None:
    trace = trace_of(
        f"{PARSER}p.add_argument({option})\na = p.parse_args()\nb = np.ones(()) * a.{name}\n"
    )
    assert last_value(trace, "b") == value


def test_a_progress_bar_gives_what_it_runs_over() -> None:
    trace = trace_of(
        "from tqdm import tqdm, trange\na = 0.0\nfor i in tqdm(range(3)):\n    a = a + 1.0\n"
        "for i in trange(2):\n    a = a + 1.0\n"
    )
    assert last_value(trace, "a") == 5.0


def test_a_script_is_not_left_for_want_of_arguments() -> None:
    trace = trace_of(
        "import sys\nif len(sys.argv) < 2:\n    print('usage')\n    sys.exit(1)\nelse:\n    a = 2.0\n"
    )
    assert last_value(trace, "a") == 2.0


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("'..'", id="two dots"),
        pytest.param("os.pardir", id="the parent folder by its name"),
        pytest.param("os.path.join(os.path.dirname(__file__), '..')", id="above the script"),
        pytest.param("os.path.dirname(os.path.dirname(os.path.abspath(__file__)))", id="absolute"),
        pytest.param("os.getcwd() + '/..'", id="above the working folder"),
    ],
)
def test_modules_are_found_in_folders_that_the_script_appends(path: str, tmp_path: Path) -> None:
    (tmp_path / "common.py").write_text("k = 4.0\n", encoding="utf-8")
    (tmp_path / "part").mkdir()
    text = f"import os, sys\nsys.path.append({path})\nfrom common import k\na = k * 1.0\n"
    trace = explore(read_module(text, str(tmp_path / "part" / "run.py"))).trace
    assert last_value(trace, "a") == 4.0
