"""Holding what was handed out as claims on an objective that a drive made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradlint.driving.matching import match
from gradlint.driving.names import is_gradient_of
from gradlint.driving.tensors import Part, array_inputs, plain_value, snapshot
from gradlint.ops.shapes import broadcast_shapes
from gradlint.reading import syntax as s
from gradlint.tracing.inputs import Form, drawn
from gradlint.tracing.stand_ins import StandIn
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.trace import Claimed, Objective
from gradlint.tracing.values import Traced

NOWHERE = s.Flow("pass")


def random_cotangent(
    m: Interpreter, out: Traced, key: str, name: str | None = None, filling: str = "normal"
) -> Traced:
    """A random tensor like `out`, as what comes from upstream; `name` is what the script calls it."""
    site = m.facts.inputs.site(key)
    form = Form("array", filling=filling)
    if out.is_python:
        made = m.leaf(float(drawn(key, Form("array"), (), m.seed)), "python", site)
    else:
        made = m.leaf(np.asarray(drawn(key, form, out.shape, m.seed)), out.library, site)
    if name is not None:
        m.trace.upstream[made.id] = name
    return made


def set_objective(m: Interpreter, outs: Iterable[tuple[Traced, Traced | None]], name: str) -> None:
    """Make the sum of all outputs, each times its cotangent, the objective of the walk."""
    m.at = m.facts.inputs.site("the objective")
    total: Any = None
    pairs: list[tuple[int, int | None]] = []
    for out, upstream in outs:
        m.refresh(out)
        pairs.append((out.id, None if upstream is None else upstream.id))
        term: Any = out if upstream is None else m.apply("multiply", [out, upstream], {})
        term = m.apply("sum", [term], {}, "numpy") if np.ndim(plain_value(term)) else term
        total = term if total is None else m.apply("add", [total, term], {})
    if isinstance(total, Traced):
        made = m.apply("copy", [total], {}, "numpy")
        m.trace.objective = Objective(made.id, name, m.last_return or NOWHERE, tuple(pairs))


def claim(
    m: Interpreter, part: Traced, of: Traced, place: str, name: str | None, loose: bool = False
) -> None:
    """Hold `part` as the gradient of the objective in `of`, which is `place` to the user."""
    m.refresh(part)
    if _is_kept(m, part, of):
        return
    if np.size(of.value) and not np.size(part.value):  # x[pad:-pad] without any padding
        m.trace.unread.append(m.opaque(f"the gradient of {place} is empty at the sizes tried"))
        return
    if _is_of_counts(m, part, of):
        m.misfit("gradient", (of.id,), {"shape": part.shape}, "a gradient has another shape")
        m.trace.unread.append(
            m.opaque(f"no sizes were found at which {place} has those of its layer")
        )
        return
    _hold_shapes(m, part, of)
    m.trace.claimed.append(
        Claimed(place, name or f"the gradient of {place}", of.id, part.id, _line_of(m, part), loose)
    )


def _is_of_counts(m: Interpreter, part: Traced, of: Traced) -> bool:
    """Whether a gradient is as high or wide as a layer was told, and the image made for it is not."""
    if of.id not in m.trace.inputs or len(part.shape) != len(of.shape) or len(of.shape) < 3:
        return False
    forms, size = m.facts.inputs.forms, m.facts.inputs.size
    told = {size(key) for key, form in forms.items() if form.kind == "count" and form.value is None}
    other = [a for a, b in zip(part.shape, of.shape, strict=True) if a != b]
    return sorted(part.shape) != sorted(of.shape) and bool(other) and set(other) <= told


def _line_of(m: Interpreter, part: Traced) -> s.Stmt:
    """The statement that handed `part` out: the return, else the one that made it or the last that ran."""
    stores = (store.statement for store in reversed(m.trace.stores))
    found = (m.last_return, m.trace.nodes[part.id].statement, *stores)
    return next((one for one in found if one is not None and one.span.line), NOWHERE)


def _is_kept(m: Interpreter, part: Traced, of: Traced) -> bool:
    """Whether a tensor is the input itself, or an item of it, as a layer keeps it: a flat `self.x`."""
    node = part.id
    while node != of.id and m.trace.nodes[node].op in {*_KEEPING, "detach", "getitem"}:
        node = m.trace.nodes[node].inputs[0]
    return node == of.id


def _source(m: Interpreter, node: int) -> int:
    """What a node is in another shape."""
    while m.trace.nodes[node].op in _KEEPING:
        node = m.trace.nodes[node].inputs[0]
    return node


_KEEPING = frozenset({"reshape", "copy", "transpose", "ravel", "flatten"})


def _hold_shapes(m: Interpreter, part: Traced, of: Traced) -> None:
    """A bias is a vector, a column or a row, a gain may be one for all: the shape of its gradient says which.

    Raises:
        Misfit: the walk is one that learns.
    """
    if of.id not in m.trace.inputs or np.size(part.value) == np.size(of.value):
        return
    are_vectors = all(sum(n != 1 for n in one.shape) == 1 for one in (part, of))
    one_for_all = _is_factor if len(of.shape) == 1 else _is_summed
    if are_vectors or one_for_all(m, part, of):
        m.misfit("gradient", (of.id,), {"shape": part.shape}, "a gradient has another shape")
    pair = _unlike_the_next_state(m, part, of)
    if pair is not None and not m.facts.inputs.lenient:
        m.misfit("rows", (of.id,), {"pair": pair}, "a state has another shape than the next")


def _unlike_the_next_state(m: Interpreter, part: Traced, of: Traced) -> tuple[int, int] | None:
    """The sizes in which a state differs from the other one of its cell, where its gradient tells of it.

    What is stacked upon the data, `np.concatenate((h, x))`, may be of any size there; `c_prev` may not.
    """
    stacked = {i for n in m.trace.nodes if n.op in ("concatenate", "stack") for i in n.inputs}
    if of.id not in stacked or len(part.shape) != len(of.shape) or len(of.shape) < 2:
        return None
    for node in sorted(set(m.trace.inputs) - stacked):
        shape = m.trace.nodes[node].shape
        pairs = [(a, b) for a, b in zip(of.shape, shape, strict=False) if a != b]
        if len(shape) == len(of.shape) and len(pairs) == 1 and 1 not in pairs[0]:
            return pairs[0]
    return None


def _is_summed(m: Interpreter, part: Traced, of: Traced) -> bool:
    """Whether a gradient is that of an input which is broadcast to the shape that another one has."""
    alike = any(node != of.id and m.trace.nodes[node].shape == of.shape for node in m.trace.inputs)
    return alike and broadcast_shapes((part.shape, of.shape)) == of.shape


def _is_factor(m: Interpreter, part: Traced, of: Traced) -> bool:
    """Whether one number is the gradient of what only its name made a vector: the `beta` of a swish.

    One that is added, or stands beside one that is, is the shift or the gain of each unit.
    """
    if np.size(part.value) != 1:
        return False
    vectors = {node for node in m.trace.inputs if m.trace.nodes[node].shape == of.shape}
    sums = (node for node in m.trace.nodes if node.op in ("add", "subtract"))
    return not any(_source(m, i) in vectors for node in sums for i in node.inputs)


def hold(
    m: Interpreter,
    parts: list[Part],
    inputs: dict[str, Traced],
    loose: bool = False,
    strict: bool = False,
) -> None:
    """Hold what was handed out as claims.

    `loose`: a constant factor is a matter of convention. `strict`: only names say which gradient is of what.
    """
    found = list(match([_as_made(m, part, inputs) for part in parts], inputs, strict))
    if strict:
        _hold_samples(m, [(part[1], inputs[key]) for part, key in found])
    for part, key in found:
        claim(m, part[1], inputs[key], key, part[0], loose)


def _as_made(m: Interpreter, part: Part, inputs: dict[str, Traced]) -> Part:
    """A result under the name that it was made with, where that alone says what it is the gradient of.

    The first of `grads = (dW, db)` is `dW`.
    """
    name, tensor = part
    if name is not None and any(is_gradient_of(name, key) for key in inputs):
        return part
    made = (store.place for store in m.trace.stores_of(tensor.id))
    told = (one for one in made if any(is_gradient_of(one, key) for key in inputs))
    return next(told, name), tensor


def module_tensors(m: Interpreter) -> dict[str, Traced]:
    """The tensors that the module itself defines, as they stand now: what its functions train."""
    return {key: snapshot(t) for key, t in array_inputs(dict(m.scope.names)).items()}


def hold_module_tensors(
    m: Interpreter, parts: list[Part], given: dict[str, Traced], known: dict[str, Traced]
) -> list[Part]:
    """Hold the results that are named as gradients of tensors of the module; the others are given back."""
    of_known = [
        part for part in parts
        if part[0] is not None and any(is_gradient_of(part[0], key) for key in known)
        and not any(is_gradient_of(part[0], key) for key in given)
    ]  # fmt: skip
    hold(m, of_known, known, loose=True, strict=True)
    return [part for part in parts if all(part is not one for one in of_known)]


def hold_stand_ins(m: Interpreter, loose: bool = False) -> None:
    """Hold what the layers that a network was given made of the gradients which it carried back to them."""
    for key, made in m.made_inputs.items():
        if isinstance(made, StandIn) and made.weight is not None and made.gradient is not None:
            claim(m, made.gradient, made.weight, key, f"what {key} is given on the way back", loose)


def _hold_samples(m: Interpreter, found: list[tuple[Traced, Traced]]) -> None:
    """A network whose biases are columns and whose gradients are never summed takes one sample at a time.

    Raises:
        Misfit: the walk is one that learns, and took several samples.
    """
    columns = [part for part, of in found if len(of.shape) == 2 and of.shape[1] == 1]
    sizes = {part.shape[1] for part in columns if len(part.shape) == 2}
    if len(sizes) == 1 and sizes != {1}:
        m.misfit("samples", (), {"size": sizes.pop()}, "the gradient of a bias has several columns")


def single(m: Interpreter, loss: Traced) -> None:
    """A loss that is taken out of an array, `loss[0]` or `loss.flat[0]`, is all that the array holds.

    Raises:
        Misfit: the walk is one that learns, and there is more.
    """
    entry = m.trace.nodes[_source(m, loss.id)]
    if entry.op != "getitem":
        return
    for size in np.shape(m.trace.value(_source(m, entry.inputs[0]))):
        if size > 1 and m.facts.inputs.axes_of_size(size):
            m.misfit("samples", (), {"size": size}, "a loss has several values")
