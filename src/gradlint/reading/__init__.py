"""Text to syntax tree: the first stage, and the only one that knows `ast` and libcst.

What this Python parses is read with its own `ast`, in a tenth of the time and without importing
libcst; libcst reads what is left: the syntax of later versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlint.model import Span
from gradlint.reading.prefilter import might_hold_gradient

if TYPE_CHECKING:
    from gradlint.reading.syntax import Module

__all__ = ["UnreadableSyntax", "might_hold_gradient", "read_module"]


class UnreadableSyntax(Exception):
    """The text is not Python; `span` is the place and `message` what the parser says of it."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def read_module(text: str, path: str) -> Module:
    """Read `text` into a syntax tree.

    Raises:
        UnreadableSyntax: the text does not parse.
    """
    from gradlint.reading.converting import convert

    try:
        return convert(text, path)
    except (SyntaxError, ValueError):
        return _read_by_libcst(text, path)
    except (MemoryError, RecursionError):
        raise UnreadableSyntax("nested too deeply to be read", Span(1, 1, 1, 2)) from None


def _read_by_libcst(text: str, path: str) -> Module:
    import libcst as cst

    from gradlint.reading.lowering import lower

    try:
        tree = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _explained(text, error.message, error.raw_line, error.raw_column) from None
    except RecursionError:
        raise UnreadableSyntax("nested too deeply to be read", Span(1, 1, 1, 2)) from None
    return lower(tree, path, text)


def _explained(text: str, message: str, line: int, column: int) -> UnreadableSyntax:
    """The syntax error in CPython's words, which know what people forget; libcst's where it has none."""
    try:
        compile(text, "<script>", "exec", dont_inherit=True)
    except SyntaxError as error:
        message, line = error.msg, error.lineno or line
        column = (error.offset or 1) - 1
    except ValueError:
        pass
    first = message.strip().splitlines()[0]
    at = max(line, 1), max(column, 0) + 1
    return UnreadableSyntax(first, Span(at[0], at[1], at[0], at[1] + 1))
