"""numpy names that are gone, read as what they meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gradlint.reading.lines import Lines
from gradlint.reading.positions import Places
from gradlint.reading.rewriting import Change

_BUILTINS = {
    **{name: name for name in ("int", "float", "bool", "object", "str", "complex")},
    "unicode": "str", "long": "int", "asscalar": "float",
}  # fmt: skip
_MEMBERS = {
    "float_": "float64", "complex_": "complex128", "unicode_": "str_", "string_": "bytes_",
    "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan",
    "product": "prod", "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all",
    "mat": "asmatrix", "row_stack": "vstack", "round_": "round", "in1d": "isin",
}  # fmt: skip
REMOVED = frozenset(_MEMBERS)
"""Names that a star import gave in the author's time."""
_GONE_SINCE = {
    **dict.fromkeys(_BUILTINS, "1.24"), **dict.fromkeys(_MEMBERS, "2.0"), "in1d": "2.4", "asscalar": "1.23"
}  # fmt: skip
_MENTIONS = re.compile(r"\.(?:" + "|".join([*_BUILTINS, *_MEMBERS, "random_integers"]) + r")\b")


@dataclass(frozen=True, slots=True)
class Removed:
    """A name that numpy no longer has, as it is written, and since when; the `changes` mend it."""

    written: str
    since: str
    changes: tuple[Change, ...]

    @property
    def instead(self) -> str:
        """What to write in its place, in words."""
        return self.changes[0].content


def mentions_removed(text: str) -> bool:
    """Whether `text` may hold such a name, judged without a parser."""
    return _MENTIONS.search(text) is not None


def numpy_aliases(tree: ast.AST) -> set[str]:
    """The names under which a script knows numpy."""
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.Import))
    return {a.asname or a.name for n in imports for a in n.names if a.name == "numpy"}


def removed_names(text: str, tree: ast.AST, aliases: Iterable[str]) -> Iterator[Removed]:
    """The removed names in `text`, of which `tree` is the tree; numpy goes by `aliases` there."""
    known, finder = set(aliases), _Finder(text)
    calls = {id(n.func): n for n in ast.walk(tree) if isinstance(n, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in known:
            yield from finder.member(node)
        elif node.attr == "random_integers" and id(node) in calls and _is_random(node.value, known):
            yield from finder.random_integers(node, calls[id(node)])


def _is_random(node: ast.expr, known: set[str]) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr != "random":
        return False
    return isinstance(node.value, ast.Name) and node.value.id in known


class _Finder:
    def __init__(self, text: str) -> None:
        self.text, self.places, self.lines = text, Places(text), Lines(text)

    def _stretch(self, node: ast.expr) -> tuple[int, int]:
        at = self.places.span(node)
        start = self.lines.offset(at.line, at.column)
        return start, self.lines.offset(at.end_line, at.end_column)

    def member(self, node: ast.Attribute) -> Iterator[Removed]:
        start, end = self._stretch(node)
        written = self.text[start:end]
        if node.attr in _BUILTINS:
            meant = _BUILTINS[node.attr]
        elif node.attr in _MEMBERS:
            meant = f"{written[: -len(node.attr)]}{_MEMBERS[node.attr]}"
        else:
            return
        yield Removed(written, _GONE_SINCE[node.attr], (Change(start, end, meant),))

    def random_integers(self, node: ast.Attribute, call: ast.Call) -> Iterator[Removed]:
        """`random_integers(low, high)`, which may draw `high`, is `randint(low, high + 1)`."""
        start, end = self._stretch(node)
        written = self.text[start:end]
        name = Change(start, end, written.removesuffix("random_integers") + "randint")
        high = next((k.value for k in call.keywords if k.arg == "high"), None)
        if high is None and len(call.args) > 1:
            high = call.args[1]
        if any(isinstance(a, ast.Starred) for a in call.args) or not call.args:
            return
        first, last = self._stretch(high if high is not None else call.args[0])
        head = "" if high is not None else "1, "
        more = head + _one_more(self.text[first:last], high if high is not None else call.args[0])
        yield Removed(written, "2.0", (name, Change(first, last, more)))


def _one_more(text: str, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value + 1)
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return f"{text} + 1" if simple else f"({text}) + 1"
