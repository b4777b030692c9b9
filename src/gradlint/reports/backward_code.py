"""A backward pass as code to be pasted, or as a block of Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from gradlint.composing import Backward
from gradlint.composing.partners import Partner
from gradlint.explaining.lesson import Line
from gradlint.reading.syntax import Stmt as Statement


def render(made: Backward, after: Line, form: str) -> str:
    """The code; `after` is the user's line that it belongs behind."""
    code = "\n".join(_lines(made, after)) + "\n"
    return f"```python\n{textwrap.dedent(code)}```\n" if form == "markdown" else code


def render_partners(made: Sequence[Partner], line: Callable[[Statement], Line], form: str) -> str:
    """The functions and methods one after the other; `line` is that of a statement as the user sees it."""
    blocks = []
    for one in made:
        last = line(one.returning).place if one.keeping else ""
        code = "\n".join(_of_partner(one, line(one.after).place, last)) + "\n"
        blocks.append(code if form == "markdown" else textwrap.indent(code, one.indent))
    if form == "markdown":
        return "\n".join(f"```python\n{code}```\n" for code in blocks)
    return "\n".join(blocks)


def _of_partner(one: Partner, first: str, last: str) -> Iterator[str]:
    yield f"# The backward pass of {one.of} ({first}); it belongs behind its end"
    if one.keeping:
        yield f"# with this in {one.of}, before its return in {last}: {one.keeping}"
    yield from one.lines


def _lines(made: Backward, after: Line) -> Iterator[str]:
    indent = made.indent
    yield f"{indent}# The gradients of {made.loss}; they belong behind {after.place}: {after.text}"
    if made.assumed:
        yield f"{indent}# No line stores a loss: this is what the script shows; --loss takes another."
    if made.left_out:
        others = ", ".join(made.left_out)
        yield f"{indent}# Taken for data or settings: {others}; --parameter says what is to be learnt."
    if made.unmoved:
        others = ", ".join(made.unmoved)
        yield f"{indent}# No step moves {others} yet; --parameter says what is to be learnt."
    for line in made.lines:
        yield indent + line
    if made.steps:
        yield ""
        yield f"{indent}# and the steps"
        for line in made.steps:
            yield indent + line
