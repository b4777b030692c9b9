"""Measure gradlint and print the tables of README.md: `make bench`, or `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from inside import Analysed, all_scripts, analysed
from scripts import LONG, MAKERS
from timing import Command, side_by_side

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
RIGHT, WRONG = FIXTURES / "three_layer.py", FIXTURES / "three_layer_wrong_weight.py"
LENGTHS = (1, 10, 100)
GRADLINT = (sys.executable, "-m", "gradlint")
IMPORTS = (sys.executable, "-c", "import libcst, numpy, click")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=11, help="runs of each command (default 11)")
    turns = parser.parse_args().turns
    _start_up(turns)
    if find_spec("torch") is not None:
        _with_the_run(max(turns // 2, 1))
    _growth()
    _long()
    _fixtures()


def _start_up(turns: int) -> None:
    print("## Analysis only, against importing libcst, numpy and click\n")
    _head("command", "seconds", "imports", "ratio", "MB", "imports", "ratio")
    for script in (RIGHT, WRONG):
        for form in ("full", "concise", "json"):
            command = (*GRADLINT, "--no-run", "--output-format", form, str(script))
            _compared(f"`--no-run --output-format {form} {script.name}`", command, IMPORTS, turns)
    print()


def _with_the_run(turns: int) -> None:
    """The other side imports torch and does one round of the script's own training loop."""
    print("## With the run, against importing torch and one iteration of the script\n")
    _head("command", "seconds", "script", "ratio", "MB", "script", "ratio")
    with tempfile.TemporaryDirectory() as folder:
        for script in (RIGHT, WRONG):
            once = Path(folder) / script.name
            once.write_text(_one_round(script.read_text(encoding="utf-8")), encoding="utf-8")
            alone = (sys.executable, str(once))
            _compared(f"`{script.name}`", (*GRADLINT, str(script)), alone, turns)
    print()


def _one_round(text: str) -> str:
    """The script with its training loop cut to one round, torch imported whether it does or not."""
    before, loop, after = text.partition("in range(")
    assert loop, "the script has no loop over a range"
    return f"import torch\n{before}{loop}1){after.partition(')')[2]}"


def _compared(name: str, first: Command, second: Command, turns: int) -> None:
    pair = side_by_side(first, second, turns)
    a, b = pair.first, pair.second
    times = f"{a.seconds:.3f}", f"{b.seconds:.3f}", f"{pair.time_ratio:.2f}"
    _row(name, *times, f"{a.megabytes:.0f}", f"{b.megabytes:.0f}", f"{pair.memory_ratio:.2f}")


def _growth() -> None:
    print("## Analysis by the length of the script\n")
    _head("layers", "library", "ms", "ms a layer", "verdict")
    for library, maker in MAKERS.items():
        for layers in LENGTHS:
            one = analysed(maker(layers), f"{library}_{layers}.py")
            ms = one.seconds * 1000
            _row(str(layers), library, f"{ms:.1f}", f"{ms / layers:.2f}", one.verdict.value)
    print()


def _long() -> None:
    print("## Analysis of long scripts\n")
    _head("script", "ms", "verdict", "with a mistake, ms", "verdict")
    for name, maker in LONG.items():
        right, wrong = analysed(maker(False), name), analysed(maker(True), name)
        cells = (f"{one.seconds * 1000:.0f}" for one in (right, wrong))
        _row(name, next(cells), right.verdict.value, next(cells), wrong.verdict.value)
    print()


def _fixtures() -> None:
    every = all_scripts(FIXTURES)
    repaired = [one for one in every if one.repairs]
    print("## Analysis of the fixtures\n")
    _head("scripts", "number", "median ms", "worst ms", "worst script", "total s")
    for name, chosen in (("all", every), ("with a repair found", repaired)):
        _summed(name, chosen)
    print()


def _summed(name: str, chosen: list[Analysed]) -> None:
    times = [one.seconds for one in chosen]
    middle, worst = statistics.median(times) * 1000, times[0] * 1000
    numbers = f"{middle:.0f}", f"{worst:.0f}", f"`{chosen[0].name}`", f"{sum(times):.1f}"
    _row(name, str(len(chosen)), *numbers)


def _head(*words: str) -> None:
    _row(*words)
    _row(*("---" for _ in words))


def _row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
