"""What the user asked for, as frozen values that can be sent to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gradlint.health.options import HealthOptions
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity
from gradlint.selection import Selection

Device = Literal["cpu", "cuda", "auto"]
OutputFormat = Literal[
    "full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit"
]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How one file is checked.

    `run` allows the script to be executed; `timeout` bounds that run and is in seconds; `device` is
    where the script and autograd compute, `auto` being CUDA where there is one and else the CPU.
    `memory` is in MiB, None for a default; with `stub_data` data that are not there are made.
    `selection` are the codes to report. `health` says how long the training is watched; `progress` shows
    that on a terminal. `instead` are texts, by path, that stand in for files that the script imports.

    >>> CheckOptions(run=False, timeout=10).device
    'auto'
    """

    run: bool = True
    device: Device = "auto"
    timeout: float = 60.0
    selection: Selection = field(default_factory=Selection)
    memory: int | None = None
    stub_data: bool = False
    health: HealthOptions = field(default_factory=HealthOptions)
    progress: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """How gradlint behaves for a file, or, where that concerns all of them, in a whole call.

    `run` is None where the user did not say: then what was named is run and what was found in a
    directory or came on standard input is not. `jobs` 0 lets the number of files decide.
    `health` says from where on a training is called ill, `plot` where it is drawn.
    """

    run: bool | None = None
    device: Device = "auto"
    timeout: float = 60.0
    memory: int | None = None
    stub_data: bool = False
    health_steps: int = HealthOptions.steps
    health_seconds: float = HealthOptions.seconds
    health: Thresholds = field(default_factory=Thresholds)
    plot: str | None = None
    output_format: OutputFormat = "full"
    output: str | None = None
    selection: Selection = field(default_factory=Selection)
    fail_on: Severity = Severity.WARNING
    exit_zero: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    statistics: bool = False
    quiet: bool = False
    stdin_filename: str | None = None
    jobs: int = 0

    def options(self, named: bool) -> CheckOptions:
        """How to check a file that the user named, or did not name."""
        run = named if self.run is None else self.run
        health = HealthOptions(self.health_steps, self.health_seconds, self.health)
        return CheckOptions(
            run, self.device, self.timeout, self.selection, self.memory, self.stub_data, health
        )
