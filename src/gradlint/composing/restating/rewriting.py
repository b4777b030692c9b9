"""The text of a node with some of its parts written otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from gradlint.model import Span
from gradlint.reading import syntax as s

Edit = tuple[Span, str]


def rewritten(module: s.Module, node: s.Node, edits: Iterable[Edit]) -> str:
    """What stands at `node`, in one line, with the text of each edit in the place of its span."""
    lines = module.text.splitlines(keepends=True)
    starts = [0, *accumulate(len(line) for line in lines)]
    at, end = _offsets(starts, node.span)
    found: list[str] = []
    for span, text in sorted(edits, key=lambda edit: (edit[0].line, edit[0].column)):
        first, last = _offsets(starts, span)
        found += [module.text[at:first], text]
        at = last
    return _in_one_line("".join([*found, module.text[at:end]]))


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
