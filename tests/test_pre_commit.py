"""The hooks, as pre-commit runs them in somebody's repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
OFFLINE = re.compile(
    r"No matching distribution|NewConnectionError|name resolution|Network is unreachable|timed out"
    r"|Could not install packages due to an OSError|ConnectionError",
    re.IGNORECASE,
)

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or find_spec("pre_commit") is None,
    reason="needs git and pre-commit",
)


def _run(*command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    store = str(folder.parent / "store")
    return subprocess.run(
        command, cwd=folder, env={**clean, "PRE_COMMIT_HOME": store, **more}, text=True, timeout=600,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository: a right script, a wrong one, one without gradients, an excluded one, a notebook."""
    folder = tmp_path / "course"
    (folder / "old").mkdir(parents=True)
    right, wrong = (
        (ROOT / "fixtures" / name).read_text(encoding="utf-8")
        for name in ("three_layer.py", "three_layer_wrong_weight.py")
    )
    cell = {"cell_type": "code", "source": wrong, "outputs": [], "metadata": {}}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    files = {
        "right.py": right,
        "wrong.py": wrong,
        "plot.py": "import sys\n\nprint(sys.argv)\n",
        "old/wrong.py": wrong,
        "notes.txt": wrong,
        "lecture.ipynb": json.dumps(notebook),
        "pyproject.toml": '[tool.gradlint]\nexclude = ["old"]\n',
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    _run("git", "init", "-q", ".", folder=folder)
    _run("git", "add", ".", folder=folder)
    return folder


def _here(folder: Path) -> None:
    """Lets the repository take the hooks of our manifest, run by this very gradlint."""
    import yaml

    hooks = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    for hook in hooks:
        called, rest = hook["entry"].split(" ", 1)
        assert called == "gradlint"
        hook |= {"entry": f'"{sys.executable}" -m gradlint {rest}', "language": "system"}
        hook.pop("minimum_pre_commit_version")
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    _run("git", "add", ".", folder=folder)


def _pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run(
        sys.executable, "-m", "pre_commit", *arguments, folder=folder, PYTHONPATH=str(ROOT / "src")
    )


def _found(output: str) -> list[str]:
    """The places of what was found."""
    return re.findall(r"^(\S+?:(?:cell \d+:)?\d+):\d+: GL", output, re.MULTILINE)


def test_a_commit_is_stopped_by_the_wrong_line_and_by_nothing_else(repository: Path) -> None:
    _here(repository)
    done = _pre_commit(repository, "run")
    assert done.returncode == 1, done.stdout
    assert sorted(_found(done.stdout)) == ["lecture.ipynb:cell 1:38", "wrong.py:38"]
    assert "1 correct" in done.stdout and "old/wrong.py: left out" in done.stdout
    assert "gradlint (run)" not in done.stdout, "nothing is executed at a commit"


def test_a_commit_of_right_and_irrelevant_files_passes(repository: Path) -> None:
    _here(repository)
    _run("git", "rm", "-q", "--cached", "wrong.py", "lecture.ipynb", folder=repository)
    done = _pre_commit(repository, "run", "gradlint")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("stage", ["pre-push", "manual"])
def test_the_hook_that_runs_scripts_is_for_pushes_and_by_hand(repository: Path, stage: str) -> None:
    _here(repository)
    done = _pre_commit(
        repository, "run", "gradlint-run", "--hook-stage", stage, "--files", "plot.py", "notes.txt"
    )
    assert done.returncode == 0 and "gradlint (run)" in done.stdout, done.stdout


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the repository of gradlint")
def test_the_hook_installs_by_itself_and_judges(repository: Path) -> None:
    """`pre-commit try-repo` builds the environment that a user of the hook would get."""
    names = ("right.py", "wrong.py", "plot.py")
    done = _pre_commit(repository, "try-repo", str(ROOT), "gradlint", "--files", *names)
    if "InstallationError" in done.stdout or "CalledProcessError" in done.stdout:
        if OFFLINE.search(done.stdout):
            pytest.skip("the environment of the hook cannot be built: no package index")
        pytest.fail(done.stdout)
    assert done.returncode == 1, done.stdout
    assert _found(done.stdout) == ["wrong.py:38"]


def test_the_hook_needs_no_torch() -> None:
    from packaging.requirements import Requirement

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    needed = {Requirement(found).name for found in re.findall(r'"([^"]+)"', block.group(1))}
    assert "numpy" in needed and needed & {"torch", "matplotlib", "pytest", "scipy"} == set()
