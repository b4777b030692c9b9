"""Completion in a shell: what click is asked, and the scripts."""

from __future__ import annotations

import pytest
from click.shell_completion import BashComplete

from gradlint.cli import cli
from gradlint.completing import script


def completed(*words: str) -> set[str]:
    """What may stand for the last of `words`; `*` where file names are completed."""
    complete = BashComplete(cli, {}, "gradlint", "_GRADLINT_COMPLETE")
    items = complete.get_completions(list(words[:-1]), words[-1])
    return {"*" if item.type == "file" else item.value for item in items}


@pytest.mark.parametrize(
    ("words", "some"),
    [
        pytest.param([""], {"check", "rule", "*"}, id="nothing yet: commands and files"),
        pytest.param(["--no-r"], {"--no-run"}, id="options of the default command"),
        pytest.param(["a.py", "--exit"], {"--exit-zero"}, id="options after a file"),
        pytest.param(["check", "--output-format", "gi"], {"github", "gitlab"}, id="values"),
        pytest.param(["completion", "z"], {"zsh"}, id="shells"),
        pytest.param(["a.py", "b"], {"*"}, id="more files"),
    ],
)
def test_completes(words: list[str], some: set[str]) -> None:
    assert some <= completed(*words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_calls_gradlint_back(shell: str) -> None:
    assert f"_GRADLINT_COMPLETE={shell}_complete" in script(shell, cli)
