"""Measure what the pre-commit hook adds to a commit: `python benchmarks/hook.py`."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from scripts import numpy_layers, torch_layers
from timing import Command, side_by_side

ROOT = Path(__file__).resolve().parents[1]
COMMITS = {
    "1 right script": (1, 0, 0),
    "1 wrong script": (0, 1, 0),
    "1 right, 1 wrong, 1 without gradients": (1, 1, 1),
    "10 files, 3 of them right, 1 wrong": (3, 1, 6),
    "100 files, 30 of them right, 10 wrong": (30, 10, 60),
    "100 files without gradients": (0, 0, 100),
}
"""How many files of a commit are right, wrong, and without gradients."""

IMPORTS = (sys.executable, "-c", "import numpy, click")
IRRELEVANT = """\
import json
import sys
from pathlib import Path


def rows(path):
    for line in Path(path).read_text().splitlines():
        yield json.loads(line)


for path in sys.argv[1:]:
    print(path, sum(1 for _ in rows(path)))
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7, help="runs of each command (default 7)")
    turns = parser.parse_args().turns
    print("| commit | seconds | importing numpy and click | ratio |\n| --- | --- | --- | --- |")
    for name, kinds in COMMITS.items():
        with tempfile.TemporaryDirectory() as folder:
            pair = side_by_side((*_entry(), *_files(Path(folder), *kinds)), IMPORTS, turns)
        times = f"{pair.first.seconds:.2f} | {pair.second.seconds:.2f} | {pair.time_ratio:.1f}"
        print(f"| {name} | {times} |", flush=True)


def _entry() -> Command:
    """The command of the hook, as .pre-commit-hooks.yaml has it, without pre-commit around it."""
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    found = re.search(r"entry: gradlint (.*)", manifest)
    assert found is not None, "the hook does not call gradlint"
    return (sys.executable, "-m", "gradlint", *found.group(1).split())


def _files(folder: Path, right: int, wrong: int, irrelevant: int) -> list[str]:
    """Scripts of two to four layers in numpy and torch, the wrong ones with another layer's weight."""
    makers = (numpy_layers, torch_layers)
    texts = [makers[n % 2](2 + n % 3) for n in range(right + wrong)]
    slips = (("dot(w2.T)", "dot(w1.T)"), ("mm(w2.t())", "mm(w1.t())"))
    for number in range(right, len(texts)):
        for written, slip in slips:
            texts[number] = texts[number].replace(written, slip)
    texts += [IRRELEVANT] * irrelevant
    paths = [folder / f"script_{number:03}.py" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return [str(path) for path in paths]


if __name__ == "__main__":
    main()
