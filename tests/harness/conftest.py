"""Runs scripts through the harness; one server process imports torch once and forks for each."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import IO

import pytest

from gradlint.harness.job import Job, dumps, job_of
from gradlint.harness.result import RunResult
from gradlint.judging import Case, Judgement, choose, walk_case
from gradlint.reading import read_module
from gradlint.tracing import explore

SERVER = """
import os, sys
from pathlib import Path
import torch
from gradlint.harness.outlet import leave
from gradlint.harness.conduct import conduct
from gradlint.harness.job import loads
from gradlint.harness.result import RunResult
torch.set_num_threads(1)
torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)  # imports what the first optimiser needs
for line in sys.stdin:
    folder = Path(line.strip())
    process = os.fork()
    if process == 0:
        for number in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        try:
            result = conduct(torch, loads((folder / "job").read_bytes()), folder, leave)
        except BaseException as error:
            result = RunResult("failed", detail=f"internal error: {error!r}")
        leave(folder, result)
    os.waitpid(process, 0)
    print("done", flush=True)
"""

Confirm = Callable[..., RunResult]


def judged(source: str, path: Path) -> tuple[Case, Judgement]:
    """The case of a script and its chosen loss, by the analysis."""
    module = read_module(dedent(source), str(path))
    case = walk_case(module, explore(module).facts)
    judgement, _ = choose(case)
    assert judgement is not None, "the analysis found no loss"
    return case, judgement


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[IO[str], IO[str]]]:
    pytest.importorskip("torch", reason="the harness needs torch")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    yield process.stdin, process.stdout
    process.stdin.close()
    process.wait(120)
    process.stdout.close()


Send = Callable[[list[Job]], RunResult]


@pytest.fixture
def sent(server: tuple[IO[str], IO[str]], tmp_path: Path) -> Send:
    """Give jobs for one script to the server, and the result of the run."""

    def sent(jobs: list[Job]) -> RunResult:
        folder = Path(tempfile.mkdtemp(dir=tmp_path, prefix="run-"))
        (folder / "job").write_bytes(dumps(jobs))
        server[0].write(f"{folder}\n")
        server[0].flush()
        assert server[1].readline() == "done\n"
        return RunResult.from_json((folder / "result.json").read_text(encoding="utf-8"))

    return sent


@pytest.fixture
def confirm(sent: Send, tmp_path: Path) -> Confirm:
    """Analyse a script, run it, and give the result of the run."""

    def confirmed(source: str, **job: object) -> RunResult:
        path = tmp_path / "script.py"
        path.write_text(dedent(source), encoding="utf-8")
        case, judgement = judged(source, path)
        return sent([job_of(case, judgement.spec, **{"limit": 20.0, **job})])

    return confirmed
