"""Jupyter notebooks: where the sources of the cells stand in the JSON, and putting new ones there.

What is not a changed line of a source stays as it is, byte for byte: outputs, metadata, the order of
the keys, indentation and escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gradlint.textlines import split_lines

_BLANK = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell: its number among the cells of all kinds, its source, where that stands (offsets)."""

    number: int
    source: str
    start: int
    end: int


def code_cells(text: str) -> list[CodeCell]:
    """The code cells of a notebook of Python (nbformat 3 or 4) in order, none if it is of another.

    Raises:
        ValueError: it is not JSON (`json.JSONDecodeError`, which knows the place) or no notebook.
    """
    document = {key: (value, start) for key, value, start, _ in _members(text, _skip(text, 0))}
    if not any(key in document for key in ("cells", "worksheets")):
        raise ValueError("there are no cells in it")
    if not _is_python(document.get("metadata", ({}, 0))[0]):
        return []
    cells = _cells(text, document)
    return [found for number, start in enumerate(cells, 1) if (found := _code(text, number, start))]


def says_python2(text: str) -> bool | None:
    """Whether the metadata of a notebook name Python 2, None where they name no version."""
    try:
        metadata = json.loads(text).get("metadata", {})
    except (ValueError, AttributeError, RecursionError):
        return None
    version = _at(metadata, "language_info", "version")
    kernel = _at(metadata, "kernelspec", "name")
    named = str(version or "") + str(kernel or "").removeprefix("python")
    return named.startswith("2") if named[:1] in ("2", "3") else None


def _is_python(metadata: Any) -> bool:
    names = (_at(metadata, "language_info", "name"), _at(metadata, "kernelspec", "language"))
    named = [str(name).lower() for name in names if name]
    return not named or any("python" in name or name == "sage" for name in named)


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _cells(text: str, document: Mapping[str, tuple[Any, int]]) -> Iterator[int]:
    """Where each cell begins; before nbformat 4 they lie in worksheets."""
    if "cells" in document:
        yield from (start for start, _ in _elements(text, document["cells"][1]))
        return
    for sheet, _ in _elements(text, document["worksheets"][1]):
        members = {key: start for key, _, start, _ in _members(text, sheet)}
        if "cells" in members:
            yield from (start for start, _ in _elements(text, members["cells"]))


def _code(text: str, number: int, start: int) -> CodeCell | None:
    members = {key: (value, at, end) for key, value, at, end in _members(text, start)}
    if members.get("cell_type", ("",))[0] != "code":
        return None
    value, at, end = members.get("source") or members.get("input") or ("", start, start)
    source = "".join(map(str, value)) if isinstance(value, list) else str(value)
    return CodeCell(number, source, at, end) if at < end else None


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match is not None else at


def _members(text: str, at: int) -> Iterator[tuple[str, Any, int, int]]:
    """Key, value and place of each member of the JSON object that begins at `at`."""
    _expect(text, at, "{")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        key, at = _value(text, at)
        at = _skip(text, at)
        _expect(text, at, ":")
        start = _skip(text, at + 1)
        value, end = _value(text, start)
        yield str(key), value, start, end
        at = _next(text, end, "}")


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where each element of the JSON array that begins at `at` stands."""
    _expect(text, at, "[")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        _, end = _value(text, at)
        yield at, end
        at = _next(text, end, "]")


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _decode(text, at)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", text, at) from None


def _next(text: str, at: int, closing: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    _expect(text, at, closing)
    return at


def _expect(text: str, at: int, sign: str) -> None:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"`{sign}` is missing", text, at)


def with_sources(text: str, sources: Mapping[int, str]) -> str:
    """The notebook with other sources in the cells of these numbers."""
    ascii_only = text.isascii() and "\\u" in text
    for cell in reversed(code_cells(text)):
        if cell.number in sources and sources[cell.number] != cell.source:
            old = text[cell.start : cell.end]
            new = _encoded(old, sources[cell.number], ascii_only)
            text = text[: cell.start] + new + text[cell.end :]
    return text


def _encoded(old: str, source: str, ascii_only: bool) -> str:
    """`source` as JSON in the form of `old`, a string or a list of lines, whose lines it keeps."""

    def encode(line: str) -> str:
        return json.dumps(line, ensure_ascii=ascii_only)

    lines = split_lines(source)
    if not old.startswith("["):
        return '"' + "".join(_kept(_pieces(old[1:-1]), lines, lambda x: encode(x)[1:-1])) + '"'
    places = list(_elements(old, 0))
    tokens = [old[start:end] for start, end in places]
    known = [(token, str(json.loads(token))) for token in tokens]
    between = [old[a[1] : b[0]] for a, b in pairwise(places)]
    first = old[1 : places[0][0]] if places else ""
    glue = between[0] if between else "," + (first or " ")
    last = old[places[-1][1] : -1] if places else ""
    return "[" + first + glue.join(_kept(known, lines, encode)) + last + "]"


def _pieces(body: str) -> list[tuple[str, str]]:
    """The lines in the body of a JSON string, each as it is escaped and as it reads."""
    raw = re.findall(r"(?:[^\\]|\\[^nr])*?(?:\\r\\n|\\n|\\r)|(?:[^\\]|\\.)+\Z", body, re.DOTALL)
    return [(piece, str(json.loads(f'"{piece}"'))) for piece in raw]


def _kept(known: list[tuple[str, str]], lines: list[str], encode: Any) -> list[str]:
    """Each of `lines` encoded, where it can be as it was."""
    import difflib

    matcher = difflib.SequenceMatcher(None, [line for _, line in known], lines, autojunk=False)
    made: list[str] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            made += [token for token, _ in known[i1:i2]]
        else:
            made += [encode(line) for line in lines[j1:j2]]
    return made
