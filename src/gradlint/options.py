"""The options of `gradlint check`, in the order in which its help lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from gradlint.model import Severity
from gradlint.settings import OutputFormat

F = TypeVar("F", bound=Callable[..., Any])

_CODES: dict[str, Any] = {"multiple": True, "metavar": "CODE,..."}

_OPTIONS = (
    click.option(
        "--run/--no-run",
        default=None,
        help="Execute scripts, or only analyse them.  [default: run the files that are named, "
        "analyse directories and standard input]",
    ),
    click.option(
        "--device",
        type=click.Choice(["cpu", "cuda", "auto"]),
        default="auto",
        show_default=True,
        help="Where a script and autograd compute.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="The longest that one script may run.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(1),
        default=None,
        metavar="MIB",
        help="The most memory that one script may use.  [default: 8192, or most of what is free]",
    ),
    click.option(
        "--stub-data",
        is_flag=True,
        help="Run scripts whose data are not there on made data of the same shapes.",
    ),
    click.option(
        "--health-steps",
        type=click.IntRange(0),
        default=200,
        show_default=True,
        metavar="N",
        help="Watch the training for so many steps; 0 for none.",
    ),
    click.option(
        "--health-seconds",
        type=click.FloatRange(0, min_open=True),
        default=10,
        show_default=True,
        metavar="SECONDS",
        help="Watch the training no longer than this.",
    ),
    click.option(
        "--plot",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Draw what the run saw of the training to FILE (.png, .svg, .pdf).",
    ),
    click.option(
        "--output-format",
        type=click.Choice(get_args(OutputFormat)),
        default="full",
        show_default=True,
        help="For people, for editors, for programs, for the services that show findings.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Write the report to FILE."),
    click.option("--select", **_CODES, help="Report only these codes or families (GL101, GL2)."),
    click.option("--extend-select", **_CODES, help="Report these too."),
    click.option("--ignore", **_CODES, help="Leave these out."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Leave out files and folders, also those that are named; globs as in .gitignore.",
    ),
    click.option("--fix", is_flag=True, help="Write the verified fixes to the files."),
    click.option("--unsafe-fixes", is_flag=True, help="Take the fixes of warnings with them."),
    click.option("--diff", is_flag=True, help="Print the verified fixes as a diff, no report."),
    click.option(
        "--fail-on",
        type=click.Choice([severity.value for severity in reversed(Severity)]),
        default="warning",
        show_default=True,
        help="The weakest finding that makes the exit code 1.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found."),
    click.option("--statistics", is_flag=True, help="Count the findings by code, no report."),
    click.option("-q", "--quiet", is_flag=True, help="Print findings and nothing else."),
    click.option("--stdin-filename", metavar="PATH", help="What to call standard input."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Check N files at a time.  [default: one for each core if there are many]",
    ),
    click.option(
        "--config",
        metavar="FILE",
        help="A TOML file with the settings.  [default: the nearest pyproject.toml]",
    ),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option("--show-settings", is_flag=True, help="Print the settings and check nothing."),
)


def parameters() -> list[click.Option]:
    """The options by themselves."""

    @check_options
    def bearer() -> None: ...

    return list(reversed(bearer.__dict__["__click_params__"]))


def check_options(command: F) -> F:
    """Give `command` the options of `check`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_EXPLAIN = (
    click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME",
        help="Explain the gradient of this parameter alone; may be repeated.",
    ),
    click.option("--backward", is_flag=True, help="Write the whole backward pass as code."),
    click.option(
        "--loss",
        metavar="EXPRESSION",
        help="With --backward: what is to be descended, where no line stores it.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["terminal", "markdown"]),
        default="terminal",
        show_default=True,
        help="For the screen, or for a file.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Write to FILE."),
)


def explain_options(command: F) -> F:
    """Give `command` the options of `explain`."""
    for option in reversed(_EXPLAIN):
        command = option(command)
    return command
