"""A finding in plain sentences, for programs that show a text and know nothing of gradients."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.model import Finding


def told(finding: Finding) -> str:
    """The message, and in lines of their own what was expected and what to write."""
    return "\n".join(_lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    yield " ".join(finding.message.split())
    if finding.expected:
        yield f"Expected: {finding.expected}"
    if finding.fix:
        yield f"Fix: {finding.fix.message}{' (verified)' if finding.fix.verified else ''}"
    if finding.help:
        yield f"Help: {finding.help}"


def title(finding: Finding) -> str:
    """`GL101 wrong-tensor`, with the cell of a notebook."""
    cell = finding.span.cell
    place = "" if cell is None else f" (cell {cell}, line {finding.span.line})"
    return f"{finding.code} {finding.name}{place}"
