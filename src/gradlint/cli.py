"""The command line: `gradlint script.py`, `gradlint rule GL101`, `gradlint schema`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from gradlint import __version__
from gradlint.command import check_paths, complain
from gradlint.config import BadConfiguration, Configuration
from gradlint.files import STDIN
from gradlint.options import check_options, explain_options
from gradlint.selection import UnknownCode
from gradlint.threads import use_one

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_INTERRUPTED, _FAILED = 130, 2
_OWN_OPTIONS = {"-h", "--help", "--version"}


class _CheckByDefault(click.Group):
    """`gradlint script.py` is `gradlint check script.py`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in _OWN_OPTIONS:
            args = ["check", *args]
        return super().parse_args(ctx, args or ["--help"])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what may follow `gradlint check`."""
        checking = self.commands["check"]
        with checking.make_context("check", [], parent=ctx, resilient_parsing=True) as inner:
            options = checking.shell_complete(inner, incomplete)
            paths = checking.params[0].shell_complete(inner, incomplete)
        mine = super().shell_complete(ctx, incomplete)
        known = {item.value for item in mine}
        return [*mine, *(item for item in (*options, *paths) if item.value not in known)]


@click.group(cls=_CheckByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="gradlint %(version)s")
def cli() -> None:
    """Find the wrong line in a backward pass written by hand.

    `gradlint script.py` analyses the script, runs it and lets torch autograd confirm the result.
    """


@cli.command(short_help="Check scripts (the default command).")
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path())
@check_options
@click.pass_context
def check(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Check scripts; `-` is standard input and a directory stands for the scripts below it.

    Exit code 0: nothing at or above --fail-on. 1: something. 2: wrong usage, a file that cannot be
    read, or an internal error.
    """
    given = {name: value for name, value in options.items() if _is_given(context, name)}
    if given.get("fix") and given.get("diff"):
        raise click.UsageError("--fix writes and --diff only shows: give one of them.")
    if given.get("fix") and STDIN in paths:
        raise click.UsageError("--fix cannot write to standard input; use --diff.")
    if not paths and not options["show_settings"]:
        raise click.UsageError("name a script, a notebook or a folder, or `-` for standard input.")
    try:
        configuration = Configuration(given, options["config"], options["isolated"])
        if options["show_settings"]:
            return _show_settings(configuration, paths)
        return check_paths(paths, configuration)
    except BadConfiguration as error:
        complain(str(error))
        return _FAILED


def _show_settings(configuration: Configuration, paths: Sequence[str]) -> int:
    from gradlint.config.showing import shown

    click.echo(shown(configuration, paths), nl=False)
    return 0


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


@cli.command(short_help="Explain a rule.")
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="List all rules, one a line.")
def rule(code: str | None, every: bool) -> int:
    """Print the page of a rule, by its code or name, or list all rules."""
    from gradlint import catalogue_pages

    if every == (code is not None):
        raise click.UsageError("name a rule, for example `gradlint rule GL101`, or give --all.")
    try:
        click.echo(
            catalogue_pages.overview() if code is None else catalogue_pages.page(code), nl=False
        )
    except UnknownCode as error:
        raise click.UsageError(f"{error}.") from None
    return 0


@cli.command(short_help="Derive the gradients of a script, step by step.")
@click.argument("script", metavar="SCRIPT")
@explain_options
def explain(script: str, **given: Any) -> int:
    """Derive every gradient of SCRIPT in its own names, beside what its author wrote.

    Nothing of the script is executed. Exit code 0: derived. 1: it could not be, with the reason. 2: wrong
    usage or a file that cannot be read.
    """
    from gradlint.explain_command import explain_script

    return explain_script(script, **given)


@cli.command(short_help="Print the JSON Schema of the JSON report, or of the settings.")
@click.option("--config", "settings", is_flag=True, help="Of `[tool.gradlint]` in pyproject.toml.")
def schema(settings: bool) -> int:
    """Print the JSON Schema (2020-12) of `--output-format json`."""
    from gradlint.config import schema as of_settings
    from gradlint.reports import json

    click.echo(of_settings.schema() if settings else json.schema(), nl=False)
    return 0


@cli.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    r"""Print the script that completes options, commands and files; for example in ~/.bashrc:

    \b
        eval "$(gradlint completion bash)"
    """
    from gradlint.completing import script

    click.echo(script(shell, cli), nl=False)
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
    use_one()
    sys.exit(run())
