"""What to look at for the health of a training, worked out from the walks at small sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from gradlint.claims import Claim, locate
from gradlint.claims.names import says_rate
from gradlint.claims.rates import strip
from gradlint.harness.health.sites import Site, Sites
from gradlint.harness.plan import Plan
from gradlint.harness.watching import Key, value_key
from gradlint.judging.forward import Activation, Forward
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing import Trace, Update, places

MOST_STORES = 200
"""Values of one round that are checked for NaN: long unrolled rounds are checked in part."""
ANY = -1
START = Span(1, 1, 1, 1)
_RISKY = ("log", "exp", "divide", "sqrt", "power")


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """Why a value is watched: `kind` is loss, error, stored, pre, post, gradient, before or after.

    It is the `turn`-th value of a round, any of them if that is `ANY`; `index` is the number of the layer
    or parameter.
    """

    kind: str
    index: int = 0
    turn: int = 0
    name: str = ""
    span: Span = START
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    name: str
    kind: str
    source: str
    span: Span
    hidden: bool
    feeding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedParameter:
    """`axis` is the one along which its units lie, None where that is not known."""

    name: str
    span: Span
    hidden: bool
    axis: int | None
    rate: float
    made: Span | None


@dataclass(slots=True, eq=False)
class HealthPlan:
    """Layers and parameters in the order of the forward pass; `roles` by the number that is watched.

    `passes` says of a number that several parameters share how often its value passes by in a round.
    """

    loss: str
    span: Span
    written: bool
    layers: list[PlannedLayer] = field(default_factory=list)
    parameters: list[PlannedParameter] = field(default_factory=list)
    roles: dict[int, list[Role]] = field(default_factory=dict)
    passes: dict[int, int] = field(default_factory=dict)


def plan_health(plan: Plan) -> HealthPlan | None:
    """What to watch beside `plan`, whose points it adds to; None where the loss is not found."""
    trace = plan.frozen.trace
    roots = {claim: _root(plan, claim) for claim in plan.claims}
    known = [root for root in roots.values() if root is not None]
    loss = locate(trace, plan.job.spec, known)
    if loss is None or not known:
        return None
    return _Planner(plan, Forward(trace, known, loss), roots).planned(loss)


def _root(plan: Plan, claim: Claim) -> int | None:
    key = plan.scout.trace.keys.get(claim.root)
    return plan.frozen.trace.at(key) if key is not None else None


class _Planner:
    def __init__(self, plan: Plan, forward: Forward, roots: dict[Claim, int | None]) -> None:
        self.plan = plan
        self.forward = forward
        order = forward.ordered_roots()
        named = {root: claim for claim, root in roots.items() if root in order}
        self.claims = [(root, named[root]) for root in order]
        self.still, self.moving = Sites(plan.frozen), Sites(plan.scout)
        spec = plan.job.spec
        self.made = HealthPlan(spec.name, spec.span, spec.is_written and not plan.job.opposed)

    def planned(self, loss: int) -> HealthPlan:
        self._loss(loss)
        for number, (root, claim) in enumerate(self.claims):
            self._parameter(number, root, claim)
        for number, activation in enumerate(self.forward.activations()):
            self._layer(number, activation)
        for store in self.moving.stores[:MOST_STORES]:
            site = self.moving.stored(store)
            if site is not None and not isinstance(store.statement, s.For):
                self._add(site, "stored", within=self._risky(store.new or 0))
        return self.made

    def _watch(self, key: Key, node: s.Expr | s.Stmt, role: Role) -> None:
        number = self.plan.watch(key, node)
        self.made.roles.setdefault(number, []).append(role)

    def _add(self, site: Site, kind: str, index: int = 0, within: tuple[str, ...] = ()) -> None:
        role = Role(kind, index, site.turn, site.name, site.span, within)
        self._watch(site.key, site.node, role)

    def _loss(self, loss: int) -> None:
        spec = self.plan.job.spec
        nodes = [self.forward.trace.at(key) for key in spec.sites]
        kind = {"written": "loss", "sum of": "sum", "mean of": "mean"}.get(spec.family, "error")
        if kind == "error":
            self.made.loss = "the squared error"
        for node in nodes:
            site = self.still.of(node) if node is not None else None
            if site is not None:
                self._add(site, kind)

    def _parameter(self, number: int, root: int, claim: Claim) -> None:
        name, statement = claim.place, claim.updates[0].statement
        axis, hidden = self.forward.unit_axis(root), self.forward.is_hidden(root)
        stores = self.plan.frozen.trace.stores_of(root)
        made = [x.statement.span for x in stores if isinstance(x.statement, s.Assign)]
        self.made.parameters.append(
            PlannedParameter(name, statement.span, hidden, axis, claim.rate, next(iter(made), None))
        )
        for update in claim.updates:
            place = self._written(update)
            turn, turns = self._turn(update, place)
            for when in ("before", "after"):
                key = (when, id(update.statement), place)
                self._watch(key, update.statement, Role(when, number, turn))
                if turn != ANY:
                    self.made.passes[self.plan.number(key)] = turns
        if claim.gradient is not None:
            self._gradient(number, claim)

    def _written(self, update: Update) -> str:
        """The place as its statement writes it: `layer[key]` is another each time, `layer['W']` is not."""
        match update.statement:
            case s.AugAssign(target=s.Subscript() as target):
                pass
            case s.Assign(targets=[s.Subscript() as target]):
                pass
            case _:
                return update.place
        owner = update.place.rpartition("[")[0]
        if not places.is_plain(target) or places.text(target.value) != owner:
            return update.place
        return self.plan.job.module.excerpt(target.span)

    def _turn(self, update: Update, place: str) -> tuple[int, int]:
        """Which of the parameters that one statement moves in a round, and how often it runs in one.

        `ANY` where it moves only one.
        """
        updates = [u for u in self.plan.scout.trace.updates if u.new >= self.plan.scout.began]
        here = [u for u in updates if u.statement is update.statement]
        same = [u for u in here if self._written(u) == place]
        olds = {u.new for u in same}
        firsts = [u for u in same if u.old not in olds]
        if len(firsts) < 2 or update not in firsts:
            return ANY, len(same)
        return firsts.index(update), len(same)

    def _gradient(self, number: int, claim: Claim) -> None:
        site = self.moving.of(claim.gradient or 0)
        if site is None:
            return
        if site.key[0] == "after" and self._is_filled_once(site):
            site = replace(site, turn=ANY)  # the last look of the round is after it was filled in
        self._add(site, "gradient", number)

    def _is_filled_once(self, site: Site) -> bool:
        return sum(store.place == site.name for store in self.moving.stores) == 1

    def _layer(self, number: int, found: Activation) -> None:
        out, source = self.still.of(found.out), self.still.of(found.source)
        if out is None:
            self.made.layers.append(PlannedLayer("", "", "", self.made.span, False, ()))
            return
        names = {root: claim.place for root, claim in self.claims}
        feeding = tuple(names[root] for root in found.feeding)
        told = source.name if source is not None else "its input"
        self.made.layers.append(
            PlannedLayer(out.name, found.kind, told, out.span, found.hidden, feeding)
        )
        self._add(out, "post", number)
        if source is not None:
            self._add(source, "pre", number)

    def _risky(self, node: int) -> tuple[str, ...]:
        """The operations of the statement that made `node` that can give what is no finite number."""
        trace = self.plan.scout.trace
        statement = trace.nodes[node].statement
        above = (trace.nodes[n] for n in trace.ancestors([node], since=self.plan.scout.began))
        found = {n.op for n in above if n.statement is statement}
        return tuple(op for op in _RISKY if op in found)


@dataclass(frozen=True, slots=True)
class Rate:
    """The learning rate of a script: what it is called, where it stands, and its value."""

    name: str
    span: Span
    value: float


def rate_of(trace: Trace, claims: list[Claim]) -> Rate | None:
    """The one rate of plain steps; None where there are several, or an optimiser takes the steps."""
    plain = [c for c in claims if not c.through_optimiser and c.updates[0].change]
    if not plain or len(plain) < len(claims):
        return None
    if any(not math.isclose(c.rate, plain[0].rate, rel_tol=1e-6) for c in plain):
        return None
    claim = plain[0]
    found = strip(trace, claim.updates[0].change[0][1]).with_inner_rates(trace)
    sources = [n for node, _ in found.atoms for n in trace.ancestors([node])]
    stores = [x for n in sources for x in trace.stores_of(n) if says_rate(x.place)]
    if stores:
        value = abs(float(np.asarray(trace.value(stores[0].new or 0)).reshape(-1)[0]))
        if math.isclose(value, claim.rate, rel_tol=1e-6):
            return Rate(stores[0].place, stores[0].statement.span, claim.rate)
    return Rate("the step", claim.updates[0].statement.span, claim.rate)


__all__ = ["HealthPlan", "Rate", "Role", "plan_health", "rate_of", "value_key"]
