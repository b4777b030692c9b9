"""Running a script that trains by torch's own autograd, only to see how its training fares."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from typing import Any

from gradlint.harness.health.autograd_watch import AutogradWatch
from gradlint.harness.health.names import Text
from gradlint.harness.job import Job
from gradlint.harness.progress import Meter
from gradlint.harness.result import RunResult
from gradlint.harness.script import run_script
from gradlint.harness.stage import Stage


def watched_training(torch: Any, job: Job, device: str, stage: Stage) -> RunResult:
    """Run the script of `job` and say what was seen of its training."""
    assert job.health is not None
    watch = AutogradWatch(torch, job.path, Text(job.module), job.health, Meter(stage.folder))
    tree = ast.parse(job.module.text, job.path)
    with _hooked(torch, watch):
        ended = run_script(tree, job, (), stage)
    some = bool(watch.losses)
    status, detail = ended.verdict(some, some)
    health = (watch.health(),) if some else ()
    return RunResult(
        status, device, len(watch.losses), stage.told(detail), health=health, unguarded=stage.unguarded
    )  # fmt: skip


@contextlib.contextmanager
def _hooked(torch: Any, watch: AutogradWatch) -> Iterator[None]:
    """`watch` is told of each call of backward and of each torch function."""
    original = torch.autograd.backward

    def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        return watch.backward(tensors, lambda: original(tensors, *args, **kwargs))

    class Calls(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            made = function(*args, **kwargs)
            watch.function(function, args, kwargs, made)
            return made

    torch.autograd.backward = backward
    try:
        # A compiled function would see the mode as a part of itself.
        with contextlib.nullcontext() if "torch.compile" in watch.text.module.text else Calls():
            yield
    finally:
        torch.autograd.backward = original
