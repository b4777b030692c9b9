"""What flows out of an analysis: findings, gradients and verdicts, as frozen values.

The field names are those of the JSON contract; `reports` turns these values into text or JSON and
nothing else in the package knows how they will be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradlint.health.record import Health

INTERNAL_ERROR = "internal error: "
"""How the reason of a report begins where gradlint itself failed."""


class Severity(str, Enum):
    """How sure a finding is; ordered from the weakest to the strongest.

    >>> Severity.ERROR.rank > Severity.WARNING.rank, Severity("note")
    (True, <Severity.NOTE: 'note'>)
    """

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 for an error."""
        return ("note", "warning", "error").index(self.value)


class Verdict(str, Enum):
    """What is known of a file after the analysis (README.md says what each one means).

    >>> Verdict.WRONG == "wrong"
    True
    """

    WRONG = "wrong"
    SUSPECT = "suspect"
    CORRECT = "correct"
    UNVERIFIED = "unverified"
    NOT_APPLICABLE = "not-applicable"
    UNREADABLE = "unreadable"


class Agreement(str, Enum):
    """How a written gradient compares with the true one.

    >>> [agreement.value for agreement in Agreement][:4]
    ['equal', 'scaled', 'opposite', 'different']
    """

    EQUAL = "equal"
    SCALED = "scaled"
    OPPOSITE = "opposite"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the user's file: lines and columns are 1-based, the end column is exclusive.

    In a notebook they count in a cell, and `cell` is its number, 1-based over the cells of all kinds.
    `file` is the path of the file where it is another than the one that is analysed, else "".

    >>> Span(12, 5, 12, 9).told, Span(3, 1, 3, 8, file="layers.py").told
    ('line 12', 'line 3 of layers.py')
    """

    file: str = field(default="", kw_only=True)
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = field(default=None, kw_only=True)

    @property
    def told(self) -> str:
        """`line 12`, or `line 12 of common/layers.py`."""
        return f"line {self.line} of {self.file}" if self.file else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text in `span` by `content`; an empty span inserts.

    >>> Edit(Span(41, 33, 41, 37), "w_mid").content
    'w_mid'
    """

    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a finding; `verified` when re-analysis found every gradient right after them.

    `grounds` are others on which the fix is sure.

    >>> edit = Edit(Span(41, 33, 41, 37), "w_mid")
    >>> Fix("replace w_in by w_mid", (edit,), verified=True).verified
    True
    """

    message: str
    edits: tuple[Edit, ...]
    verified: bool
    grounds: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the user, on one line of the file.

    `message` is one sentence or two in the user's own names; `expected` is the derived expression
    where one exists; `help` says what to write when there is no fix that can be applied; `about` are
    the parameters whose gradients it speaks of.

    >>> here = Span(41, 33, 41, 37)
    >>> found = Finding("GL101", "wrong-tensor", Severity.ERROR, here, "w_in stands where w_mid belongs")
    >>> found.span.line, found.severity.value, found.fix is None
    (41, 'error', True)
    """

    code: str
    name: str
    severity: Severity
    span: Span
    message: str
    expected: str | None = None
    help: str | None = None
    fix: Fix | None = None
    confirmed_by: tuple[str, ...] = ("static",)
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gradient:
    """One gradient that the script claims: variable `name` is said to be the gradient of `of`.

    `scale` is the factor between the written and the true gradient where they are proportional.
    `file` is the path of the file with the line, where it is another than the one that is analysed;
    `number` is that of the claim among all of the script's. `static_error` and `max_relative_error` are
    relative, in the norm: the first at the analysis's own values, the second at those of the run, as are
    `cosine` and `autograd_scale`. `by_slopes`: autograd is no witness, since it does not know the derivative
    of a search; finite differences are; neither is one of a `straight`-through estimator. `kinks` counts the
    items that the run left out, since they depend on the slope at a kink.

    >>> row = Gradient("grad_w1", of="w1", loss="loss", line=43, static=Agreement.EQUAL)
    >>> row.static.value, row.autograd.value
    ('equal', 'not-run')
    """

    name: str
    of: str
    loss: str | None
    line: int
    static: Agreement
    scale: float | None = None
    expected: str | None = None
    uses: tuple[str, ...] = ()
    autograd: Agreement = Agreement.NOT_RUN
    finite_difference: Agreement = Agreement.NOT_RUN
    max_relative_error: float | None = None
    cosine: float | None = None
    file: str = ""
    cell: int | None = None
    number: int | None = None
    static_error: float | None = None
    autograd_scale: float | None = None
    kinks: int = 0
    by_slopes: bool = False
    straight: bool = False


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call of the script's own, of the function `name`, at whose arguments gradients were confirmed.

    `line` is where it is called, None where that is not in the script; `cell` that of a notebook.
    """

    name: str
    line: int | None = None
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """How the run of the script ended; `status` is ok, failed, timeout or not-run.

    `refused`: what the user asked for (a device) is not there, an error of usage. `unguarded`: what the
    system cannot keep a run from. `health` is what was seen of each training; `called` is how many
    functions, layers and losses that the script does not train were called with made inputs, `own` are
    the calls among the script's own at whose arguments they were held against the witnesses too.

    >>> Run().status, Run("ok", "cpu", iterations=3).iterations
    ('not-run', 3)
    """

    status: str = "not-run"
    device: str | None = None
    iterations: int = 0
    detail: str | None = None
    refused: bool = False
    unguarded: tuple[str, ...] = ()
    health: tuple[Health, ...] = ()
    called: int = 0
    own: tuple[OwnCall, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything that is said of one file; `text` is its source, for excerpts (may be empty).

    `others` are the texts, by path, of the other files that findings and gradients stand in;
    `cells` are the sources of a notebook's cells by their numbers. Programs know it as `gradlint.Report`.

    >>> report = FileReport("script.py", Verdict.CORRECT)
    >>> report.verdict.value, report.findings
    ('correct', ())
    """

    path: str
    verdict: Verdict
    reason: str | None = None
    gradients: tuple[Gradient, ...] = ()
    findings: tuple[Finding, ...] = ()
    run: Run = field(default_factory=Run)
    text: str = field(default="", repr=False)
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    cells: Mapping[int, str] = field(default_factory=dict, repr=False)

    @property
    def failed(self) -> bool:
        """Whether gradlint itself failed on this file."""
        return (self.reason or "").startswith(INTERNAL_ERROR)

    def path_of(self, span: Span) -> str:
        """The path of the file that `span` stands in."""
        return span.file or self.path

    def text_of(self, span: Span) -> str:
        """The text that `span` counts in: of a notebook's cell, or of the file that it stands in."""
        if span.cell is not None:
            return self.cells.get(span.cell, "")
        return self.others.get(span.file, "") if span.file else self.text
