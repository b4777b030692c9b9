"""The script that teaches a shell to complete what follows `gradlint`; click does the work."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_NAME, _VARIABLE = "gradlint", "_GRADLINT_COMPLETE"


def script(shell: str, cli: click.Command) -> str:
    """The completion script for bash, zsh or fish."""
    complete = get_completion_class(shell)
    assert complete is not None, f"click knows no {shell}"
    made = complete(cli, {}, _NAME, _VARIABLE)
    return made.source_template % made.source_vars()
