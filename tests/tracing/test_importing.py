"""The user's own modules are walked when they are imported, as Python would run them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.reading import read_module
from gradlint.tracing import Trace, explore

from ..analysing import last_value, reason


def _trace(folder: Path, script: str, **modules: str) -> Trace:
    for name, text in modules.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return explore(read_module(script, str(folder / "train.py"))).trace


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("import a\ny = a.f(2.0)", id="import"),
        pytest.param("import a as m\ny = m.f(2.0)", id="under another name"),
        pytest.param("from a import f\ny = f(2.0)", id="a name of it"),
        pytest.param("from a import f as g\ny = g(2.0)", id="a name under another name"),
        pytest.param("from a import *\ny = f(2.0)", id="all names"),
        pytest.param("def run():\n    from a import f\n    return f(2.0)\ny = run()", id="late"),
        pytest.param(
            "try:\n    import a\nexcept ImportError:\n    a = None\ny = a.f(2.0)", id="try"
        ),
    ],
)
def test_an_import_binds_what_it_names(script: str, tmp_path: Path) -> None:
    trace = _trace(tmp_path, script, a="k = 3.0\n\ndef f(x):\n    return k * x\n")
    assert last_value(trace, "y") == 6.0


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("import nn.ops\ny = nn.ops.f(2.0)", id="dotted"),
        pytest.param("import nn.ops as o\ny = o.f(2.0)", id="dotted under another name"),
        pytest.param("from nn import ops\ny = ops.f(2.0)", id="a module of the package"),
        pytest.param("from nn.ops import f\ny = f(2.0)", id="a name of a module in it"),
        pytest.param("from nn.layers import g\ny = g(2.0)", id="one that imports by two dots"),
    ],
)
@pytest.mark.parametrize("init", ["", "from . import ops\n"])
def test_packages_and_relative_imports(script: str, init: str, tmp_path: Path) -> None:
    modules = {
        "nn__ops": "def f(x):\n    return x * 3.0\n",
        "nn__layers": "from .ops import f as h\n\ndef g(x):\n    return h(x)\n",
        "nn____init__": init,
    }
    (tmp_path / "nn").mkdir()
    (tmp_path / "nn" / "__init__.py").write_text(init, encoding="utf-8")
    del modules["nn____init__"]
    assert last_value(_trace(tmp_path, script, **modules), "y") == 6.0


def test_a_module_is_walked_once(tmp_path: Path) -> None:
    trace = _trace(
        tmp_path, "import a\nimport b\na.n.append(5.0)\ny = b.n[0]", a="n = []", b="from a import n"
    )  # fmt: skip
    assert last_value(trace, "y") == 5.0


def test_a_module_can_be_given_a_setting(tmp_path: Path) -> None:
    trace = _trace(
        tmp_path, "import a\na.k = 5.0\ny = a.f()", a="k = 1.0\n\ndef f():\n    return k"
    )
    assert last_value(trace, "y") == 5.0


def test_globals_are_those_of_the_module(tmp_path: Path) -> None:
    text = "k = 2.0\n\ndef f():\n    global k\n    k = k + 1.0\n    return k\n"
    trace = _trace(tmp_path, "k = 10.0\nimport a\na.f()\ny = a.k + k", a=text)
    assert last_value(trace, "y") == 13.0


def test_star_imports_carry_the_libraries_of_the_module(tmp_path: Path) -> None:
    trace = _trace(
        tmp_path,
        "from a import *\ny = exp(np.zeros(()))",
        a="from numpy import *\nimport numpy as np",
    )
    assert last_value(trace, "y") == 1.0


def test_all_says_what_a_star_import_gives(tmp_path: Path) -> None:
    text = "__all__ = ['f']\n\ndef f(x):\n    return x\n\ndef g(x):\n    return x\n"
    trace = _trace(tmp_path, "from a import *\ny = g(1.0)\n", a=text)
    assert reason(trace, "y") == ("the name g is not defined here", 2)


def test_cycles_end(tmp_path: Path) -> None:
    trace = _trace(
        tmp_path, "import a\ny = a.f(1.0)",
        a="import b\n\ndef f(x):\n    return b.g(x)\n", b="import a\n\ndef g(x):\n    return x + 1.0\n",
    )  # fmt: skip
    assert last_value(trace, "y") == 2.0


def test_what_lies_beside_the_script_does_not_stand_for_a_library(tmp_path: Path) -> None:
    trace = _trace(
        tmp_path, "import math\ny = math.sqrt(4.0)", math="def sqrt(x):\n    return 7.0\n"
    )
    assert last_value(trace, "y") == 2.0


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param("from a import h\ny = h(1.0)", "a has no h", id="a name that is not there"),
        pytest.param(
            "from .gone import h\ny = h(1.0)", "the module .gone is not there", id="a module"
        ),
    ],
)
def test_what_is_missing_is_said(script: str, told: str, tmp_path: Path) -> None:
    assert reason(_trace(tmp_path, script, a="k = 1"), "y") == (told, 1)
