"""Walking the module for the run: once at small sizes, to plan, and once for each step, to replay.

Why a replay and not, say, torch's numpy-compatible namespace: the walk gives one trace for numpy,
torch and plain Python alike, with the loss that the analysis chose and the very parameters that the
script moved, and the values at its leaves are those that the script had. Whether the replay is
faithful is checked by value against what the script computed; if it is not, nothing is concluded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradlint.harness.carrying import carried, make_again
from gradlint.harness.job import Job
from gradlint.harness.putting import Putter
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing import Budget, Driven, Facts, Opaque, Trace, Traced
from gradlint.tracing.inputs import Inputs, Unknown
from gradlint.tracing.machine import Exhausted, NewDimension
from gradlint.tracing.making import MadeMapping
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import BoundMethod, Instance, LibraryPath

REAL = Budget(
    steps=3_000_000, elements=2_000_000_000, array=200_000_000, rounds=200_000, failures=1000
)  # fmt: skip
"""A walk at the script's own sizes; the time limit of the run is what really bounds it."""


class _Enough(Exception):
    """One round of the training loop was walked; what comes after it is not needed."""


@dataclass(slots=True, eq=False)
class Draw:
    """A call inside the loop that the interpreter does not know the value of: a random draw, data.

    `sources` are the nodes that its arguments were made of.
    """

    node: s.Call
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A call that gives data which may not be there: what the walk made for it, tensors as their keys."""

    node: s.Call
    made: Any


@dataclass(frozen=True, slots=True)
class Key:
    """An input of the walk by its name."""

    name: str


@dataclass(slots=True, eq=False)
class Step:
    """What was seen of one step of the script: its variables at the head, its draws in order."""

    local: dict[str, Any] = field(default_factory=dict)
    module: dict[str, Any] = field(default_factory=dict)
    draws: dict[int, list[Any]] = field(default_factory=dict)


class Walker(Interpreter):
    """An interpreter that knows when the body of the training loop is entered and left.

    `stop` ends the walk after one round; one that `waits` takes the first round in which something is
    stepped (others may end in `continue`). `made_before` and `made_in_round` say how many values each
    expression had made when the round began and ended.
    """

    waits = False

    def __init__(self, job: Job, facts: Facts, budget: Budget, frozen: bool, stop: bool) -> None:
        super().__init__(job.module, facts, 0, budget, frozen=frozen)
        self.job = job
        self.body = job.module.body if job.loop is None else job.loop.body  # type: ignore[attr-defined]
        self.stop = stop
        self.inside = False
        self.entered = False
        self.began = self.stored_before = 0
        self.made_before: Counter[int] = Counter()
        self.made_in_round: Counter[int] = Counter()

    def made_since(self, expr: int) -> int:
        """How many values an expression made in the round."""
        return self.made_in_round[expr] - self.made_before[expr]

    def walk(self) -> Trace:
        if not isinstance(self.module, Driven) or self.job.loop is not None:
            return super().walk()
        super().execute(self.module.body)
        drive = self.module.drive
        self._round(lambda: drive(self))
        return self.trace

    def execute(self, block: s.Block) -> Any:
        if self.entered or block is not self.body:
            return super().execute(block)
        return self._round(lambda: super(Walker, self).execute(block))

    def _round(self, walk: Callable[[], Any]) -> Any:
        """What `walk` walks is one round of the training loop, or the whole script where there is none."""
        self.entered = self.inside = True
        stepped = self.stepped
        self.enter()
        self.began, self.made_before = len(self.trace.nodes), Counter(self.made)
        self.stored_before = len(self.trace.stores)
        try:
            return walk()
        finally:
            self.inside = False
            self.made_in_round = Counter(self.made)
            self.entered = not self.waits or self.stepped > stepped
            if self.stop:
                raise _Enough

    def enter(self) -> None:
        """The first round begins."""

    def walked(self) -> Trace:
        """Walk, and say in the trace what stopped it, if anything did."""
        try:
            self.walk()
        except _Enough:
            pass
        except Exhausted as spent:
            self.trace.stopped = Opaque(spent.reason, spent.span)
        except (LearntLoop, NewDimension, RecursionError):
            self.trace.stopped = Opaque(
                "the script behaves differently at its own sizes", self.at.span
            )
        return self.trace


class Scout(Walker):
    """A walk at small sizes that notes the calls whose values the replay must be told."""

    waits = True

    def __init__(self, job: Job, frozen: bool = False) -> None:
        super().__init__(job, replace(job.facts), Budget(), frozen, stop=False)
        self.draws: list[Draw] = []
        self.data: dict[int, Read] = {}

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        before = len(self.trace.nodes)
        made = super().call(func, args, kwargs, node)
        if node is not None and id(node) in self.reads:
            self.data[id(node)] = Read(node, _named(made, self.trace))
        if self.inside and node is not None and _unknown(func, made, self.trace, before):
            receiver = [func.receiver] if isinstance(func, BoundMethod) else []
            sources = _nodes_in([*receiver, *args, *kwargs.values()])
            if sources is not None:
                self.draws.append(Draw(node, tuple(sources)))
        return made


class Trial(Walker):
    """A walk of one round at the script's own sizes and at data of chosen ones."""

    def __init__(self, job: Job, inputs: Inputs) -> None:
        facts = replace(job.facts, sizes={}, shrinks=False, inputs=inputs)
        super().__init__(
            job, facts, Budget(elements=200_000_000, array=20_000_000), False, stop=True
        )

    def succeeds(self) -> bool:
        """Whether the data fit and some parameter moves, or gradients are handed out, if there are any."""
        trace = self.walked()
        some = trace.updates or trace.claimed or not self.job.claims
        return trace.stopped is None and not trace.failures and bool(some)


