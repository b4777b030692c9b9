"""Which findings the user wants to hear of, and what a verdict is worth once some are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradlint import catalogue
from gradlint.model import FileReport, Finding, Severity, Verdict

if TYPE_CHECKING:
    from gradlint.config.patterns import Patterns

ALL = "ALL"


class UnknownCode(Exception):
    """A code or prefix that no rule has; the message names the nearest."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Prefixes of codes to report and to leave out; the longest that fits a code decides.

    `per_file` are prefixes that are left out of the files that a glob fits, whatever the others say.
    """

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[Patterns, tuple[str, ...]], ...] = ()

    def wants(self, code: str, path: str) -> bool:
        """Whether `code` is reported of the file `path`; of two equally long prefixes `ignore` wins."""
        never = (codes for patterns, codes in self.per_file if patterns.fit(path))
        if any(_longest(code, codes) >= 0 for codes in never):
            return False
        return _longest(code, self.select) > _longest(code, self.ignore)


def _longest(code: str, prefixes: Iterable[str]) -> int:
    """The length of the longest prefix of `code`, 0 for ALL, -1 where none fits."""
    return max((_fit(code, prefix) for prefix in prefixes), default=-1)


def _fit(code: str, prefix: str) -> int:
    if prefix == ALL:
        return 0
    return len(prefix) if code.startswith(prefix) else -1


def make_selection(
    select: Iterable[str], ignore: Iterable[str], extend: Iterable[str] = ()
) -> Selection:
    """The selection that the options ask for; without `select` it starts from every rule.

    Raises:
        UnknownCode: an option names a code or prefix that no rule has.
    """
    chosen = checked_prefixes(select) or (ALL,)
    return Selection((*chosen, *checked_prefixes(extend)), checked_prefixes(ignore))


def checked_prefixes(options: Iterable[str]) -> tuple[str, ...]:
    """The prefixes in comma-separated `options`, in capitals.

    Raises:
        UnknownCode: no rule has one of them.
    """
    words = (word.strip() for option in options for word in option.split(","))
    prefixes = tuple(word.upper() for word in words if word)
    for prefix in prefixes:
        if prefix != ALL and not any(code.startswith(prefix) for code in catalogue.load()):
            raise UnknownCode(unknown_code(prefix))
    return prefixes


def unknown_code(prefix: str) -> str:
    """What to say of a code that no rule has."""
    near = catalogue.nearest(prefix)
    hint = f"did you mean {near}?" if near else "`gradlint rule --all` lists the codes"
    return f"no rule has the code {prefix!r}; {hint}"


def keep_findings(report: FileReport, keep: Callable[[Finding], bool]) -> FileReport:
    """`report` with the findings that `keep` accepts and the verdict that is left.

    A wrong gradient does not become right by not being spoken of: where no error and no warning is
    left, the verdict is *unverified* and the reason says what was suppressed.
    """
    kept = tuple(finding for finding in report.findings if keep(finding))
    if len(kept) == len(report.findings):
        return report
    dropped = [finding for finding in report.findings if finding not in kept]
    verdict = _verdict(report.verdict, kept)
    reason = report.reason
    if verdict is not report.verdict and verdict is Verdict.UNVERIFIED:
        reason = "findings suppressed: " + ", ".join(sorted({f.code for f in dropped}))
    return replace(report, findings=kept, verdict=verdict, reason=reason)


def _verdict(before: Verdict, kept: Iterable[Finding]) -> Verdict:
    if before not in (Verdict.WRONG, Verdict.SUSPECT):
        return before
    worst = max((finding.severity.rank for finding in kept), default=-1)
    by_rank = {Severity.ERROR.rank: Verdict.WRONG, Severity.WARNING.rank: Verdict.SUSPECT}
    return by_rank.get(worst, Verdict.UNVERIFIED)
