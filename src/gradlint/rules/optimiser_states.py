"""GL307 for the states of an optimiser: one that no step uses, forgets, is never renewed, or is fed amiss."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.names import last_part
from gradlint.claims.optimiser_motion import Motion, motion
from gradlint.claims.optimisers import began
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.subject import Subject
from gradlint.tracing import Store, Trace

MEMORY = re.compile(r"beta|momentum|^mu\d?$|rho|decay|gamma", re.IGNORECASE)
"""How the rates are named at which an average forgets."""

Slip = tuple[s.Stmt, str]


def slips(subject: Subject) -> Iterator[Slip]:
    """What is odd in the states that stand beside the parameters."""
    trace = subject.case.trace
    for claim in subject.case.claims:
        if claim.handed or (claim.gradient is None and len(claim.updates) != 1):
            continue
        yield from _unrenewed(trace, claim)
        for store in _beside(trace, claim):
            yield from _forgetful(trace, store)
            yield from _unused(subject, claim, store)
        moved = motion(trace, claim)
        if moved is not None:
            yield from _misfed(moved, claim)


def _beside(trace: Trace, claim: Claim) -> Iterator[Store]:
    """What was zero before the training loop, of the shape of a parameter, and got a new value in it."""
    start, shape = began(trace), trace.nodes[claim.root].shape
    for store in trace.stores:
        old, new = store.old, store.new
        if old is not None and new is not None and old < start <= new and old != claim.root:
            zero = trace.nodes[old].shape == shape and not np.any(trace.value(old))
            if zero and trace.nodes[new].shape == shape and shape:
                yield store


def _forgetful(trace: Trace, store: Store) -> Iterator[Slip]:
    """`m = (1 - beta) * g`: what is left of an average when its first half is forgotten."""
    assert store.new is not None
    assert store.old is not None
    entry = trace.nodes[store.new]
    if entry.op != "multiply" or trace.depends([store.new], store.old):
        return
    for i in entry.inputs:
        rate = _rest(trace, i)
        if rate is not None:
            yield (
                store.statement,
                f"{store.place} forgets what it was: {rate} * {store.place} is not added.",
            )


def _rest(trace: Trace, node: int) -> str | None:
    """The name of `beta` in `1 - beta`."""
    entry = trace.nodes[node]
    if entry.op != "subtract" or np.size(entry.value) != 1:
        return None
    names = [x.place for x in trace.stores_of(entry.inputs[1])]
    one = bool(np.all(np.asarray(trace.value(entry.inputs[0])) == 1))
    return next((n for n in names if one and MEMORY.search(last_part(n))), None)


def _unused(subject: Subject, claim: Claim, store: Store) -> Iterator[Slip]:
    """A momentum that is kept up beside the steps and read nowhere else."""
    trace = subject.case.trace
    assert store.new is not None
    assert store.old is not None
    fed = claim.gradient is not None and trace.depends([store.new], claim.gradient)
    if not fed or not store.place.isidentifier() or not _remembers(trace, store):
        return
    if not _is_read(subject, store):
        yield (
            store.statement,
            f"{store.place} is kept up, but no step uses it: {claim.place} moves along {claim.name} itself.",
        )


def _is_read(subject: Subject, store: Store) -> bool:
    """Whether another statement than that which makes a new value reads it."""
    rest = {id(node) for node in descend(store.statement)}
    everything = list(descend(subject.module.everything))
    for node in everything:
        if isinstance(node, s.Assign):
            rest |= {id(name) for name in descend(node.targets)}
    names = (n for n in everything if isinstance(n, s.Name) and n.id == store.place)
    return any(id(name) not in rest for name in names)


def _remembers(trace: Trace, store: Store) -> bool:
    """Whether a new value is a part of the old one, by a rate with a name, and something new."""
    assert store.new is not None
    above = trace.ancestors([store.new], since=store.old or 0)
    return any(_is_remembered(trace, node, store.old or 0) for node in above)


def _is_remembered(trace: Trace, node: int, old: int) -> bool:
    entry = trace.nodes[node]
    others = [i for i in entry.inputs if i != old]
    if entry.op != "multiply" or old not in entry.inputs or len(others) != 1:
        return False
    names = [last_part(x.place) for x in trace.stores_of(others[0])]
    return np.size(trace.value(others[0])) == 1 and any(MEMORY.search(n) for n in names)


def _unrenewed(trace: Trace, claim: Claim) -> Iterator[Slip]:
    """`new = mu * m - lr * g` where nothing ever puts the new value into `m`."""
    start, shape = began(trace), trace.nodes[claim.root].shape
    renewed = {store.old for store in trace.stores if store.new is not None and store.new >= start}
    renewed |= {
        other.old for other in trace.stores for kept in trace.stores_of(other.old or -1)
        if kept.place == other.place and (other.new or 0) >= start
    }  # fmt: skip
    for node in trace.ancestors((update.new for update in claim.updates), since=start):
        for old in trace.nodes[node].inputs:
            zero = trace.nodes[old].shape == shape != () and not np.any(trace.value(old))
            stored = trace.stores_of(old)
            if old < start and zero and stored and old not in renewed and old != claim.root:
                statement = trace.nodes[node].statement
                if _is_remembered(trace, node, old) and statement is not None:
                    place = stored[-1].place
                    yield (
                        statement,
                        f"{place} stays zero: the new value is stored in another name.",
                    )


def _misfed(moved: Motion, claim: Claim) -> Iterator[Slip]:
    """A state that collects the parameter and nothing of its gradient."""
    trace = moved.trace
    for old, new in moved.carried:
        above = set(trace.ancestors([new], since=min(old, claim.root)))
        if claim.root in above and moved.fed not in above:
            store = next((x for x in trace.stores if x.new == new and x.old == old), None)
            if store is not None:
                yield (
                    store.statement,
                    f"{store.place} is made from {claim.place}, where its gradient {claim.name} belongs.",
                )
