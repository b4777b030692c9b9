"""Measure what watching the health of a training costs: `python benchmarks/health.py`.

Each script runs its first 200 steps in a process of its own, once bare and once watched, in turn; what counts
is the processor's time for these steps alone: no imports, not the three that are confirmed, nothing after.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from gradlint.threads import ONE_EACH

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SCRIPTS = (
    "three_layer.py",
    "torch_two_layer_mean.py",
    "numpy_params_dict.py",
    "numpy_xor_sigmoid.py",
)
STEPS = 200
CHILD = """
import contextlib, io, json, sys, tempfile, time
from pathlib import Path
import torch
from gradlint.analysis import examine
from gradlint.harness.guard import Guards
from gradlint.harness.health.examining import watch_for
from gradlint.harness.instrument import instrumented
from gradlint.harness.job import dumps, job_of, loads
from gradlint.harness.observer import Done, Observer
from gradlint.harness.plan import plan_for
from gradlint.harness.script import run_script
from gradlint.harness.stage import Stage
from gradlint.health import HealthOptions
from gradlint.reading import read_script

times = []

class Watched(Observer):
    def head(self):
        times.append(time.process_time())
        super().head()

class Bare(Observer):
    def head(self):
        times.append(time.process_time())
        if len(times) > STEPS:
            raise Done

torch.set_num_threads(1)
path, watched = sys.argv[1], sys.argv[2] == "watched"
text = Path(path).read_text(encoding="utf-8")
subject = next(s for s in examine(read_script(text, path).module) if s.judgement is not None)
wanted = HealthOptions(STEPS, 1e9)
job = job_of(subject.case, subject.judgement.spec, device="cpu", iterations=0, health=wanted)
plan = plan_for(loads(dumps([job]))[0])
plan.keys.clear(), plan.draws.clear()
for points in plan.points.values():
    points.values.clear(), points.before.clear(), points.after.clear()
watch = watch_for(plan, lambda step: None) if watched else None
observer = (Watched if watched else Bare)(plan, lambda _: None)
observer.watch, observer.company = watch, [observer]
tree = instrumented(text, plan.job.path, [plan.points[""]])
stage = Stage(torch, "cpu", Path(tempfile.mkdtemp()), Guards(False, False))
with contextlib.redirect_stdout(io.StringIO()):
    run_script(tree, plan.job, [observer], stage)
print(json.dumps([len(times) - 1, times[-1] - times[0]]))
""".replace("STEPS", str(STEPS))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("scripts", nargs="*", help="other scripts than the usual fixtures")
    given = parser.parse_args()
    turns = given.turns
    print("| script | steps | bare ms | watched ms | ratio |\n| --- | --- | --- | --- | --- |")
    for name in given.scripts or SCRIPTS:
        pairs = [(_timed(name, "bare"), _timed(name, "watched")) for _ in range(turns)]
        bare, watched = (statistics.median(p[i][1] for p in pairs) * 1000 for i in (0, 1))
        ratio = statistics.median(b[1] / a[1] for a, b in pairs)
        steps = pairs[0][1][0]
        print(f"| `{name}` | {steps} | {bare:.0f} | {watched:.0f} | {ratio:.2f} |", flush=True)


def _timed(name: str, how: str) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CHILD, str(FIXTURES / name), how]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env={**os.environ, **ONE_EACH}
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    steps, seconds = json.loads(done.stdout.splitlines()[-1])
    return int(steps), float(seconds)


if __name__ == "__main__":
    main()
