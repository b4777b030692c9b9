"""Reading a script again after code was put into it: what was a notebook is one plain script by then."""

from __future__ import annotations

from pathlib import Path

from gradlint.reading import read_script
from gradlint.reading import syntax as s


def reread(text: str, path: str) -> s.Module:
    """The module of `text`, which was made from the script at `path`.

    Raises:
        UnreadableSyntax: it is not Python.
    """
    return read_script(text, str(Path(path).with_suffix(".py"))).module