class Replay(Walker):
    """A walk at the values that the script really had at one step.

    `guarded`: the script adds a guard (`log(p + 1e-7)`) that the walk makes next to nothing. Steps of
    another training (`facts.held`) are made, as the script makes them: an opponent sees what they moved.
    """

    def __init__(self, job: Job, seen: Step, frozen: bool, stop: bool) -> None:
        super().__init__(job, replace(job.facts), REAL, frozen, stop)
        self.held = self.facts.updates - self.facts.held if frozen else frozenset()
        self.seen = seen
        self.used: Counter[int] = Counter()
        self.guarded = False
        self.putter = Putter(self)

    def enter(self) -> None:
        known, steps = self.facts.parameters, self.facts.updates
        again = [] if self.job.driven else carried(self.trace, known, steps, self.module.body)
        if not self.job.driven:
            self.facts.sizes, self.facts.parameters, self.facts.shrinks = {}, set(), False
        self.putter.scopes(self.scope, self.seen.local, self.seen.module)
        self.inside = False  # the draws that were seen are those of the round
        make_again(self, again, {**self.seen.module, **self.seen.local})
        self.inside = True
        self._begin()

    def _begin(self) -> None:
        """The round begins after what was put: names have had their values since before the loop."""
        self.leaf(0, "python")  # so that no time is both before and in the round
        now = len(self.trace.nodes)
        self.loops = [(loop, now, number) for loop, _, number in self.loops]
        self.trace.rounds = [
            (loop, now) if any(loop is one for one, *_ in self.loops) else (loop, at)
            for loop, at in self.trace.rounds
        ]

    def moved_by_others(self) -> frozenset[int]:
        """What the steps of another training made: to this one they are numbers."""
        held = self.facts.held
        return frozenset(u.new for u in self.trace.updates if id(u.statement) in held)

    def unguarded(self, value: Any) -> Any:
        made = super().unguarded(value)
        self.guarded = self.guarded or made is not value
        return made

    def exec_If(self, n: s.If) -> Any:
        # The loss may be computed only to be printed, every hundredth step.
        if self.inside and self.held and _holds(n.body, self.job.spec.span):
            return self.execute(n.body)
        return super().exec_If(n)

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        made = super().call(func, args, kwargs, node)
        values = self.seen.draws.get(id(node)) if self.inside else None
        if values is None:
            return made
        # The index of `a[i] -= 1` is evaluated twice here and once by Python.
        turn = min(self.used[id(node)], len(values) - 1)
        self.used[id(node)] += 1
        known, self.facts.parameters = self.facts.parameters, set()  # it is what was really drawn
        put = self.putter(made, values[turn])
        self.facts.parameters = known
        return put


def _holds(block: s.Block, span: Span) -> bool:
    """Whether `span` lies in `block`."""
    return bool(block) and block[0].span <= span <= block[-1].span


def _unknown(func: Any, made: Any, trace: Trace, before: int) -> bool:
    """Whether a call drew at random, made an array of data, or gave what is not understood."""
    if isinstance(made, Opaque):
        return isinstance(func, LibraryPath | BoundMethod)
    return is_drawn(func, made, trace, before)


def is_drawn(func: Any, made: Any, trace: Trace, before: int) -> bool:
    """Whether a call of a library drew at random, or made an array out of nothing."""
    if not isinstance(made, Traced) or not isinstance(func, LibraryPath):
        return False
    fresh = made.id >= before and trace.nodes[made.id].is_leaf
    return _is_random(func.path) or (fresh and not func.path.startswith("builtins."))


def _named(made: Any, trace: Trace) -> Any:
    """What a walk made, with the names of inputs in the place of their values."""
    if isinstance(made, Traced):
        name = trace.inputs.get(made.id)
        return made.value if name is None else Key(name)
    if isinstance(made, list | tuple):
        return type(made)(_named(part, trace) for part in made)
    known = isinstance(made, Unknown | MadeMapping | Instance) and made.key is not None
    return Key(made.key) if known else made


def _is_random(path: str) -> bool:
    return path.startswith(("numpy.random.", "random.", "torch.rand", "torch.normal"))


def _nodes_in(values: Sequence[Any]) -> list[int] | None:
    """The nodes of all tensors in `values`; None where one is not known."""
    found: list[int] = []
    for value in values:
        if isinstance(value, Opaque):
            return None
        inner = value.values() if isinstance(value, Mapping) else value
        if isinstance(value, Traced):
            found.append(value.id)
        elif isinstance(value, list | tuple | Mapping):
            below = _nodes_in(list(inner))
            if below is None:
                return None
            found += below
    return found
