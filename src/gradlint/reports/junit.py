"""JUnit XML: a suite for each file, a case for each finding and for each gradient that was judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gradlint.model import Agreement, FileReport, Finding, Gradient, Severity, Verdict
from gradlint.reports.locations import location_of, shown_path
from gradlint.reports.look import Look
from gradlint.reports.plain import title, told

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RIGHT = (Agreement.EQUAL, Agreement.SCALED)


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """The whole document, once every file is there."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", name="gradlint")
    root.extend(_suite(report) for report in reports)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    encoding = "unicode" if look.unicode else "us-ascii"
    text = ElementTree.tostring(root, encoding=encoding)
    body = text if isinstance(text, str) else text.decode("ascii").partition("?>\n")[2]
    yield f'<?xml version="1.0" encoding="{"utf-8" if look.unicode else "us-ascii"}"?>\n{body}\n'


def _suite(report: FileReport) -> Element:
    from xml.etree import ElementTree

    cases = list(_cases(report))
    suite = ElementTree.Element("testsuite", name=_clean(shown_path(report.path)))
    suite.set("tests", str(len(cases)))
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in kinds.items():
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _cases(report: FileReport) -> Iterator[Element]:
    yield from (_finding(report, finding) for finding in report.findings)
    about = {name for f in report.findings if f.severity is not Severity.NOTE for name in f.about}
    yield from (_gradient(report, g) for g in report.gradients if g.of not in about)
    if report.failed:
        yield _case(report, "analysis", ("error", {"message": report.reason or ""}, ""))
    elif report.verdict is Verdict.UNVERIFIED:
        yield _case(report, "verdict", ("skipped", {"message": report.reason or ""}, ""))
    elif not report.findings and not report.gradients:
        yield _case(report, report.verdict.value)


def _finding(report: FileReport, finding: Finding) -> Element:
    at = location_of(report, finding.span)
    name = f"{title(finding)}, line {at.line}" if finding.span.cell is None else title(finding)
    kind = "error" if report.verdict is Verdict.UNREADABLE else "failure"
    message = " ".join(finding.message.split())
    said = (kind, {"type": finding.severity.value, "message": message}, told(finding))
    if finding.severity is Severity.NOTE:
        said = ("system-out", {}, told(finding))
    case = _case(report, name, said)
    case.set("file", _clean(at.path))
    case.set("line", str(at.line))
    return case


def _gradient(report: FileReport, gradient: Gradient) -> Element:
    name = f"{gradient.name} of {gradient.of}, line {gradient.line}"
    if gradient.static in _RIGHT and gradient.autograd in (*_RIGHT, Agreement.NOT_RUN):
        return _case(report, name)
    seen = f"{gradient.static.value} by static analysis, {gradient.autograd.value} by autograd"
    return _case(report, name, ("skipped", {"message": seen.replace("-", " ")}, ""))


def _case(
    report: FileReport, name: str, said: tuple[str, dict[str, str], str] | None = None
) -> Element:
    from xml.etree import ElementTree

    case = ElementTree.Element("testcase", classname=_clean(shown_path(report.path)))
    case.set("name", _clean(name))
    if said is not None:
        tag, attributes, text = said
        clean = {key: _clean(value) for key, value in attributes.items()}
        ElementTree.SubElement(case, tag, clean).text = _clean(text) or None
    return case


def _clean(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _NOT_XML.sub("?", text)
