"""Watching a script changes nothing that it computes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gradlint.harness.instrument import NAME, Points, instrumented
from gradlint.harness.integers import divide
from gradlint.model import Span
from gradlint.reading import syntax as s
from tests.harness import scripts
from tests.harness.conftest import Confirm

LONG = "3"
"""Rounds: as many as are observed, so that the script comes to its end without being cut."""

SEEDS = "import random, numpy, torch\nrandom.seed(0); numpy.random.seed(0); torch.manual_seed(0)\n"


@pytest.mark.parametrize(
    "source, rounds, names",
    [
        pytest.param(scripts.NUMPY, "50", "w1, w2", id="numpy"),
        pytest.param(scripts.TORCH, "500", "w1, b1, w2", id="torch in single precision"),
        pytest.param(scripts.PYTHON, "30", "m, b", id="plain Python"),
        pytest.param(scripts.ADAM, "1, 41", "w, m, v", id="an optimiser with state"),
        pytest.param(scripts.PARAMETERS_IN_A_DICT, "30", "params['W'], params['b']", id="a dict"),
        pytest.param(scripts.CLASS, "40", "net.weights, net.bias", id="a class"),
    ],
)
def test_a_watched_script_computes_the_same_bits(
    confirm: Confirm, tmp_path: Path, source: str, rounds: str, names: str
) -> None:
    assert f"range({rounds})" in source
    short = "1, 4" if "," in rounds else LONG
    text = dedent(source).replace(f"range({rounds})", f"range({short})")
    name = "parameters.npz"
    text += f"import numpy\nnumpy.savez({name!r}, *[numpy.asarray(v) for v in ({names},)])\n"
    result = confirm(text)
    assert (result.status, result.iterations) == ("ok", 3)
    (saved,) = tmp_path.glob(f"run-*/**/{name}")
    watched = dict(np.load(saved))
    subprocess.run([sys.executable, "-c", SEEDS + text], check=True, cwd=tmp_path)
    alone = dict(np.load(tmp_path / name))
    assert watched.keys() == alone.keys()
    for name, value in alone.items():
        assert watched[name].tobytes() == value.tobytes()


def test_watched_expressions_are_found_behind_letters_that_take_several_bytes() -> None:
    text = 'größe = "äöü"; wert = f(größe) + 1\n'
    start = text.index("f(größe)") + 1
    span = Span(1, start, 1, start + len("f(größe)"))
    tree = instrumented(
        text, "x.py", [Points(s.While(s.Constant(True), (), ()), {span: 7}, {}, {})]
    )
    assert "__gradlint__.see(7, f(größe)) + 1" in ast.unparse(tree)


def test_statements_keep_their_lines() -> None:
    text = "from __future__ import annotations\nx = 1\nwhile x:\n    x -= 1\n"
    loop = s.While(s.Name("x"), (), (), span=Span(3, 1, 4, 11))
    tree = instrumented(text, "x.py", [Points(loop, {}, {(4, 5): [0]}, {(4, 5): [1]})])
    assert ast.unparse(tree).splitlines() == [
        "from __future__ import annotations",
        "x = 1",
        "while x:",
        "    __gradlint__.head()",
        "    __gradlint__.look(0)",
        "    x -= 1",
        "    __gradlint__.look(1)",
        "__gradlint__.leave()",
    ]
    assert {n.lineno for n in ast.walk(tree) if isinstance(n, ast.AugAssign)} == {4}


def test_without_a_loop_the_watch_begins_after_the_future_imports() -> None:
    text = '"""What it does."""\nfrom __future__ import annotations\nx = 1\n'
    lines = ast.unparse(instrumented(text, "x.py", [Points(None, {}, {}, {})])).splitlines()
    assert lines[-2:] == ["__gradlint__.head()", "x = 1"]


def test_integers_divide_as_in_python_2_where_the_script_is_that() -> None:
    text = "a, b, c = 7 / 2, 7.0 / 2, -1 / 2\n"
    tree = instrumented(text, "x.py", [Points(None, {}, {}, {})], python2=True)
    scope: dict[str, Any] = {NAME: SimpleNamespace(divide=divide, head=lambda: None)}
    exec(compile(tree, "x.py", "exec"), scope)
    assert (scope["a"], scope["b"], scope["c"]) == (3, 3.5, -1)
