"""What a backward pass is wanted for: the loss that a script computes and its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gradlint.claims import LossSpec
from gradlint.claims.names import gradient_of, last_part, says_data, says_loss, says_target
from gradlint.composing.added import added
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Store, Trace
from gradlint.tracing.facts import SiteKey

_WEIGHT = re.compile(
    r"^[wbuvWBUV](_?\d+|_?[a-z]{1,4}\d*|_?(in|out|mid|hidden|first|last|input|output))?$"
    r"|^[mcka](_?\d+|_[a-z]{1,4}\d*)?$"
    r"|(?i:^w[a-z]{1,2}$|^b[a-z]$|weight|bias|theta|beta|gamma|coef|slope|intercept|offset|kernel|filter|synapse"
    r"|^syn\d|embed|param)"
)
_STATE = re.compile(r"state|hidden|prev|memory|carry|^[hsc]_?(0|t)?$", re.IGNORECASE)
_CARRIED = re.compile(r"prev|carry|state", re.IGNORECASE)
_SETTING = re.compile(
    r"^(wd|reg\w*|lam\w*|l[12]|decay|weight_decay|momentum|eps\w*|beta_?\d|rho|margin|scale|temp\w*|tau|lr|keep\w*|drop\w*)$",
    re.IGNORECASE,
)
"""Names of numbers that people set and do not learn."""
_DRAWN = re.compile(r"rand|normal|uniform|zeros|ones|requires_grad|full|xavier|kaiming|Parameter")


SEVERAL = (
    "several objects have a parameter that is called {} ({}), which one pass behind the loss cannot tell "
    "apart: each layer needs a backward() of its own"
)


_PART = (
    "{} ({}) is made of {} and of what is not known: {} ({}); --loss says what is to be descended"
)


class Underivable(Exception):
    """A backward pass cannot be written; the message says why, and on which line."""


class NoLoss(Underivable):
    """No line stores a number that is called like a loss and made from parameters."""


class NoSuchParameter(Exception):
    """A parameter was asked for that the loss is not made from; `known` are those that it is."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = list(known)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The loss by its name, the statement behind which it is known, and the parameters with their sites.

    `spec` says how the loss is found where no statement stores it under its name.
    """

    statement: s.Stmt
    loss: str
    parameters: dict[str, SiteKey]
    spec: LossSpec | None = None


def loss_store(
    module: s.Module,
    trace: Trace,
    roots: Iterable[int] = (),
    called: str | None = None,
    inside: bool = False,
) -> Store:
    """The store of the loss: named like one, a number, made of what the steps move.

    It stands outside functions, or `inside` where there is one.

    `called` is its name, if that is known.

    Raises:
        Underivable: there is none.
    """
    reached = _reached(trace, set(roots))
    within = {
        id(n) for f in _functions(module.body) for n in descend(f.body) if isinstance(n, s.Stmt)
    }
    found = [
        store for store in trace.stores
        if _says_loss(store.place, called) and _is_number(trace, store)
        and (not roots or store.new in reached) and not trace.nodes[store.new or 0].is_leaf
    ]  # fmt: skip
    if not found:
        raise NoLoss(_no_loss(trace))
    chosen = [store for store in found if (id(store.statement) in within) is inside]
    store = _last_of_round(chosen or found)
    if called is None:
        _expect_whole(trace, store)
    return store


def _expect_whole(trace: Trace, part: Store) -> None:
    """See that a loss is no term of one that is not known: `cost = cross_entropy + l2_cost`.

    Raises:
        NoLoss: it is one.
    """
    for store in trace.stores:
        if store.opaque is None or store.time < part.time or not says_loss(store.place):
            continue
        value = getattr(store.statement, "value", None)
        read = {n.id for n in descend((value,)) if isinstance(n, s.Name)} if value else set()
        if part.place in read - {store.place}:
            raise NoLoss(_PART.format(
                store.place, store.statement.span.told, part.place,
                store.opaque.reason, store.opaque.span.told,
            ))  # fmt: skip


def _says_loss(place: str, called: str | None) -> bool:
    if called is not None:
        return place == called
    return says_loss(place) and gradient_of(place) is None


def _no_loss(trace: Trace) -> str:
    """Why there is no loss: what is named like one is not known, or nothing is."""
    for store in trace.stores:
        if store.opaque is not None and says_loss(store.place):
            return f"{store.place} is not known: {store.opaque.reason} ({store.opaque.span.told})"
    if not any(store.new is not None and trace.nodes[store.new].inputs for store in trace.stores):
        return (
            "nothing is computed here, only functions or classes are defined, and none of them is a forward "
            "pass that a backward pass could be written for: `gradlint explain` without --backward derives "
            "what they hand back"
        )
    return (
        "no line stores a loss: give the number that is to be descended a name such as `loss`, or say "
        "what it is with --loss 'np.mean((output - target) ** 2)'"
    )


def _last_of_round(stores: Sequence[Store]) -> Store:
    """The last of the stores, as its statement made it in the first round of the training."""
    chosen = stores[-1]
    return next(x for x in stores if x.statement is chosen.statement and x.place == chosen.place)


def _functions(block: s.Block) -> Iterator[s.FunctionDef]:
    return (node for node in descend(block) if isinstance(node, s.FunctionDef))


def _is_number(trace: Trace, store: Store) -> bool:
    if store.new is None:
        return False
    value = np.asarray(trace.value(store.new))
    return value.size == 1 and value.dtype.kind == "f"


def _reached(trace: Trace, roots: set[int]) -> set[int]:
    found = set(roots)
    for node in trace.nodes:
        if any(i in found for i in node.inputs):
            found.add(node.id)
    return found


def made_parameters(
    module: s.Module, trace: Trace, loss: int, stepped: Mapping[str, int] = MappingProxyType({})
) -> dict[str, int]:
    """The tensors below the loss that were made to be learnt: by their steps, their names or their making.

    Where some are stepped (the places `stepped` are known to be), of the others only those that are called
    like them or used like them: a layer that was added.
    """
    above = set(trace.ancestors([loss]))
    held: dict[str, int] = {}
    drawn: set[str] = set()
    for store in trace.stores:
        if store.new in above and store.new is not None and _is_made(module, trace, store):
            _expect_one(store, held.setdefault(store.place, store.new))
            if _DRAWN.search(_making(module, store.statement)):
                drawn.add(store.place)
    filled = _filled(trace, set(held.values()))
    held = {
        place: n for place, n in held.items()
        if n not in filled and not _is_made_of(trace, n, held.values())
    }  # fmt: skip
    moves = _stepped(module)
    moved = {place: n for place, n in held.items() if place in moves}
    named = {place: n for place, n in held.items() if _looks_learnt(trace, place, n)}
    rows = _rows(trace, above)
    if moved or stepped:
        stems = {_stem(place) for place in (*moved, *stepped)}
        arrays = {place: n for place, n in named.items() if trace.nodes[n].shape}
        alike = {place: n for place, n in arrays.items() if _stem(place) in stems}
        known = set(moved.values()) | set(stepped.values())
        numbers = not any(trace.nodes[n].shape for n in known)
        others = {
            place: n for place, n in held.items()
            if (trace.nodes[n].shape or (numbers and place in drawn))
            and not _STATE.search(last_part(place))
        }  # fmt: skip
        return _once(moved | alike | added(trace, others, known, loss, rows))
    others = {
        place: n
        for place, n in held.items()
        if trace.nodes[n].shape and trace.nodes[n].shape[:1] != rows
    }
    return _once(named | others)


def _expect_one(store: Store, first: int) -> None:
    """See that no two objects have a parameter of one name: code behind the loss could not tell them apart.

    Raises:
        Underivable: they do.
    """
    if store.new != first and "." in store.place:
        raise Underivable(SEVERAL.format(store.place, store.statement.span.told))


def _is_made_of(trace: Trace, node: int, others: Iterable[int]) -> bool:
    """Whether a tensor was made from another one of `others`."""
    return any(other < node and trace.depends([node], other) for other in others)


def _filled(trace: Trace, nodes: set[int]) -> set[int]:
    """Those of `nodes` that are only room for what is made later: their items are set to that."""
    return {
        node.inputs[0] for node in trace.nodes
        if node.op == "setitem" and node.inputs[0] in nodes
        and any(trace.depends([node.inputs[1]], other) for other in nodes - {node.inputs[0]})
    }  # fmt: skip


def _stem(place: str) -> str:
    """`w` of `w1`, `w_mid` and `params['w2']`."""
    return re.split(r"[\d_]", last_part(place), maxsplit=1)[0]


def _rows(trace: Trace, above: set[int]) -> tuple[int, ...]:
    """How many samples there are: the rows of the last matrix that is made from the most."""
    made = [n for n in above if trace.nodes[n].inputs and len(trace.nodes[n].shape) > 1]
    last = max(made, key=lambda n: (len(trace.arrays_below(n)), n), default=None)
    return () if last is None else trace.nodes[last].shape[:1]


def says_weight(place: str) -> bool:
    """Whether a place is called as weights and biases are."""
    name = last_part(place)
    return _WEIGHT.search(name) is not None and _CARRIED.search(name) is None


def _looks_learnt(trace: Trace, place: str, node: int) -> bool:
    """Whether a tensor is a weight by its name, or starts as no data do: one number, zeros, ones."""
    if says_weight(place):
        return True
    value = np.asarray(trace.value(node))
    flat = bool(value.size) and bool(np.all(value == 0) or np.all(value == 1))
    return (flat or value.size == 1) and not _STATE.search(last_part(place))


def _once(chosen: dict[str, int]) -> dict[str, int]:
    """One place for each tensor."""
    found = {node: place for place, node in reversed(chosen.items())}
    return {place: node for node, place in reversed(found.items())}


def _is_made(module: s.Module, trace: Trace, store: Store) -> bool:
    """Whether a store makes a tensor out of nothing that is no data."""
    value = np.asarray(trace.value(store.new or 0))
    if (
        not _may_move(store.place, value)
        or _is_binary(value)
        or "..." in store.place
        or isinstance(store.statement, s.For)
    ):
        return False
    if says_target(store.place) or says_data(store.place) or says_loss(store.place):
        return False
    text = _making(module, store.statement)
    if value.size == 1 and _SETTING.match(last_part(store.place)):
        return False
    return bool(_DRAWN.search(text)) or bool(
        value.size == 1 and (_WEIGHT.search(last_part(store.place)) or _is_kept_zero(trace, store))
    )


def _is_kept_zero(trace: Trace, store: Store) -> bool:
    """Whether an object keeps a zero that nothing changes: what is added up is stored again."""
    match store.statement:
        case s.Assign(targets=(s.Attribute(),), value=s.Constant(value=value)):
            once = [x for x in trace.stores if x.place == store.place]
            return type(value) is float and value == 0 and len(once) == 1
    return False


def _is_binary(value: Any) -> bool:
    """Whether an array has both zeros and ones and nothing else: labels, masks."""
    ones, zeros = np.sum(value == 1), np.sum(value == 0)
    return bool(ones and zeros and value.size > 2 and ones + zeros == value.size)


def _may_move(place: str, value: Any) -> bool:
    """Whether steps can change a value: a whole number only where it starts a weight at 0 or 1."""
    if value.dtype.kind == "i":
        return value.size == 1 and value.item() in (0, 1) and says_weight(place)
    return bool(value.dtype.kind == "f")


def _making(module: s.Module, statement: s.Stmt) -> str:
    """The text of a statement, with that of the functions of the script's own that it calls."""
    called = {n.func.id for n in descend((statement,))
              if isinstance(n, s.Call) and isinstance(n.func, s.Name)}  # fmt: skip
    own = (f for f in _functions(module.body) if f.name in called)
    returned = (n for f in own for n in descend(f.body) if isinstance(n, s.Return))
    return " ".join(module.excerpt(n.span) for n in (statement, *returned))


def _stepped(module: s.Module) -> set[str]:
    """The places that a statement moves: `w -= ...`, `w = w - ...`."""
    found = set()
    for node in descend(module.body):
        match node:
            case s.AugAssign(op="-" | "+", target=target):
                found.add(module.excerpt(target.span).replace('"', "'"))
            case s.Assign(targets=(target,), value=s.BinOp(op="-" | "+", left=left)):
                if module.excerpt(target.span) == module.excerpt(left.span):
                    found.add(module.excerpt(target.span).replace('"', "'"))
    return found
