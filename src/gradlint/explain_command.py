"""What `gradlint explain` does: a file to the derivation of its gradients, or to a backward pass."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gradlint.command import complain
from gradlint.explaining import Explained, explain, narrowed
from gradlint.explaining.lessons import Lines
from gradlint.placing import Places
from gradlint.reading import Script, UnreadableSyntax, read_script
from gradlint.reports.look import Look, look_of
from gradlint.sources import UnreadableFile, read_source

OK, NOTHING = 0, 1


def explain_script(
    path: str,
    parameters: Sequence[str],
    backward: bool,
    loss: str | None,
    form: str,
    output: str | None,
) -> int:
    """Print (or write to `output`) the derivation of the script at `path`; the exit code."""
    if loss is not None and not backward:
        raise click.UsageError("--loss goes with --backward.")
    script = _read(path)
    if backward:
        return _backward(script, parameters, loss, form, output)
    return _explained(script, parameters, form, output)


def _backward(
    script: Script, parameters: Sequence[str], loss: str | None, form: str, output: str | None
) -> int:
    from gradlint.composing import NoSuchParameter, Underivable, compose
    from gradlint.reports import backward_code

    try:
        made = compose(script.module, parameters, loss)
    except NoSuchParameter as error:
        meant = [known_parameter(name, error.known) for name in parameters]
        return _backward(script, meant, loss, form, output)
    except Underivable as error:
        if parameters or loss is not None or not _partners(script, form, output):
            told = Places(script).told(str(error))
            complain(f"{script.module.path}: no backward pass is written: {told}")
            return NOTHING
        return OK
    line = Lines(script.module, Places(script).span)(made.after)
    emit(backward_code.render(made, line, form), output)
    return OK


def _partners(script: Script, form: str, output: str | None) -> bool:
    """Write the backward pass of each function and layer by itself; whether there is one."""
    from gradlint.composing.partners import Partner, Refused, partners
    from gradlint.reports import backward_code

    found = partners(script.module)
    made = [one for one in found if isinstance(one, Partner)]
    if not made:
        return False
    lines = Lines(script.module, Places(script).span)
    emit(backward_code.render_partners(made, lines, form), output)
    for one in found:
        if isinstance(one, Refused) and not one.idle:
            told = Places(script).told(one.reason)
            complain(f"{script.module.path}: no backward pass is written for {one.of}: {told}")
    return True


def _read(path: str) -> Script:
    try:
        return read_script(read_source(path).text, path)
    except UnreadableFile as error:
        raise click.UsageError(f"{path}: {error}.") from None
    except UnreadableSyntax as error:
        raise click.UsageError(
            f"{path}: {error.span.told} is not Python: {error.message}."
        ) from None


def _explained(script: Script, parameters: Sequence[str], form: str, output: str | None) -> int:
    explained = explain(script)
    if not explained.lessons:
        complain(f"{script.module.path}: nothing to explain: {explained.reason}")
        return NOTHING
    chosen = [known_parameter(name, explained.parameters) for name in parameters]
    emit(_rendered(narrowed(explained, chosen), form, output), output)
    return OK


def _rendered(explained: Explained, form: str, output: str | None) -> str:
    if form == "markdown":
        from gradlint.reports import explained_markdown

        return explained_markdown.render(explained.lessons)
    from gradlint.reports import explained as terminal

    return terminal.render(explained.lessons, Look() if output else look_of(sys.stdout))


def known_parameter(name: str, known: Sequence[str]) -> str:
    """The parameter that a user means by `name`: `W1` may stand for `params['W1']`.

    Raises:
        click.UsageError: there is none; it names the nearest and all.
    """
    if name in known:
        return name
    short = [place for place in known if _plain(place) == _plain(name)]
    if len(short) == 1:
        return short[0]
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise click.UsageError(f"there is no parameter {name}: {hint}there are {', '.join(known)}.")


def _plain(place: str) -> str:
    return place.rpartition(".")[2].replace('"', "'").rpartition("['")[2].rstrip("']")


def emit(text: str, output: str | None) -> None:
    """Print `text`, or write it to the file `output`."""
    if output is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        click.echo(text, nl=False, color=True)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write to {output}: {error.strerror}.") from None
