"""Where imports of the user's own modules are found on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradlint.reading import neighbours, read_module
from gradlint.reading.walking import descend


def _lay(folder: Path, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", encoding="utf-8")


def _found(script: Path, name: str) -> str | None:
    module = read_module("", str(script))
    found = neighbours.locate(module, name, neighbours.roots(module, name))
    return None if found is None else os.path.relpath(found, script.parent)


@pytest.mark.parametrize(
    ("laid", "script", "name", "expected"),
    [
        pytest.param(["layers.py"], "train.py", "layers", "layers.py", id="beside the script"),
        pytest.param(["nn/__init__.py"], "train.py", "nn", "nn/__init__.py", id="a package"),
        pytest.param(["nn/dense.py"], "train.py", "nn", "nn", id="a folder without __init__"),
        pytest.param(["nn/readme.txt"], "train.py", "nn", None, id="a folder without modules"),
        pytest.param(["nn/base/dense.py"], "train.py", "nn", "nn", id="a folder of folders"),
        pytest.param(["a.py", "b/x.py"], "b/train.py", "a", "../a.py", id="above, no project"),
        pytest.param(["a.py"], "b/c/d/train.py", "a", None, id="far above, no project"),
        pytest.param(["b/setup.py", "a.py"], "b/train.py", "a", None, id="above the project"),
        pytest.param(["setup.py", "a.py"], "b/train.py", "a", "../a.py", id="above in the project"),
        pytest.param(
            [".git/HEAD", "src/a/__init__.py"], "tests/t.py", "a", "../src/a/__init__.py", id="src"
        ),
        pytest.param(
            ["p/__init__.py", "p/q/__init__.py", "u.py"], "p/q/m.py", "u", "../../u.py",
            id="beside the package of the script",
        ),
        pytest.param(["p/a.py"], "p/m.py", "p", ".", id="the folder of the script by its name"),
    ],
)  # fmt: skip
def test_a_module_is_found_where_python_would_find_it(
    laid: list[str], script: str, name: str, expected: str | None, tmp_path: Path
) -> None:
    _lay(tmp_path, *laid, script)
    assert _found(tmp_path / script, name) == expected


def test_the_spans_of_a_neighbour_name_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(x):\n    return -x\n", encoding="utf-8")
    module = read_module("import a", str(tmp_path / "train.py"))
    path = str(tmp_path / "a.py")
    other = neighbours.neighbour(module, path)
    assert other is not None
    assert {node.span.file for node in descend(other.body)} == {path}
    assert module.excerpt(other.body[0].span) == "def f(x):\n    return -x"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"def f(:\n", id="not Python"),
        pytest.param(b"x = 1\n" * 100_000, id="far too long"),
        pytest.param(b"\0\1\2", id="binary"),
    ],
)
def test_what_cannot_be_read_is_no_module(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(text)
    module = read_module("import a", str(tmp_path / "train.py"))
    assert neighbours.neighbour(module, str(tmp_path / "a.py")) is None


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        pytest.param("p/layers.py", True, id="in the project"),
        pytest.param("elsewhere/layers.py", False, id="outside of it"),
    ],
)
def test_fixes_stay_inside_the_project(other: str, ours: bool, tmp_path: Path) -> None:
    _lay(tmp_path, "p/pyproject.toml", "p/scripts/train.py", other)
    script = str(tmp_path / "p/scripts/train.py")
    assert neighbours.is_in_project(script, str(tmp_path / other)) is ours
