"""What a backward pass that nothing calls works out, and that nothing was held against.

All that was claimed of a layer may be right while its `dW` went to an optimiser that is not there, or its
`dX` was made by a library that is not known: that keeps the verdict from being *correct*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gradlint.driving.names import is_akin, is_gradient_of
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Store, Trace

_KEEPING = frozenset({"reshape", "copy", "transpose", "ravel", "flatten", "detach"})


def unaccounted(subject: Subject) -> Iterator[str]:
    """What was computed from a made cotangent, or under the name of a gradient, and nothing judged used."""
    trace = subject.case.trace
    if not isinstance(subject.module, Driven) or not trace.upstream:
        return
    if _is_hollow(trace):
        yield f"{subject.module.drive.name}() was only tried with nothing in what it walks through"
    known, carried = _used(subject), trace.made_from(frozenset(trace.upstream))
    names, read = _names(subject), _read(subject)
    for store in trace.stores:
        if id(store.statement) in known or _is_idle(store, read):
            continue
        if store.opaque is not None and _is_of_any(store.place, names):
            yield f"{store.place} could not be followed: {store.opaque.reason} ({store.opaque.span.told})"
        elif store.new in carried and not _is_upstream(trace, store):
            where = store.statement.span.told
            yield f"what {store.place} is the gradient of was not found ({where})"
    yield from _left_empty(subject)


def _left_empty(subject: Subject) -> Iterator[str]:
    """The gradients that a layer has an attribute for and that its backward pass does not compute.

    That of another of its parameters is among those that were judged.
    """
    trace, module = subject.case.trace, subject.module
    if not isinstance(module, Driven) or trace.objective is None:
        return
    owner = module.drive.name.rpartition(".")[0]
    classes = (n for n in module.body if isinstance(n, s.ClassDef) and n.name == owner)
    kept = {n.attr for cls in classes for n in descend(cls.body) if isinstance(n, s.Attribute)}
    above = set(trace.ancestors([trace.objective.node]))
    above -= trace.made_from(frozenset(trace.inputs))
    own = {
        store.new: store for store in trace.stores
        if store.place.startswith("self.") and store.new in above
    }  # fmt: skip
    claimed = {claim.root for claim in subject.case.claims}
    for node, store in own.items() if claimed & own.keys() else ():
        empty = next((name for name in sorted(kept) if is_gradient_of(name, store.place)), None)
        if node not in claimed and empty is not None:
            where = store.statement.span.told
            yield f"self.{empty}, the gradient of {store.place}, is not computed ({where})"


def _is_hollow(trace: Trace) -> bool:
    """Whether the forward pass gave back what it was given, and a loop found nothing to go through."""
    outs = () if trace.objective is None else trace.objective.outputs
    return 0 in trace.counts.values() and any(out in trace.inputs for out, _ in outs)


def _names(subject: Subject) -> set[str]:
    nodes = list(descend(subject.module.everything))
    found = {n.id for n in nodes if isinstance(n, s.Name)}
    found |= {n.attr for n in nodes if isinstance(n, s.Attribute)}
    return found | {p.name for n in nodes if isinstance(n, s.FunctionDef) for p in n.params}


def _read(subject: Subject) -> Counter[str]:
    """How often each variable is read."""
    nodes = list(descend(subject.module.everything))
    written = (t for n in nodes if isinstance(n, s.Assign) for t in descend(n.targets))
    found = Counter(n.id for n in nodes if isinstance(n, s.Name))
    found.subtract(n.id for n in written if isinstance(n, s.Name))
    return found


def _is_idle(store: Store, read: Counter[str]) -> bool:
    """Whether a variable is set and never read: nothing comes of it, right or wrong."""
    return store.place.isidentifier() and read[store.place] <= 0


def _is_of_any(place: str, names: set[str]) -> bool:
    return any(is_gradient_of(place, name) or is_akin(place, name) for name in names)


def _used(subject: Subject) -> set[int]:
    """The statements, by identity, that computed something for a claim or made a step."""
    trace = subject.case.trace
    ends = [n for claim in subject.case.claims for u in claim.updates for n in u.made_of]
    used = set(trace.ancestors(ends))
    found = {id(store.statement) for store in trace.stores if store.new in used}
    found |= {id(trace.nodes[node].statement) for node in used}
    return found | {id(update.statement) for update in trace.updates}


def _is_upstream(trace: Trace, store: Store) -> bool:
    """Whether what is stored is what was handed in, in whatever shape, or takes its place."""
    if store.place in trace.upstream.values():
        return True
    node = store.new
    while node is not None and trace.nodes[node].op in _KEEPING:
        node = trace.nodes[node].inputs[0]
    return node in trace.upstream
