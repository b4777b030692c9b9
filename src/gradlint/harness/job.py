"""What the child needs to know: the module, what the walks taught, and which loss to hold against.

Facts know syntax nodes by `id()`, which does not survive the way to another process. A job carries
the nodes themselves beside the module in one pickle, so that they come out as parts of it again.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradlint.claims import Claim, LossSpec
from gradlint.harness.limits import DEFAULT_MEMORY
from gradlint.health import HealthOptions
from gradlint.judging import Case
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Driven, Facts, Trace
from gradlint.tracing.facts import SiteKey
from gradlint.tracing.inputs import Inputs

ITERATIONS = 3
"""Steps of the training loop that are observed: the first may start at zeros, two are a check."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One script to run.

    `loop` is the innermost training loop that holds the updates, None where they stand in no loop;
    `claims` says by the parameter's place and the statement of the update which to confirm.
    `facts` and `spec` are valid for `module` in the process that holds the job. `path` is absolute,
    `home` is where gradlint was called. `limit` is in seconds, `memory` in MiB; with `stub_data` the data
    that are not there are made. `first` is the number of the first claim among those of all jobs for one
    script. `health` says how long the training is watched, None not at all; where the loss is `opposed` by
    that of another training in the same loop, it need not fall.
    """

    module: s.Module
    facts: Facts
    spec: LossSpec
    loop: s.Stmt | None
    claims: tuple[tuple[str, s.Stmt], ...]
    path: str
    home: str
    device: str = "auto"
    limit: float = 60.0
    iterations: int = ITERATIONS
    first: int = 0
    memory: int = DEFAULT_MEMORY
    stub_data: bool = False
    health: HealthOptions | None = None
    opposed: bool = False

    @property
    def only_watched(self) -> bool:
        """Whether nothing is to be confirmed, and only the training watched."""
        return not self.claims and self.health is not None

    @property
    def driven(self) -> bool:
        """Whether it is about what nothing in the script calls, and not about what the script trains."""
        return isinstance(self.module, Driven)


def dumps(jobs: Sequence[Job]) -> bytes:
    """The jobs for one script as bytes for another process: one pickle, so that they share their nodes."""
    known: dict[int, dict[int, s.Node]] = {}
    return pickle.dumps([_parts(job, known) for job in jobs])


def loads(data: bytes) -> list[Job]:
    """The inverse of `dumps`."""
    return [
        Job(module, portable.facts(), replace(spec, sites=_keys(portable.sites)), *rest)
        for module, portable, spec, *rest in pickle.loads(data)
    ]


def _parts(job: Job, known: dict[int, dict[int, s.Node]]) -> tuple[Any, ...]:
    body = id(job.module.body)
    if body not in known:
        known[body] = {id(node): node for node in descend(job.module.everything)}
    sites = {id(site): site for site in job.facts.inputs.sites.values()}
    facts = _Portable.of(job.facts, job.spec, known[body] | sites)
    rest = (
        job.path, job.home, job.device, job.limit, job.iterations, job.first, job.memory, job.stub_data,
        job.health, job.opposed,
    )  # fmt: skip
    return job.module, facts, replace(job.spec, sites=()), job.loop, job.claims, *rest


@dataclass(frozen=True, slots=True, eq=False)
class _Portable:
    """Facts and loss sites with nodes in the place of their identities."""

    sizes: list[tuple[s.Node, int]]
    dimensions: list[tuple[s.Node, int]]
    training_loops: list[s.Node]
    updates: list[s.Node]
    blind_steps: list[s.Node]
    parameters: list[tuple[s.Node, int]]
    sites: list[tuple[s.Node, int]]
    shrinks: bool
    inputs: Inputs
    held: list[s.Node]

    @staticmethod
    def of(facts: Facts, spec: LossSpec, nodes: dict[int, s.Node]) -> _Portable:
        return _Portable(
            _pairs(facts.sizes.items(), nodes), _pairs(facts.dimensions.items(), nodes),
            [nodes[i] for i in facts.training_loops if i in nodes],
            [nodes[i] for i in facts.updates if i in nodes],
            [nodes[i] for i in facts.blind_steps if i in nodes],
            _pairs(facts.parameters, nodes), _pairs(spec.sites, nodes), facts.shrinks,
            facts.inputs, [nodes[i] for i in facts.held if i in nodes],
        )  # fmt: skip

    def facts(self) -> Facts:
        return Facts(
            {id(node): size for node, size in self.sizes},
            {id(node) for node in self.training_loops},
            set(_keys(self.parameters)),
            {id(node): size for node, size in self.dimensions},
            {id(node) for node in self.updates},
            {id(node) for node in self.blind_steps},
            self.shrinks,
            self.inputs,
            held=frozenset(id(node) for node in self.held),
        )


def _pairs(pairs: Iterable[SiteKey], nodes: dict[int, s.Node]) -> list[tuple[s.Node, int]]:
    return [(nodes[i], number) for i, number in pairs if i in nodes]


def _keys(pairs: Sequence[tuple[s.Node, int]]) -> tuple[SiteKey, ...]:
    return tuple((id(node), number) for node, number in pairs)


def loop_of(trace: Trace, claims: Sequence[Claim]) -> s.Stmt | None:
    """The innermost training loop that was running when the first claim's parameter moved."""
    if not claims:
        return None
    moved, never = claims[0].updates[0].new, len(trace.nodes)
    running = [
        loop for loop, time in trace.rounds if time <= moved < trace.ends.get(id(loop), never)
    ]
    return running[-1] if running else None


def training_job(module: s.Module, **more: Any) -> Job:
    """The job to watch what torch's own autograd trains in `module`; `more` are fields of Job."""
    spec = LossSpec("written", (), "loss", module.body[0].span)
    path = os.path.abspath(module.path)
    return Job(module, Facts(), spec, None, (), path, os.getcwd(), **more)


def shown_job(module: s.Module, facts: Facts, **more: Any) -> Job:
    """The job to run what `module` does beside training, for what it reads and calls."""
    return replace(training_job(module, **more), facts=facts, health=None)


def job_of(case: Case, spec: LossSpec, **more: Any) -> Job:
    """The job to confirm the claims of `case` against the loss `spec`; `more` are fields of Job."""
    path, loop = os.path.abspath(case.module.path), loop_of(case.trace, case.claims)
    claims = tuple((claim.place, claim.statement) for claim in case.claims)
    return Job(case.module, case.facts, spec, loop, claims, path, os.getcwd(), **more)
