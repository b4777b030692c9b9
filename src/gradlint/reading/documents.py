"""From a file's text to the cells of Python in it: a script is one, a notebook and Markdown have many."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradlint.reading.rewriting import Rewriting

_NOTEBOOK = re.compile(r'\s*\{\s*"(?:cells|metadata|nbformat(?:_minor)?|worksheets)"\s*:')
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd")


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of Python. `code` is what it holds; `code.old` stands in the user's text at `offset`.

    The user's text is that of the cell in a notebook, where `number` counts the cells of all kinds
    from 1, and else that of the file.
    """

    code: Rewriting
    offset: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file as the user has it, and its cells; `python2` is what it says itself, None if nothing."""

    text: str
    cells: tuple[Cell, ...]
    python2: bool | None = None
    is_script: bool = False

    @property
    def python(self) -> str:
        """All code in the file; that of a script is its text."""
        return "\n".join(cell.code.new for cell in self.cells)

    def sources(self) -> Mapping[int | None, str]:
        """The user's texts by the number of their cell, None being the file."""
        by_number: dict[int | None, str] = {c.number: c.code.old for c in self.cells if c.number}
        return by_number or {None: self.text}


def open_document(text: str, path: str) -> Document:
    """The cells in `text`, the content of the file at `path`.

    Raises:
        ValueError: a notebook that is none (`json.JSONDecodeError` where it is no JSON).
    """
    name = path.lower()
    if name.endswith(".ipynb") or (not name.endswith(".py") and _NOTEBOOK.match(text)):
        return _notebook(text)
    if name.endswith(_MARKDOWN):
        return Document(text, tuple(_blocks(text)))
    return Document(text, (Cell(Rewriting(text)),), is_script=True)


def _notebook(text: str) -> Document:
    from gradlint.reading.notebooks import code_cells, says_python2

    cells = (Cell(Rewriting(cell.source), 0, cell.number) for cell in code_cells(text))
    return Document(text, tuple(cells), says_python2(text))


def _blocks(text: str) -> Iterator[Cell]:
    from gradlint.reading.markdown import python_blocks

    for block in python_blocks(text):
        yield Cell(block.dedented(text), block.start)
