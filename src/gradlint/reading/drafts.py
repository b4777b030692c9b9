"""One cell on its way from what the user wrote to Python 3: each stage only where it is needed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

from gradlint.model import Finding
from gradlint.reading.documents import Cell
from gradlint.reading.indents import spaces_for_tabs
from gradlint.reading.lines import Lines
from gradlint.reading.magics import without_magics
from gradlint.reading.notices import Teller
from gradlint.reading.prompts import without_prompts
from gradlint.reading.python2 import NotPython2, modernised
from gradlint.reading.removed_names import mentions_removed, removed_names
from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.reading.typography import oddities

NESTED = "nested too deeply to be read"


class Draft:
    """A cell, the rewritings made of it so far, and what was noticed on the way."""

    def __init__(self, cell: Cell, source: str) -> None:
        self.cell = cell
        self.chain: list[Rewriting] = [cell.code] if cell.code.changes else []
        self.text = cell.code.new
        self.teller = Teller(source, cell.offset, cell.number)
        self.teller.chain = tuple(self.chain)
        self.notices: list[Finding] = []
        self.tree: ast.Module | None = None
        self.error: SyntaxError | None = None
        self._parse()

    def _parse(self) -> None:
        self.tree, self.error = parse(self.text)

    def _accept(self, rewriting: Rewriting) -> None:
        """Go on with the text after `rewriting`."""
        if rewriting.changes:
            self.chain.append(rewriting)
            self.teller.chain = tuple(self.chain)
            self.text = rewriting.new
            self._parse()

    def clean(self) -> None:
        """Take out what is no Python in any version, and put right what was meant for it."""
        if self.text.startswith("\ufeff"):
            self.change([Change(0, 1, "")])
        if self.tree is None:
            self._accept(without_prompts(self.text))
        if self.tree is None or "get_ipython(" in self.text:
            made = without_magics(self.text)
            if self.cell.number is None and self.tree is None:
                self.notices += (self.teller.magic(c.start, c.end) for c in made.changes)
            self._accept(made)
        if self.tree is None:
            found = list(oddities(self.text))
            self.notices += self.teller.oddities(found)
            self._accept(rewritten(self.text, (one.change for one in found)))
        if self.tree is None:
            self._indent_by_spaces(told=True)

    def _indent_by_spaces(self, told: bool) -> None:
        """Where only tabs and spaces in turns keep the text from parsing, a tab counts as in Python 2."""
        if not isinstance(self.error, IndentationError):
            return
        for width in (8, 4) if told else (8,):
            made = rewritten(self.text, spaces_for_tabs(self.text, width))
            if made.changes and parse(made.new)[0] is not None:
                if told:
                    first = made.changes[0]
                    self.notices.append(
                        self.teller.tabs(first.start, first.end, width, made.changes)
                    )
                self._accept(made)
                return

    def modernised(self) -> Rewriting | None:
        """How this is Python 2 and not 3, None where it is not."""
        if self.tree is not None:
            return None
        try:
            made = modernised(self.text)
        except NotPython2 as refused:
            self._blame(refused)
            return None
        return made if made.changes and _parses_indented(made.new) else None

    def _blame(self, refused: NotPython2) -> None:
        """Where Python 3 only stumbles over Python 2, what Python 2 refuses is the error."""
        if self.error is not None and "Missing parentheses in call" in str(self.error.msg):
            self.error = SyntaxError(
                refused.message, ("", refused.line, refused.column, None, None, None)
            )

    def modernise(self) -> None:
        """Read the cell as Python 2."""
        try:
            self._accept(modernised(self.text))
        except NotPython2:
            return
        if self.tree is None:
            self._indent_by_spaces(told=False)

    def rename(self, aliases: Iterable[str]) -> None:
        """Put what is meant in the place of names that numpy no longer has."""
        if self.tree is None or not mentions_removed(self.text):
            return
        found = list(removed_names(self.text, self.tree, aliases))
        self.notices += map(self.teller.removed, found)
        self._accept(rewritten(self.text, (c for one in found for c in one.changes)))

    def change(self, changes: Iterable[Change]) -> None:
        """Make `changes` of which nothing is to be said."""
        self._accept(rewritten(self.text, changes))

    def error_at(self) -> tuple[str, int, int]:
        """What the parser says of the text that it refuses, and the stretch that it means."""
        error, lines = self.error or SyntaxError("invalid syntax"), Lines(self.text)
        start = lines.offset(error.lineno or 1, max(error.offset or 1, 1))
        message = (error.msg or "invalid syntax").strip().splitlines()[0]
        return message, start, min(start + 1, len(self.text))


def parse(text: str) -> tuple[ast.Module | None, SyntaxError | None]:
    """The tree of `text`, or why it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), None
    except SyntaxError as error:
        return None, error
    except ValueError as error:
        return None, SyntaxError(str(error))
    except (MemoryError, RecursionError):
        return None, SyntaxError(NESTED)


def _parses_indented(text: str) -> bool:
    made = rewritten(text, spaces_for_tabs(text, 8))
    return any(parse(one)[0] is not None for one in (text, made.new))
