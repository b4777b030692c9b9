"""Break right scripts and see what gradlint says: `make mutation`, or `python benchmarks/mutation/run.py`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the arrays are small and the processes many

from mutation.keeping import keep_in
from mutation.sampling import Sampled, sample
from mutation.scoring import Score
from mutation.table import tables

KEPT = Path(__file__).resolve().parent / ".kept"
README = Path(__file__).resolve().parents[1] / "README.md"
_MARKS = "<!-- made by: make mutation ARGS=--write -->\n", "<!-- end of what was made -->"


def main() -> None:
    """Print the tables, write the misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--sample", type=int, default=400, help="mutants in all (default 400)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default 0)")
    parser.add_argument("--only", default="", help="a part of the class's or the operator's name")
    parser.add_argument("--scripts", default="", help="a part of the script's name")
    parser.add_argument("--json", type=Path, help="write every mutant and what was said of it")
    parser.add_argument("--misses", type=Path, help="write the mutants that were missed, as text")
    parser.add_argument(
        "--keep", type=Path, default=KEPT, help="keep what is found out in a folder"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the tables into benchmarks/README.md"
    )
    options = parser.parse_args()
    keep_in(options.keep)
    found = sample(options.sample, options.seed, options.only, options.scripts, options.jobs)
    print(tables(found))
    if options.write:
        README.write_text(
            _with(README.read_text(encoding="utf-8"), tables(found)), encoding="utf-8"
        )
    if options.json:
        scores = [asdict(score) for score in found.scores]
        options.json.write_text(json.dumps(scores, indent=1), encoding="utf-8")
    if options.misses:
        options.misses.write_text(_misses(found), encoding="utf-8")


def _with(document: str, made: str) -> str:
    """The document with what was made between its two marks."""
    before, _, rest = document.partition(_MARKS[0])
    _, _, after = rest.partition(_MARKS[1])
    return f"{before}{_MARKS[0]}\n{made}\n\n{_MARKS[1]}{after}"


def _misses(found: Sampled) -> str:
    """Every mutant of which something was lost, in the order of the classes."""
    ordered = sorted(found.scores, key=lambda s: (s.family, s.operator, s.subject))
    lines = [line for score in ordered if (lost := _lost(score)) for line in _told(score, lost)]
    lines += [f"ACCUSED THOUGH EQUAL  {text}" for text in found.accused]
    return "\n".join(lines) + "\n"


def _lost(score: Score) -> list[str]:
    goods = {"MISSED": score.caught, "LINE": score.on_line, "FIX": score.fixed}
    goods["FALSE FIX"] = score.fix_holds is not False
    return [word for word, good in goods.items() if not good]


def _told(score: Score, lost: list[str]) -> list[str]:
    where = score.lines[0] if score.lines else "?"
    return [
        f"{'/'.join(lost)}  {score.family} ({score.operator})  {score.subject}:{where}",
        f"    {score.said}",
        f"    {score.verdict} {' '.join(score.found)} {score.reason or ''}".rstrip(),
    ]


if __name__ == "__main__":
    main()
