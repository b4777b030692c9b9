"""Reading what is not plain Python 3: a document cell by cell, each made Python 3 as far as need be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradlint.model import Finding, Span
from gradlint.reading.documents import Document
from gradlint.reading.drafts import NESTED, Draft
from gradlint.reading.lines import Lines
from gradlint.reading.python2 import divides_truly, sign_of_python2
from gradlint.reading.removed_names import numpy_aliases
from gradlint.reading.rewriting import Change
from gradlint.reading.script import Script, UnreadableSyntax
from gradlint.reading.sourcemap import Piece, SourceMap

if TYPE_CHECKING:
    from gradlint.reading.syntax import Module

_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import\b[^\r\n#;(]*", re.MULTILINE)


class Reading:
    """The reading of one document, cell by cell."""

    def __init__(self, document: Document, path: str) -> None:
        self.document, self.path = document, path
        sources = document.sources()
        self.drafts = [Draft(cell, sources[cell.number]) for cell in document.cells]
        self.notices: list[Finding] = []

    def script(self) -> Script:
        for draft in self.drafts:
            draft.clean()
        python2 = self._modernised()
        self._renamed()
        pieces, text = self._joined(list(self._readable()))
        found = [*self.notices, *(n for draft in self.drafts for n in draft.notices)]
        origin = SourceMap(text, pieces, self.document.sources())
        if self.document.is_script and not pieces[0].chain:
            origin = SourceMap()
        module = replace(self._module(text), python2=python2, origin=origin)
        return Script(module, tuple(found))

    def _modernised(self) -> bool:
        """Read the cells as Python 2 where one of them is; whether `/` divides integers so."""
        sign = next(self._signs(), None)
        if sign is None and self.document.python2 is not True:
            return False
        truly = self.document.python2 is False or any(divides_truly(d.text) for d in self.drafts)
        if sign is not None:
            draft, start, end = sign
            self.notices.append(draft.teller.python2(start, end, draft.text[start:end], not truly))
        for draft in self.drafts:
            draft.modernise()
        return not truly

    def _signs(self) -> Iterator[tuple[Draft, int, int]]:
        """Where the text shows that it is Python 2: stretches of the drafts."""
        for draft in self.drafts:
            made = draft.modernised()
            if made is not None:
                yield draft, *_line_around(draft.text, made.changes[0])
        whole = "\n".join(draft.text for draft in self.drafts)
        at = sign_of_python2(whole)
        if at is None:
            return
        for draft in self.drafts:
            if at < len(draft.text):
                word = re.compile(r"\w+").match(draft.text, at)
                yield draft, at, word.end() if word else at
                return
            at -= len(draft.text) + 1

    def _renamed(self) -> None:
        aliases = {a for d in self.drafts if d.tree is not None for a in numpy_aliases(d.tree)}
        for number, draft in enumerate(self.drafts):
            draft.rename(aliases)
            if number and "__future__" in draft.text:
                found = _FUTURE.finditer(draft.text)
                draft.change(Change(m.start(), m.end(), "pass") for m in found)

    def _readable(self) -> Iterator[Draft]:
        """The drafts that parse; of the others it is said that they are left out."""
        broken = [d for d in self.drafts if d.tree is None and not self._is_newer(d)]
        for draft in broken:
            if self.document.is_script or len(broken) == len(self.drafts):
                raise self._unreadable(draft)
            message, start, end = draft.error_at()
            draft.notices.append(draft.teller.broken(start, end, message))
        yield from (d for d in self.drafts if d.tree is not None or d not in broken)

    def _is_newer(self, draft: Draft) -> bool:
        """Whether it is the syntax of a later Python."""
        import libcst as cst

        try:
            cst.parse_module(draft.text)
        except (cst.ParserSyntaxError, RecursionError):
            return False
        return True

    def _unreadable(self, draft: Draft) -> UnreadableSyntax:
        message, start, end = draft.error_at()
        found = [n for one in self.drafts for n in one.notices]
        return UnreadableSyntax(message, draft.teller.span(start, end), found)

    def _joined(self, drafts: Sequence[Draft]) -> tuple[tuple[Piece, ...], str]:
        """The analysed text, each cell beginning on a line of its own."""
        pieces, parts, at = [], [], 0
        for draft in drafts:
            pieces.append(Piece(at, tuple(draft.chain), draft.cell.offset, draft.cell.number))
            end = "" if draft.text.endswith("\n") or self.document.is_script else "\n"
            parts.append(draft.text + end)
            at += len(parts[-1])
        return tuple(pieces), "".join(parts)

    def _module(self, text: str) -> Module:
        from gradlint.reading.converting import convert

        try:
            return convert(text, self.path)
        except (SyntaxError, ValueError):
            return self._by_libcst(text)
        except (MemoryError, RecursionError):
            raise UnreadableSyntax(NESTED, Span(1, 1, 1, 2)) from None

    def _by_libcst(self, text: str) -> Module:
        import libcst as cst

        from gradlint.reading.lowering import lower

        try:
            return lower(cst.parse_module(text), self.path, text)
        except cst.ParserSyntaxError as error:
            at = Lines(text).span(0, min(1, len(text)))
            raise UnreadableSyntax(error.message, at) from None
        except RecursionError:
            raise UnreadableSyntax(NESTED, Span(1, 1, 1, 2)) from None


def _line_around(text: str, change: Change) -> tuple[int, int]:
    """The line that a change begins on, from its first sign on, at most forty characters."""
    start = max(text.rfind("\n", 0, change.start), text.rfind("\r", 0, change.start)) + 1
    start += len(text[start:]) - len(text[start:].lstrip(" \t"))
    line = re.compile(r"[^\r\n]{0,40}").match(text, start)
    return start, start + len(line.group().rstrip()) if line else start
