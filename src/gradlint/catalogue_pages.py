"""What `gradlint rule` prints: a rule's page, or the list of all rules."""

from __future__ import annotations

import sys

from gradlint import catalogue
from gradlint.reports.look import look_of
from gradlint.selection import UnknownCode, unknown_code


def page(code: str) -> str:
    """The page of the rule of this code or name, laid out if standard output is a terminal.

    Raises:
        UnknownCode: there is no such rule.
    """
    rule = catalogue.find(code)
    if rule is None:
        raise UnknownCode(unknown_code(code))
    return _laid_out(rule.page) if sys.stdout.isatty() else rule.page.rstrip() + "\n"


def overview() -> str:
    """One line for each rule: code, name, severity and summary."""
    rules = catalogue.load().values()
    width = max(len(rule.name) for rule in rules)
    return "".join(
        f"{rule.code}  {rule.name:<{width}}  {rule.severity.value:<7}  {rule.summary}\n"
        for rule in rules
    )


def _laid_out(text: str) -> str:
    from rich.console import Console
    from rich.markdown import Markdown

    look = look_of(sys.stdout)
    console = Console(width=min(look.width, 100), force_terminal=True, no_color=not look.colour)
    with console.capture() as capture:
        console.print(Markdown(text, code_theme="ansi_dark"))
    return capture.get()
