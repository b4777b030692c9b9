"""What the two passes of a `torch.autograd.Function` owe to torch: which tensors they may change or view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.trace import Remark
from gradlint.tracing.values import Instance, Traced, UserFunction

DIRTY = "(marked dirty)"
"""The attribute of a context that holds what `mark_dirty` was told."""

_INPUT = (
    "forward changes its input {0} in place, which only ctx.mark_dirty({0}) allows: whoever reads it"
    " later gets another value"
)
_GRADIENT = (
    "backward changes {0} in place, which belongs to torch: other gradients may be computed from the"
    " same tensor. Begin with {0}.clone()"
)
_SAVED = (
    "backward changes a saved tensor in place: it is an input or an output of forward, which others"
    " read, and a second backward pass sees the changed one"
)
_VIEW = (
    "view() of {0} raises an error where {0} is not contiguous, as it is not after a transpose:"
    " write reshape()"
)


def keeps_inputs(m: Interpreter, args: dict[str, Any], context: Instance) -> None:
    """Remark on an input that `forward` changes in place without saying so (GL503)."""
    dirty = context.attributes.pop(DIRTY, ())
    for name, value in args.items():
        if isinstance(value, Traced) and not any(value is one for one in dirty):
            _changed(m, value, _INPUT.format(name))


def keeps_gradients(
    m: Interpreter,
    given: Iterable[Traced | None],
    handed: Iterable[Traced | None],
    backward: UserFunction,
) -> None:
    """Remark on a gradient that `backward` changes in place (GL503) or takes for contiguous (GL502)."""
    names = [param.name for param in backward.params[1:]]
    for name, before, after in zip(_endless(names), given, handed, strict=False):
        if before is None or after is None:
            continue
        _changed(m, after, _GRADIENT.format(name))
        for node in () if _makes_contiguous(backward) else _views(m, before.id):
            if node.statement is not None and not _can_be_viewed(before.shape, node.shape):
                m.trace.remarks.append(Remark("GL502", _VIEW.format(name), node.statement))


def saved(context: Instance, of: Iterable[Any]) -> list[Traced]:
    """The saved tensors that are one of the inputs and outputs `of` a forward pass, which others read too."""
    own = {value.id for value in of if isinstance(value, Traced)}
    kept = context.attributes.get("saved_tensors", ())
    return [value for value in kept if isinstance(value, Traced) and value.id in own]


def keeps_saved(m: Interpreter, kept: Iterable[Traced]) -> None:
    """Remark on a saved tensor that `backward` changes in place (GL503)."""
    for value in kept:
        _changed(m, value, _SAVED)


def asks_for_its_own(m: Interpreter, backward: UserFunction) -> None:
    """Remark on a gradient that `needs_input_grad` of another input switches off (GL504)."""
    body = backward.body if isinstance(backward.body, tuple) else ()
    returned = [_names(one.value) for one in descend(body) if isinstance(one, s.Return)]
    if len(returned) != 1:
        return
    for one in descend(body):
        if not isinstance(one, s.If) or (index := _asked(one.test)) is None:
            continue
        made = {n for n in _assigned(one.body) if n in returned[0]}
        places = [i for i, name in enumerate(returned[0]) if name in made]
        if len(made) == 1 and len(places) == 1 and places[0] != index:
            text = (
                f"{made.pop()} is returned as gradient number {places[0]}, but is only computed where input"
                f" number {index} needs one: ask for ctx.needs_input_grad[{places[0]}]"
            )
            m.trace.remarks.append(Remark("GL504", text, one))


def _changed(m: Interpreter, value: Traced, text: str) -> None:
    statement = m.trace.nodes[value.id].statement
    if value.version and statement is not None:
        m.trace.remarks.append(Remark("GL503", text, statement))


def _endless(names: list[str]) -> Iterator[str]:
    yield from names
    while True:
        yield names[-1] if names else "the gradient"


def _makes_contiguous(function: UserFunction) -> bool:
    body = function.body if isinstance(function.body, tuple) else ()
    return any(isinstance(n, s.Attribute) and n.attr == "contiguous" for n in descend(body))


def _views(m: Interpreter, node: int) -> Iterator[Any]:
    """The nodes that `name.view(...)` made of `node`."""
    for one in m.trace.nodes[node:]:
        match one.expr:
            case s.Call(func=s.Attribute(attr="view", value=s.Name())) if node in one.inputs[:1]:
                yield one


def _can_be_viewed(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether a tensor of `shape` has a view of another shape however it lies in memory."""
    transposed = np.zeros(shape[::-1]).T
    try:
        transposed.shape = wanted
    except (AttributeError, ValueError):
        return False
    return True


def _asked(test: s.Expr) -> int | None:
    """The index in `ctx.needs_input_grad[index]`."""
    match test:
        case s.Subscript(
            value=s.Attribute(attr="needs_input_grad"), index=s.Constant(value=int() as index)
        ):
            return index if index >= 0 else None
    return None


def _names(value: s.Expr | None) -> list[str | None]:
    parts = list(value.elements) if isinstance(value, s.Sequence) else [value]
    return [part.id if isinstance(part, s.Name) else None for part in parts]


def _assigned(block: s.Block) -> set[str]:
    return {
        target.id
        for one in descend(block)
        if isinstance(one, s.Assign)
        for target in one.targets
        if isinstance(target, s.Name)
    }
