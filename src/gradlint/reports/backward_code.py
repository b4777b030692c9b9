"""A backward pass as code to be pasted, or as a block of Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gradlint.composing import Backward
from gradlint.explaining.lesson import Line


def render(made: Backward, after: Line, form: str) -> str:
    """The code; `after` is the user's line that it belongs behind."""
    code = "\n".join(_lines(made, after)) + "\n"
    return f"```python\n{textwrap.dedent(code)}```\n" if form == "markdown" else code


def _lines(made: Backward, after: Line) -> Iterator[str]:
    indent = " " * (after.span.column - 1)
    yield f"{indent}# The gradients of {made.loss}; they belong behind {after.place}: {after.text}"
    if made.assumed:
        yield f"{indent}# No line stores a loss: this is what the script shows; --loss takes another."
    if made.left_out:
        others = ", ".join(made.left_out)
        yield f"{indent}# Taken for data or settings: {others}; --parameter says what is to be learnt."
    for line in made.lines:
        yield indent + line
    if made.steps:
        yield ""
        yield f"{indent}# and the steps"
        for line in made.steps:
            yield indent + line
