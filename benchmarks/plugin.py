"""Measure what the pytest plugin costs when it is off and when it is on: `python benchmarks/plugin.py`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from scripts import numpy_layers, torch_layers
from timing import Command, side_by_side

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:gradlint")
PLUGIN = ("-p", "gradlint.pytest_plugin")
TESTS = "".join(f"def test_{n}():\n    assert {n} < 1000\n\n" for n in range(100))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7, help="runs of each command (default 7)")
    turns = parser.parse_args().turns
    print("| pytest | seconds | against | seconds | ratio |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_hundred.py").write_text(TESTS)
        for number in range(4):
            maker = (numpy_layers, torch_layers)[number % 2]
            (folder / f"script{number}.py").write_text(maker(2 + number))
        tests = str(folder / "test_hundred.py")
        scripts = [str(path) for path in sorted(folder.glob("script*.py"))]
        plain = (*PYTEST, "--rootdir", name, tests)
        gradlint = (sys.executable, "-m", "gradlint", "--no-run", "--jobs", "1", *scripts)
        _row("off, 100 tests", (*plain, *PLUGIN), "without the plugin", plain, turns)
        on = (*PYTEST, *PLUGIN, "--rootdir", name, "--gradlint", *scripts)
        _row("on, 4 scripts", on, "`gradlint --no-run`, the same scripts", gradlint, turns)


def _row(name: str, first: Command, against: str, second: Command, turns: int) -> None:
    pair = side_by_side(first, second, turns)
    times = f"{pair.first.seconds:.2f} | {against} | {pair.second.seconds:.2f}"
    print(f"| {name} | {times} | {pair.time_ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
