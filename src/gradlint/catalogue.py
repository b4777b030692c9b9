"""The catalogue of rules: one Markdown page each, which is its documentation and its test cases.

A page starts with front matter (`code`, `name`, `severity`, `summary`) between `---` lines; the
first Python block under *Example* raises the rule on the line marked `# <- CODE`, the one under
*Use instead* raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradlint.model import Severity

SECTIONS = (
    "What it does", "Why is this bad", "Example", "Use instead", "Fix safety", "References",
)  # fmt: skip

_FRONT = re.compile(r"\A---\n(.*?)\n---\n+", re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


class CatalogueError(Exception):
    """A page is not in the format of the catalogue, or the catalogue is not there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `wrong` and `right` are scripts, None where no text can raise the rule."""

    code: str
    name: str
    severity: Severity
    summary: str
    page: str
    wrong: str | None
    right: str | None

    def marked_lines(self) -> tuple[int, ...]:
        """The 1-based lines of `wrong` that end in `# <- CODE`."""
        lines = (self.wrong or "").split("\n")
        return tuple(n for n, line in enumerate(lines, 1) if line.endswith(f"# <- {self.code}"))


def parse_page(text: str) -> Rule:
    """The rule that a page describes.

    Raises:
        CatalogueError: the front matter is not there or lacks a key, or the severity is unknown.
    """
    front = _FRONT.match(text)
    if front is None:
        raise CatalogueError("a rule's page starts with front matter between `---` lines")
    keys = dict(_key(line) for line in front.group(1).split("\n") if line.strip())
    page = text[front.end() :]
    blocks = sections(page)
    try:
        return Rule(
            keys["code"], keys["name"], Severity(keys["severity"]), keys["summary"], page,
            _script(blocks.get("Example", "")), _script(blocks.get("Use instead", "")),
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"front matter: {error}") from None


def _key(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip().strip("\"'")


def _script(section: str) -> str | None:
    found = _PYTHON.search(section)
    return found.group(1) if found else None


def sections(page: str) -> dict[str, str]:
    """The text under each second-level heading of `page`; code blocks hold no headings."""
    fenced = re.sub(r"^```.*?^```", lambda m: " " * len(m.group()), page, flags=re.S | re.M)
    heads = list(_HEADING.finditer(fenced))
    ends = [*(head.start() for head in heads[1:]), len(page)]
    return {
        head.group(1): page[head.end() : end].strip()
        for head, end in zip(heads, ends, strict=False)
    }


def pages() -> list[Path]:
    """The pages of the catalogue, sorted by code; in a wheel they lie in the package.

    Raises:
        CatalogueError: there are none.
    """
    here = Path(__file__).resolve()
    for folder in (here.parent / "rules", here.parents[2] / "rules"):
        found = sorted(folder.glob("GL[0-9]*.md"))
        if found:
            return found
    raise CatalogueError("the catalogue of rules is missing from this installation")


@cache
def load() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of the codes.

    Raises:
        CatalogueError: a page is malformed (the message names it) or the catalogue is not there.
    """
    rules = {}
    for path in pages():
        try:
            rule = parse_page(path.read_text(encoding="utf-8"))
        except CatalogueError as error:
            raise CatalogueError(f"{path.name}: {error}") from None
        rules[rule.code] = rule
    return rules


def find(code_or_name: str) -> Rule | None:
    """The rule of this code or name, in any case."""
    wanted = code_or_name.casefold()
    rules = load().values()
    return next((r for r in rules if wanted in (r.code.casefold(), r.name)), None)


def nearest(wrong: str) -> str | None:
    """The code that a mistyped code or name most likely stands for."""
    import difflib

    names = {word: r.code for r in load().values() for word in (r.code.casefold(), r.name)}
    close = difflib.get_close_matches(wrong.casefold(), names, n=1)
    return names[close[0]] if close else None
