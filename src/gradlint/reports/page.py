"""Text laid out for a person: lines, wrapped paragraphs and labels, coloured or not."""

from __future__ import annotations

import io
import re

from rich.console import Console
from rich.text import Text

from gradlint.reports.look import Look

INDENT = 2
_LABEL = 11
_CODE = re.compile(r"`[^`\n]+`")


class Page:
    """Collects lines; `take` hands out what was collected so far as one string."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._stream = io.StringIO()
        self._console = Console(
            file=self._stream,
            width=look.width,
            force_terminal=look.colour,
            color_system="standard" if look.colour else None,
            no_color=not look.colour,
            legacy_windows=False,
        )

    def line(self, *parts: str | tuple[str, str]) -> None:
        """One line of parts, each a text or a text and its style, never wrapped."""
        self._print(Text.assemble(*parts))

    def paragraph(self, text: str, indent: int = INDENT) -> None:
        """A wrapped paragraph in which `code` between backticks stands out."""
        self._hang(Text(" " * indent), prose(text), indent)

    def labelled(self, label: str, body: Text, margin: int = INDENT) -> None:
        """`label` and, beside it, the wrapped `body`."""
        head = Text(" " * margin).append(label.ljust(_LABEL), "dim")
        self._hang(head, body, margin + _LABEL)

    def after_label(self, *parts: str | tuple[str, str]) -> None:
        """One line under the body of the label above."""
        self.line(" " * (INDENT + _LABEL), *parts)

    def hanging(self, body: Text, indent: int) -> None:
        """A wrapped paragraph, all of its lines indented by `indent`."""
        self._hang(Text(" " * indent), body, indent)

    def beside(self, head: Text, body: Text, indent: int) -> None:
        """`head` and, beside it, the wrapped `body`, whose further lines are indented by `indent`."""
        self._hang(head, body, indent)

    def take(self) -> str:
        """The text so far; the page is empty afterwards."""
        text = self._stream.getvalue()
        self._stream.seek(0)
        self._stream.truncate()
        return text

    def _hang(self, head: Text, body: Text, indent: int) -> None:
        room = max(self.look.width - indent, 20)
        for number, line in enumerate(body.wrap(self._console, room)):
            start = head.copy() if number == 0 else Text(" " * indent)
            self._print(start.append_text(line))

    def _print(self, text: Text) -> None:
        text.rstrip()
        self._console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)


def prose(text: str) -> Text:
    """`text` with what stands between backticks in bold."""
    styled = Text(text)
    styled.highlight_regex(_CODE, "bold")
    return styled
