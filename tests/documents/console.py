"""Documents that run: their console blocks are commands and what these print, in the files shown above.

`<!-- file: train.py -->` before a fenced block makes it that file. In a ```console block each line that
starts with `$ ` is a command; the lines up to the next one are its output. `...` stands for anything.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

from gradlint import cli

_FENCE = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<kind>\S*)\n(?P<body>.*?)^```$", re.M | re.S
)
_TIME = re.compile(r"\bin \d+\.\d+s\b")
_ERRORS = re.compile(r"\b\d\.\de[-+]\d\d\b")
_MARK = re.compile(r"\$ (?P<command>.*(?:\\\n.*)*)\n(?P<output>(?:(?!\$ ).*\n)*)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a document; `start` and `end` are offsets of its body."""

    kind: str
    file: str | None
    body: str
    start: int
    end: int


@dataclass(frozen=True)
class Command:
    """A command and the output that the document shows."""

    line: str
    output: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    for found in _FENCE.finditer(text):
        yield Block(found["kind"], found["file"], found["body"], *found.span("body"))


def commands(body: str) -> list[Command]:
    """The commands of a console block."""
    return [Command(m["command"], m["output"]) for m in _MARK.finditer(body)]


def replayed(text: str, folder: Path) -> tuple[str, list[str]]:
    """The document with the output that its commands have now, and what differs from what it shows."""
    new, at, differences = [], 0, []
    for block in blocks(text):
        if block.file is not None:
            place = folder / block.file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block.body, encoding="utf-8")
        if block.kind != "console":
            continue
        body = ""
        for command in commands(block.body):
            output = run(command.line, folder)
            same = _same(command.output, output)
            body += f"$ {command.line}\n{command.output if same else output}"
            if not same:
                differences.append(f"$ {command.line}\n{output}instead of\n{command.output}")
        new += [text[at : block.start], body]
        at = block.end
    return "".join(new) + text[at:], differences


def _same(shown: str, output: str) -> bool:
    want, got = (_ERRORS.sub("0.0e-00", _TIME.sub("in 0.00s", text)) for text in (shown, output))
    return OutputChecker().check_output(want, got, ELLIPSIS)


def run(line: str, folder: Path) -> str:
    """What a command prints, errors included; plain gradlint commands run in this process."""
    words = shlex.split(line.replace("\\\n", " "))
    if words[0] == "gradlint" and "--no-run" in words and not set("|;&<>$") & set(line):
        return _inside(words[1:], folder)
    environment = {**os.environ, "PATH": f"{_tools(folder)}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"COLUMNS": "100", "PYTHONPATH": str(Path(cli.__file__).resolve().parents[1])}
    done = subprocess.run(
        line, shell=True, cwd=folder, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
    )  # fmt: skip
    return done.stdout


def _inside(words: list[str], folder: Path) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with _chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        cli.run(words)
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")


@contextlib.contextmanager
def _chdir(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _tools(folder: Path) -> Path:
    """A folder with `gradlint`, `pytest` and `python` of the package that is tested."""
    tools = folder / ".tools"
    if not tools.exists():
        tools.mkdir()
        plugin = "-m pytest -p gradlint.pytest_plugin" if not _is_registered() else "-m pytest"
        for name, args in (("gradlint", "-m gradlint"), ("pytest", plugin), ("python", "")):
            script = tools / name
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {args} "$@"\n')
            script.chmod(0o755)
    return tools


def _is_registered() -> bool:
    from importlib.metadata import entry_points

    return any(one.name == "gradlint" for one in entry_points(group="pytest11"))
