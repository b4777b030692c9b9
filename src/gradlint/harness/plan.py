"""What to watch in the run of one job: worked out in the child, by a walk at small sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gradlint.claims import Claim, claims_of
from gradlint.harness.instrument import NAME, Points
from gradlint.harness.job import Job
from gradlint.harness.walks import Scout
from gradlint.harness.watching import Key, is_supposed, watched
from gradlint.reading import syntax as s


@dataclass(slots=True, eq=False)
class Plan:
    """The claims to confirm, and what is watched for them: `keys[k]` is what number k stands for.

    `draws` are the calls whose values are recorded; `frozen` is the walk that the loss is in; `points`
    are there for each file, the script itself under "". The values of the first `kept` numbers are kept.
    """

    job: Job
    scout: Scout
    frozen: Scout
    claims: list[Claim]
    draws: set[int] = field(default_factory=set)
    keys: list[Key] = field(default_factory=list)
    points: dict[str, Points] = field(default_factory=dict)
    kept: int = 0

    def watch(self, key: Key, node: s.Expr | s.Stmt) -> int:
        """Watch `node` under `key`, and give its number."""
        _add(self, key, node)
        return self.number(key)

    def number(self, key: Key) -> int:
        """The number under which `key` is watched."""
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key)


def plan_for(job: Job, observer: str = NAME) -> Plan:
    """Walk the module of `job` and find what to watch; the script tells `observer`."""
    scout, frozen = Scout(job), Scout(job, frozen=True)
    scout.walked()
    frozen.walked()
    claims = _wanted(job, scout)
    home = job.loop.span.file if job.loop is not None else ""
    plan = Plan(job, scout, frozen, claims)
    for file in ("", *job.module.others):
        loop = job.loop if file == home else None
        elsewhere = file != home or job.driven
        plan.points[file] = Points(loop, {}, {}, {}, file, elsewhere, observer)
    for key, node in watched(scout.trace, claims):
        late = key[0] == "after" and is_supposed(node)
        _add(plan, key, _outermost(job.module.body, node) if late else node)
    roots = [claim.root for claim in claims]
    for draw in scout.draws:
        if not any(scout.trace.depends(draw.sources, root) for root in roots):
            plan.draws.add(id(draw.node))
            _add(plan, ("value", id(draw.node), ""), draw.node)
    plan.kept = len(plan.keys)
    return plan


def _outermost(body: s.Block, node: Any) -> Any:
    """The statement of the module itself in which `node` stands: a loop that adds up what is watched, say."""
    lines = ((one, one.span) for one in body if one.span.file == node.span.file)
    return next((one for one, at in lines if at.line <= node.span.line <= at.end_line), node)


def _wanted(job: Job, scout: Scout) -> list[Claim]:
    """The claims of the job as this walk has them; those that it has not are left out."""
    found = [c for c in claims_of(scout.trace) if not c.handed]
    return [claim for claim in matched(job.claims, found) if claim is not None]


def matched(wanted: Iterable[tuple[str, s.Stmt]], found: Iterable[Claim]) -> Iterator[Claim | None]:
    """The claim of each place and statement; layers that one statement steps come in their order."""
    left = list(found)
    for place, statement in wanted:
        same = (i for i, c in enumerate(left) if c.place == place and c.statement is statement)
        at = next(same, None)
        yield None if at is None else left.pop(at)


def _add(plan: Plan, key: Key, node: s.Expr | s.Stmt) -> None:
    number, span = plan.number(key), node.span
    points = plan.points[span.file]
    if key[0] == "value":
        points.values[span] = number
        return
    where = points.before if key[0] == "before" else points.after
    numbers = where.setdefault((span.line, span.column), [])
    if number not in numbers:
        numbers.append(number)
