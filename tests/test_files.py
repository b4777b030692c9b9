"""From paths to scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.files import Target, expand


def _tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_directory_is_walked_in_order_without_what_is_not_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tree(
        tmp_path, "b.py", "a.py", "env/agent.py", "sub/c.py", "sub/notes.txt", ".hidden/d.py",
        ".x.py", "__pycache__/e.py", "mine/pyvenv.cfg", "mine/lib/f.py", "site-packages/g.py",
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    found = [Path(target.path).as_posix() for target in expand(["."])]
    assert found == ["a.py", "b.py", "env/agent.py", "sub/c.py"]
    assert not any(target.named for target in expand(["."]))


def test_a_file_named_beside_its_directory_is_checked_once_and_counts_as_named(
    tmp_path: Path,
) -> None:
    _tree(tmp_path, "a.py", "b.py")
    named = str(tmp_path / "b.py")
    assert [(Path(t.path).name, t.named) for t in expand([str(tmp_path), named, named])] == [
        ("a.py", False),
        ("b.py", True),
    ]


def test_named_paths_are_taken_as_they_are() -> None:
    assert expand(["x.txt", "-", "-"]) == [Target("x.txt", True), Target("-", True)]


def test_a_directory_without_scripts_is_a_problem(tmp_path: Path) -> None:
    (target,) = expand([str(tmp_path)])
    assert target.problem == "no Python scripts and no notebooks in this directory"
