"""Run every fixture on the CPU and, where there is one, on CUDA: do the verdicts agree with the static one?

`python benchmarks/devices.py` prints a table; `--portion 2/8` takes the second eighth of the fixtures. One
process imports torch; each run is forked from it, so that a run costs what its script costs.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlint.analysis import examine, report
from gradlint.confirming import confirmed
from gradlint.harness.job import job_of
from gradlint.harness.result import RunResult
from gradlint.model import Agreement, FileReport, Severity
from gradlint.reading import read_script

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
LIMIT = 60.0
"""Seconds for one script; after twice that it is killed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fixture: its static report, and that after the run on each device."""

    name: str
    static: FileReport
    runs: dict[str, FileReport]

    @property
    def is_wrong(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self.static.findings)

    @property
    def same(self) -> bool:
        """Whether every device gives the static verdict and the same words for each gradient."""
        found = [
            (r.verdict, [(g.static, g.autograd) for g in r.gradients]) for r in self.runs.values()
        ]
        return all(one == found[0] for one in found) and found[0][0] is self.static.verdict

    def confirmed(self, device: str) -> bool:
        """Whether each error is confirmed by autograd in the run."""
        errors = [f for f in self.runs[device].findings if f.severity is Severity.ERROR]
        return bool(errors) and all("autograd" in f.confirmed_by for f in errors)


def main() -> None:
    """Print the table and what it adds up to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portion", default="1/1", help="which part of the fixtures: 2/8")
    parser.add_argument("--cpu", action="store_true", help="leave CUDA out")
    parser.add_argument("names", nargs="*", help="fixtures by name; all of them by default")
    options = parser.parse_args()
    torch = _torch()
    devices = ["cpu"]
    if options.cpu or not torch.cuda.is_available():
        why = "--cpu was given" if options.cpu else "torch sees no CUDA device on this machine"
        print(f"cuda: skipped, {why}\n")
    else:
        devices.append("cuda")
    rows = [_row(torch, path, devices) for path in _chosen(options.names, options.portion)]
    _print_table(rows, devices)
    _print_sums(rows, devices)


def _torch() -> Any:
    """torch, imported without a look at the devices: a process that did may not be forked any more."""
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    import torch

    torch.set_num_threads(1)
    return torch


def _chosen(names: Sequence[str], portion: str) -> Iterator[Path]:
    part, parts = map(int, portion.split("/"))
    every = [
        p for p in sorted(FIXTURES.iterdir()) if p.suffix in (".py", ".ipynb", ".md") or p.is_dir()
    ]
    every = [p for p in every if p.name != "README.md"]
    for path in (p for p in every if not names or p.stem in names or p.name in names):
        if every.index(path) % parts == part - 1:
            yield _script(path)


def _script(path: Path) -> Path:
    """The script of a fixture that is a folder: the file with the header."""
    if not path.is_dir():
        return path
    files = sorted(path.rglob("*.py"))
    return next(p for p in files if "gradlint-fixture" in p.read_text(encoding="utf-8"))


def _row(torch: Any, path: Path, devices: Sequence[str]) -> Row:
    script = read_script(path.read_text(encoding="utf-8"), str(path))
    subjects = examine(script.module)
    static = report(*subjects)
    runs = {}
    for device in devices:
        judged = [(one, one.judgement) for one in subjects if one.judgement is not None]
        jobs = [
            job_of(s.case, j.spec, first=s.first, device=device, limit=LIMIT) for s, j in judged
        ]
        runs[device] = confirmed(static, _forked(torch, jobs)) if jobs else static
    return Row(str(path.relative_to(FIXTURES)), static, runs)


def _forked(torch: Any, jobs: Sequence[Any]) -> RunResult:
    """What a forked process says that runs `jobs`."""
    from gradlint.harness.conduct import conduct
    from gradlint.harness.outlet import leave

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            for number in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            try:
                result = conduct(torch, jobs, Path(folder), leave)
            except BaseException as error:
                result = RunResult("failed", detail=f"internal error: {error!r}")
            leave(Path(folder), result)
        _wait(process, 2 * LIMIT)
        try:
            return RunResult.from_json((Path(folder) / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return RunResult("failed", detail="the run left no result")


def _wait(process: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while os.waitpid(process, os.WNOHANG) == (0, 0):
        if time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def _print_table(rows: Sequence[Row], devices: Sequence[str]) -> None:
    print("| fixture | static | " + " | ".join(devices) + " | gradients confirmed |")
    print("| --- | --- |" + " --- |" * (len(devices) + 1))
    for row in rows:
        cells = [_cell(row.runs[device]) for device in devices]
        print(
            f"| {row.name} | {row.static.verdict.value} | {' | '.join(cells)} | {_counts(row, devices)} |"
        )
    print()


def _cell(found: FileReport) -> str:
    status = "" if found.run.status == "ok" else f" ({found.run.status}: {found.run.detail})"
    return found.verdict.value + status


def _counts(row: Row, devices: Sequence[str]) -> str:
    return ", ".join(
        f"{sum(g.autograd is not Agreement.NOT_RUN for g in row.runs[d].gradients)} of "
        f"{len(row.static.gradients)}"
        for d in devices
    )


def _print_sums(rows: Sequence[Row], devices: Sequence[str]) -> None:
    wrong = [row for row in rows if row.is_wrong]
    for device in devices:
        found = Counter(row.confirmed(device) for row in wrong)
        print(f"{device}: {found[True]} of {len(wrong)} wrong fixtures confirmed by autograd")
        missing = [row.name for row in wrong if not row.confirmed(device)]
        if missing:
            print(f"  not confirmed: {', '.join(missing)}")
        other = [row.name for row in rows if row.runs[device].verdict is not row.static.verdict]
        print(f"  another verdict than the static one: {', '.join(other) or 'none'}")
    if len(devices) > 1:
        differ = [row.name for row in rows if not row.same]
        print(f"verdicts that differ between devices: {', '.join(differ) or 'none'}")


if __name__ == "__main__":
    main()
