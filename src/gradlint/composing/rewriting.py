"""The text of a node with some of its parts written otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from gradlint.model import Span
from gradlint.reading import syntax as s

Edit = tuple[Span, str]


def rewritten(module: s.Module, node: s.Node, edits: Iterable[Edit]) -> str:
    """What stands at `node`, in one line, with the text of each edit in the place of its span."""
    starts = _line_starts(module)
    return _in_one_line(_edited(module.text, starts, _offsets(starts, node.span), edits))


def with_edits(module: s.Module, edits: Iterable[Edit]) -> str:
    """The whole text of `module` with the text of each edit in the place of its span."""
    return _edited(module.text, _line_starts(module), (0, len(module.text)), edits)


def _line_starts(module: s.Module) -> list[int]:
    lines = module.text.splitlines(keepends=True)
    return [0, *accumulate(len(line) for line in lines)]


def _edited(text: str, starts: list[int], within: tuple[int, int], edits: Iterable[Edit]) -> str:
    at, end = within
    found: list[str] = []
    for span, content in sorted(edits, key=lambda edit: (edit[0].line, edit[0].column)):
        first, last = _offsets(starts, span)
        found += [text[at:first], content]
        at = last
    return "".join([*found, text[at:end]])


def _offsets(starts: list[int], span: Span) -> tuple[int, int]:
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1


def _in_one_line(text: str) -> str:
    """A text without its line ends, and without the comments and the indentation that go with them."""
    lines = text.splitlines()
    if len(lines) < 2:
        return text
    bare = [line.partition("  #")[0].rstrip("\\").strip() for line in lines]
    joined = " ".join(line for line in bare if not line.startswith("#"))
    for bracket in "([{":
        joined = joined.replace(f"{bracket} ", bracket)
    for bracket in ")]}":
        joined = joined.replace(f" {bracket}", bracket)
    return joined
