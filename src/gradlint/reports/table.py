"""The table of gradients: what was claimed, and what each witness says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from gradlint.model import Agreement, Gradient
from gradlint.reports.folding import folded
from gradlint.reports.page import INDENT, Page

_GAP = 2
_RIGHT = {"cell", "line", "rel. error", "cosine"}
_STYLES = {
    Agreement.EQUAL: "green", Agreement.SCALED: "yellow", Agreement.OPPOSITE: "red",
    Agreement.DIFFERENT: "red", Agreement.UNKNOWN: "dim", Agreement.NOT_RUN: "dim",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and, for each gradient, a cell: its text and style."""

    heading: str
    cells: tuple[tuple[str, str], ...]

    @property
    def width(self) -> int:
        return max(cell_len(text) for text in (self.heading, *(text for text, _ in self.cells)))

    def padded(self, text: str) -> str:
        room = " " * (self.width - cell_len(text))
        return room + text if self.heading in _RIGHT else text + room


def print_gradients(page: Page, gradients: Sequence[Gradient]) -> None:
    """Two lines for each gradient: the witnesses, then the derived expression and what it uses.

    Those of several losses or functions stand below the name of each.
    """
    shown = folded(gradients)
    gradients = [one.gradient for one in shown]
    columns = _fitted(gradients, page.look.width)
    headings = (" " * _GAP).join(column.padded(column.heading) for column in columns)
    page.line(" " * INDENT, (headings, "bold"))
    page.line(" " * INDENT, (page.look.dash * cell_len(headings), "dim"))
    indent = INDENT + columns[0].width + _GAP
    grouped, group = len({gradient.loss for gradient in gradients}) > 1, None
    for row, (gradient, one) in enumerate(zip(gradients, shown, strict=True)):
        if grouped and gradient.loss != group:
            group = gradient.loss
            page.line(" " * INDENT, (f"{group or 'no loss'}:", "italic"))
        page.line(" " * INDENT, *_row(columns, row))
        if gradient.expected:
            page.hanging(_derived(gradient, page.look.width - indent), indent)
        if one.more:
            page.line(
                " " * INDENT, (f"and {one.more} more of line {gradient.line}, the same", "dim")
            )


def _row(columns: Sequence[Column], row: int) -> Iterable[tuple[str, str]]:
    for column in columns:
        text, style = column.cells[row]
        yield column.padded(text), style
        yield " " * _GAP, ""


def _derived(gradient: Gradient, room: int) -> Text:
    body = Text(f"= {gradient.expected}")
    if gradient.uses:
        uses = "uses " + ", ".join(gradient.uses)
        fits = cell_len(body.plain) + len("   ") + cell_len(uses) <= room
        body.append("   " if fits else "\n").append(uses, "dim")
    return body


def _fitted(gradients: Sequence[Gradient], width: int) -> list[Column]:
    """The columns that say something; a table that is too wide gives up what it can spare."""
    columns = _columns(gradients, "finite differences")
    if not _fits(columns, width):
        columns = _columns(gradients, "finite diff.")
    for spared in ("cosine", "rel. error"):
        if not _fits(columns, width):
            columns = [column for column in columns if column.heading != spared]
    return columns


def _fits(columns: Sequence[Column], width: int) -> bool:
    return INDENT + sum(column.width + _GAP for column in columns) - _GAP <= width


def _columns(gradients: Sequence[Gradient], differences: str) -> list[Column]:
    columns = [
        Column("gradient", tuple((g.name, "bold") for g in gradients)),
        Column("of", tuple((g.of, "") for g in gradients)),
        *_places(gradients),
        Column("static", tuple(_agreement(g.static, g.scale) for g in gradients)),
    ]
    if any(g.autograd is not Agreement.NOT_RUN for g in gradients):
        cells = tuple(_agreement(g.autograd, _seen_scale(g)) for g in gradients)
        columns.append(Column("autograd", cells))
    if any(g.finite_difference is not Agreement.NOT_RUN for g in gradients):
        cells = tuple(_agreement(g.finite_difference, _seen_scale(g)) for g in gradients)
        columns.append(Column(differences, cells))
    return columns + _numbers(gradients)


def _seen_scale(gradient: Gradient) -> float | None:
    return gradient.scale if gradient.autograd_scale is None else gradient.autograd_scale


def _places(gradients: Sequence[Gradient]) -> Iterator[Column]:
    if any(g.cell is not None for g in gradients):
        yield Column("cell", tuple((str(g.cell or ""), "") for g in gradients))
    yield Column("line", tuple((_place(g), "") for g in gradients))


def _place(gradient: Gradient) -> str:
    return f"{gradient.file}:{gradient.line}" if gradient.file else str(gradient.line)


def _numbers(gradients: Sequence[Gradient]) -> list[Column]:
    columns = []
    if any(g.max_relative_error is not None for g in gradients):
        errors = (_number(g.max_relative_error, ".1e") for g in gradients)
        columns.append(Column("rel. error", tuple((text, "") for text in errors)))
    if any(g.cosine is not None for g in gradients):
        cosines = (_number(g.cosine, ".2f") for g in gradients)
        columns.append(Column("cosine", tuple((text, "") for text in cosines)))
    return columns


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _agreement(agreement: Agreement, scale: float | None = None) -> tuple[str, str]:
    words = agreement.value.replace("-", " ")
    if agreement is Agreement.SCALED and scale is not None:
        words = f"scaled x {scale:.4g}"
    return words, _STYLES[agreement]
