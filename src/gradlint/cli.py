"""The command line: `gradlint script.py`, `gradlint rule GL101`, `gradlint schema`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from gradlint import __version__
from gradlint.command import check_paths, complain
from gradlint.model import Severity
from gradlint.options import check_options
from gradlint.selection import UnknownCode, make_selection
from gradlint.settings import Settings

_INTERRUPTED, _FAILED = 130, 2
_OWN_OPTIONS = {"-h", "--help", "--version"}


class _CheckByDefault(click.Group):
    """`gradlint script.py` is `gradlint check script.py`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in _OWN_OPTIONS:
            args = ["check", *args]
        return super().parse_args(ctx, args or ["--help"])


@click.group(cls=_CheckByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="gradlint %(version)s")
def cli() -> None:
    """Find the wrong line in a backward pass written by hand.

    `gradlint script.py` analyses the script, runs it and lets torch autograd confirm the result.
    """


@cli.command(short_help="Check scripts (the default command).")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@check_options
def check(paths: tuple[str, ...], **given: Any) -> int:
    """Check scripts; `-` is standard input and a directory stands for the scripts below it.

    Exit code 0: nothing at or above --fail-on. 1: something. 2: wrong usage, a file that cannot be
    read, or an internal error.
    """
    return check_paths(paths, _settings(given))


def _settings(given: dict[str, Any]) -> Settings:
    """The options as click hands them over, checked against each other."""
    if given["fix"] and given["diff"]:
        raise click.UsageError("--fix writes and --diff only shows: give one of them.")
    try:
        selection = make_selection(
            given.pop("select"), given.pop("ignore"), given.pop("extend_select")
        )
    except UnknownCode as error:
        raise click.UsageError(f"{error}.") from None
    return Settings(**{**given, "selection": selection, "fail_on": Severity(given["fail_on"])})


@cli.command(short_help="Explain a rule.")
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="List all rules, one a line.")
def rule(code: str | None, every: bool) -> int:
    """Print the page of a rule, by its code or name, or list all rules."""
    from gradlint import explaining

    if every == (code is not None):
        raise click.UsageError("name a rule, for example `gradlint rule GL101`, or give --all.")
    try:
        click.echo(explaining.overview() if code is None else explaining.page(code), nl=False)
    except UnknownCode as error:
        raise click.UsageError(f"{error}.") from None
    return 0


@cli.command(short_help="Print the JSON Schema of the JSON report.")
def schema() -> int:
    """Print the JSON Schema (2020-12) of `--output-format json`."""
    from gradlint.reports import json

    click.echo(json.schema(), nl=False)
    return 0


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    try:
        result = cli.main(args, prog_name="gradlint", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return _INTERRUPTED
    except Exception as error:
        complain(f"internal error: {type(error).__name__}: {error}; please report")
        return _FAILED


def main() -> NoReturn:
    """The console script."""
    sys.exit(run())
