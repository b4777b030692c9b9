"""The gallery of classic mistakes, made from the pages of `rules/`: the correction, and what is said."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator

from gradlint import catalogue
from gradlint.catalogue import Rule
from gradlint.model import FileReport, Severity

HEAD = """\
# A gallery of mistakes in hand-written backward passes

Made by `make docs` from the pages in [`rules/`](../rules), whose examples run as tests: each mistake as the
lines that mend it, and what gradlint says of it. `gradlint rule GL101` prints the whole page of one.
"""
_FAMILIES = {
    "GL0": "Reading",
    "GL1": "The derivative",
    "GL2": "Loss against gradient",
    "GL3": "The step",
    "GL4": "Autograd used by hand",
    "GL5": "torch.autograd.Function",
    "GL6": "Shapes and numbers",
    "GL7": "Training health, seen at run",
    "GL8": "Initialisation and step size",
}
_MARK = re.compile(r" *# <- GL\d+$", re.MULTILINE)


def gallery(report_of: Callable[[str], FileReport]) -> str:
    """The page; `report_of` analyses an example. What is about reading comes last."""
    rules = sorted(catalogue.load().values(), key=lambda rule: rule.code < "GL1")
    return "\n".join([HEAD, *_families(rules, report_of)])


def _families(rules: Iterable[Rule], report_of: Callable[[str], FileReport]) -> Iterator[str]:
    family = ""
    for rule in rules:
        if rule.wrong is None or rule.right is None:
            continue
        if rule.code[:3] != family:
            family = rule.code[:3]
            yield f"## {_FAMILIES[family]} ({family})\n"
        yield from _entry(rule, report_of)


def _entry(rule: Rule, report_of: Callable[[str], FileReport]) -> Iterator[str]:
    yield f"### [{rule.code} {rule.name}](../rules/{rule.code}-{rule.name}.md)\n"
    yield f"{rule.summary[0].upper()}{rule.summary[1:]}{_weight(rule.severity)}\n"
    yield f"```diff\n{_changed(rule)}\n```\n"
    said = _said(rule, report_of)
    if said:
        yield f"> {said}\n"


def _weight(severity: Severity) -> str:
    return "." if severity is Severity.ERROR else f" (a {severity.value})."


def _changed(rule: Rule) -> str:
    """The lines that differ between the wrong and the right example, with one line around them."""
    wrong = _MARK.sub("", rule.wrong or "").splitlines()
    right = _MARK.sub("", rule.right or "").splitlines()
    lines = list(difflib.unified_diff(wrong, right, n=1, lineterm=""))[2:]
    return "\n".join("..." if line.startswith("@@") else line.rstrip() for line in lines[1:])


def _said(rule: Rule, report_of: Callable[[str], FileReport]) -> str | None:
    """The first sentence or two of what gradlint says, None for what is no Python."""
    if rule.code < "GL1":
        return None
    found = report_of(rule.wrong or "").findings
    message = next((f.message for f in found if f.code == rule.code), None)
    return message and " ".join(message.split())
