"""The state of a walk before one of the script's own statements, from which other walks go on.

Most walks of an analysis differ late: in the training that they try a repair in, in what they call when
the script is done. What comes before is walked once and copied. A copy is taken only of what is known to be
safe to copy, and used only where nothing that came before could have been otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradlint.reading import syntax as s
from gradlint.reading.walking import owners
from gradlint.tracing.copying import Copier, Uncopyable
from gradlint.tracing.facts import Facts
from gradlint.tracing.inputs import Inputs
from gradlint.tracing.trace import Trace

if TYPE_CHECKING:
    from gradlint.tracing.statements import Interpreter

_WORTH = 150
"""Steps of a walk below which a copy is not worth its while."""
_CHEAPER = 4
"""How many times cheaper it is to copy a value than to take a step."""
_MOST = 12
"""Copies that are kept for one script at a time."""
_OWN = frozenset([
    "module", "facts", "budget", "seed", "overrides", "blind", "watched", "held", "visible",
    "evaluators", "executors", "trace", "rng", "kept", "executed", "copied_at",
    "steps_known",
])  # fmt: skip
"""What a walk is given, or keeps in another way."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The state before the statement `index`, reached under `setting` with these `facts`.

    `executed` are the statements that ran until then, by identity; `inputs` those that were asked for.
    `held` are the steps that were held back, `steps` those that were known when the walk began.
    """

    index: int
    setting: tuple[Any, ...]
    facts: Facts
    inputs: Inputs | None
    held: frozenset[int]
    steps: frozenset[int]
    executed: frozenset[int]
    state: Mapping[str, Any]
    trace: Trace
    drawn: Any


@dataclass(slots=True, eq=False)
class Kept:
    """What is kept of one `module`: `stops` are the statements before which copies are taken."""

    module: s.Module
    stops: set[int]
    checkpoints: list[Checkpoint] = field(default_factory=list)
    size: int = 0
    _owners: dict[int, int] = field(default_factory=dict)
    _files: int = 0

    def owner(self, node: int) -> int | None:
        """The innermost statement around a node, or the first of a block, all by identity."""
        files = sum(1 for _ in self.module.files())
        if files != self._files:
            self._owners, self._files = owners(self.module.everything), files
        return self._owners.get(node)


_KEPT: ContextVar[dict[int, Kept] | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Keep checkpoints while one script is analysed."""
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def kept_of(module: s.Module) -> Kept | None:
    """What is kept of a module, by its body; None outside an analysis."""
    found = _KEPT.get()
    if found is None:
        return None
    made = found.get(id(module.body))
    if made is None:
        stops = {i for i, one in enumerate(module.body) if isinstance(one, s.For | s.While)}
        made = found[id(module.body)] = Kept(module, stops)
    return made


def save(kept: Kept, walker: Interpreter, index: int) -> None:
    """Keep the state of a walk before the statement `index`, if it can be copied and is worth it."""
    if walker.steps - walker.copied_at < max(_WORTH, kept.size // _CHEAPER):
        return
    if walker.overrides or walker.wanted or not walker.executed.isdisjoint(walker.held):
        return
    walker.copied_at = walker.steps
    copier = Copier()
    try:
        state = {name: copier.value(value) for name, value in _state(walker).items()}
    except (Uncopyable, RecursionError):
        kept.stops.discard(index)
        return
    kept.size = len(copier.copies)
    inputs = walker.facts.inputs
    asked = inputs.asked or walker.made_inputs or walker.trace.inputs
    made = Checkpoint(
        index, _setting(walker), _known(walker.facts), inputs if asked else None,
        frozenset(walker.held), walker.steps_known, frozenset(walker.executed), state, walker.trace.copy(),
        walker.rng.bit_generator.state,
    )  # fmt: skip
    kept.checkpoints = [made, *kept.checkpoints[: _MOST - 1]]


def resume(kept: Kept, walker: Interpreter) -> int:
    """Put a walk where another one was; the number of the statement that is next."""
    fitting = [one for one in kept.checkpoints if _fits(one, walker, kept)]
    if not fitting:
        return 0
    found = max(fitting, key=lambda one: one.index)
    copier = Copier()
    try:
        state = {name: copier.value(value) for name, value in found.state.items()}
    except RecursionError:
        return 0
    for name, value in state.items():
        setattr(walker, name, value)
    walker.trace = found.trace.copy()
    walker.rng.bit_generator.state = found.drawn
    walker.executed = set(found.executed)
    walker.copied_at = walker.steps
    walker.facts.dimensions |= found.facts.dimensions
    walker.facts.counts |= found.facts.counts
    walker.facts.updates |= found.facts.updates & found.executed
    return found.index


def _state(walker: Interpreter) -> dict[str, Any]:
    return {name: value for name, value in vars(walker).items() if name not in _OWN}


def _known(facts: Facts) -> Facts:
    """The facts as they are now: what a copy for a walk shares is copied too."""
    return replace(
        facts.copy(), sizes=dict(facts.sizes), parameters=set(facts.parameters),
        blind_steps=set(facts.blind_steps), learning=facts.learning,
    )  # fmt: skip


def _setting(walker: Interpreter) -> tuple[Any, ...]:
    facts, inputs = walker.facts, walker.facts.inputs
    calm = tuple(sorted(facts.calm.items()))
    return walker.seed, walker.budget, facts.shrinks, calm, inputs.least, inputs.lenient


def _fits(found: Checkpoint, walker: Interpreter, kept: Kept) -> bool:
    """Whether a walk would come to where another one was, with nothing else on its way."""
    now = walker.facts
    if found.setting != _setting(walker) or (found.state["large"] and walker.may_shrink()):
        return False
    if found.inputs is not None and (
        found.inputs is not now.inputs or now.learning or found.facts.learning
    ):
        return False
    return not (_touched(found, walker, kept) or _refilled(found, now))


def _touched(found: Checkpoint, walker: Interpreter, kept: Kept) -> bool:
    """Whether what already ran would run otherwise, or was to be watched."""
    then, now = found.facts, walker.facts
    apart = (then.training_loops ^ now.training_loops) | (then.blind_steps ^ now.blind_steps)
    apart |= (found.held ^ walker.held) | (found.steps ^ walker.steps_known) | walker.watched
    if not found.executed.isdisjoint(apart):
        return True
    sized = {literal for literal, _ in then.sizes.items() ^ now.sizes.items()}
    changed = sized.union(walker.overrides, walker.wanted)
    return any(kept.owner(node) in found.executed for node in changed)


def _refilled(found: Checkpoint, now: Facts) -> bool:
    """Whether another value that already was made is a parameter."""
    made = found.state["made"]
    return any(
        made.get(site, 0) > number for site, number in found.facts.parameters ^ now.parameters
    )
