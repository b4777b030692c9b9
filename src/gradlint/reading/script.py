"""From a file's text to the module that is analysed, the way back, and what was noticed on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradlint.model import Finding, Span
from gradlint.reading.documents import Document, open_document
from gradlint.reading.python2 import sign_of_python2
from gradlint.reading.removed_names import mentions_removed

if TYPE_CHECKING:
    from gradlint.reading.syntax import Module


class UnreadableSyntax(Exception):
    """The text is not Python; `span` is the place and `message` what the parser says of it.

    `notices` were noticed before that.
    """

    def __init__(self, message: str, span: Span, notices: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.notices = tuple(notices)


@dataclass(frozen=True)
class Script:
    """A module, whose `origin` leads back to the file, and what was noticed in reading it."""

    module: Module
    notices: tuple[Finding, ...] = ()


def read_script(text: str, path: str) -> Script:
    """Read `text`, the content of the file at `path`: Python, a notebook or Markdown.

    Raises:
        UnreadableSyntax: there is no Python in it that parses.
    """
    from gradlint.reading.converting import convert

    document = _opened(text, path)
    if document.is_script and not _needs_care(text):
        try:
            return Script(convert(text, path))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass
    from gradlint.reading.careful import Reading

    return Reading(document, path).script()


def _opened(text: str, path: str) -> Document:
    try:
        return open_document(text, path)
    except json.JSONDecodeError as error:
        at = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        raise UnreadableSyntax(f"not a notebook: {error.msg}", at) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableSyntax(f"not a notebook: {error}", Span(1, 1, 1, 2)) from None


def _needs_care(text: str) -> bool:
    """Whether text that parses may still mean something else than Python 3 takes it for."""
    return mentions_removed(text) or "get_ipython(" in text or sign_of_python2(text) is not None
