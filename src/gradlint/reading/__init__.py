"""Text to syntax tree: the first stage, and the only one that knows `ast`, libcst and fissix.

What this Python parses is read with its own `ast`, in a tenth of the time and without importing
libcst, which reads what is left: the syntax of later versions. Text that is no Python 3 is made so
first (notebooks, magics, typographic characters, Python 2), with a map back to what the user wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlint.reading.prefilter import might_hold_gradient
from gradlint.reading.script import Script, UnreadableSyntax, read_script

if TYPE_CHECKING:
    from gradlint.reading.syntax import Module

__all__ = ["Script", "UnreadableSyntax", "might_hold_gradient", "read_module", "read_script"]


def read_module(text: str, path: str) -> Module:
    """Read `text` into a syntax tree.

    Raises:
        UnreadableSyntax: the text does not parse.
    """
    return read_script(text, path).module
