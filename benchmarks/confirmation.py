"""Measure the confirmation: against importing torch and the steps observed, and against gradcheck.

`python benchmarks/confirmation.py` prints two tables. The first: a whole `gradlint script.py` against a
process that imports torch and does the same three steps. The second: the two witnesses on one network of
1000 x 100 weights, right and with a mistake, against `torch.autograd.gradcheck` on the same network, in one
process, with one thread for either as in the child of a run.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gradcheck import passes
from timing import side_by_side

from gradlint.analysis import examine
from gradlint.harness.confirm import Confirmation
from gradlint.harness.instrument import instrumented
from gradlint.harness.job import job_of
from gradlint.harness.observer import Done, Observer
from gradlint.harness.plan import plan_for
from gradlint.reading import read_module
from gradlint.threads import ONE_EACH

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
STEPS = 3
RIGHT, WRONG = "1 - h * h", "1 - h"
NETWORK = """
import torch

torch.manual_seed(0)
x, y = torch.randn(16, 1000).double(), torch.randn(16, 100).double()
w = 0.03 * torch.randn(1000, 100).double()
for step in range(10):
    h = torch.tanh(x @ w)
    loss = ((h - y) ** 2).sum()
    grad_h = 2 * (h - y)
    grad_w = x.t() @ (grad_h * (SLOPE))
    w -= 1e-5 * grad_w
"""


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5, help="runs of each command (default 5)")
    parser.add_argument("--witnesses", action="store_true", help="the second table alone")
    given = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # numpy reads it once, when it is imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_EACH})
    if not given.witnesses:
        _whole(given.turns)
    _against_gradcheck()


def _whole(turns: int) -> None:
    print("## With the run, against importing torch and the three steps that are observed\n")
    print("| command | seconds | torch and three steps | ratio |\n| --- | --- | --- | --- |")
    for name in ("three_layer.py", "three_layer_wrong_weight.py", "numpy_two_losses.py"):
        text = (FIXTURES / name).read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder) / name
            short = re.sub(r"in range\(.*?\):", f"in range({STEPS}):", text, count=1)
            alone.write_text(f"import torch\n{short}", encoding="utf-8")
            command = (
                sys.executable,
                "-m",
                "gradlint",
                "--health-steps",
                "0",
                str(FIXTURES / name),
            )
            pair = side_by_side(command, (sys.executable, str(alone)), turns)
        first, second = pair.first.seconds, pair.second.seconds
        print(f"| `{name}` | {first:.3f} | {second:.3f} | {pair.time_ratio:.2f} |", flush=True)
    print()


def _against_gradcheck() -> None:
    import torch

    torch.set_num_threads(1)
    print("## The witnesses against gradcheck, on 1000 x 100 weights\n")
    print("| slope | gradlint, ms | says | gradcheck, ms | says | times faster |")
    print("| --- | --- | --- | --- | --- | --- |")
    _witnessed(
        torch, NETWORK.replace("SLOPE", RIGHT)
    )  # what torch loads at its first backward pass
    for slope in (RIGHT, WRONG):
        said, seconds = _witnessed(torch, NETWORK.replace("SLOPE", slope))
        began = time.perf_counter()
        right = passes(torch, slope)
        other = time.perf_counter() - began
        verdict = "right" if right else "wrong"
        print(f"| `{slope}` | {seconds * 1e3:.1f} | {said} | {other * 1e3:.0f} | {verdict} | "
              f"{other / seconds:.0f} |", flush=True)  # fmt: skip


def _witnessed(torch: Any, text: str) -> tuple[str, float]:
    """What autograd and central differences say of three steps of the script, and the seconds it took."""
    (subject,) = examine(read_module(text, "network.py"))
    assert subject.judgement is not None
    plan = plan_for(job_of(subject.case, subject.judgement.spec))
    observer = Observer(plan, lambda _: None)
    setattr(builtins, observer.name, observer)
    tree = instrumented(text, "network.py", [plan.points[""]])
    with contextlib.suppress(Done):
        exec(compile(tree, "network.py", "exec"), {"__name__": "__main__"})
    began = time.perf_counter()
    confirmation = Confirmation(torch, plan, "cpu")
    for seen in observer.steps:
        confirmation.step(seen)
    seconds = time.perf_counter() - began
    (witness,) = [evidence.witness() for evidence in confirmation.evidence]
    return f"{witness.autograd.value}, {witness.finite_difference.value}", seconds


if __name__ == "__main__":
    main()
