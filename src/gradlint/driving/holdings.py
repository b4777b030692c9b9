"""What a layer holds: its parameters, its gradients, what its methods read and leave on it."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gradlint.driving.claiming import claim
from gradlint.driving.names import is_gradient_of
from gradlint.driving.tensors import Part, array_inputs, floats, snapshot
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import BoundMethod, Instance, Traced, UserClass, UserFunction


def hold_listed(m: Interpreter, layer: Instance, known: dict[str, Traced]) -> None:
    """Hold what the object lists as its gradients, beside what it lists as its parameters."""
    for params, grads in _LISTS:
        of, gradients = (_listed(m, layer, name) for name in (params, grads))
        if not of or len(of) != len(gradients):
            continue
        held = {claimed.of for claimed in m.trace.claimed}
        for i, (parameter, gradient) in enumerate(zip(of, gradients, strict=True)):
            start = next((t for t in known.values() if t.id == parameter.id), None)
            if start is not None and start.id not in held:
                claim(m, gradient, start, f"self.{params}[{i}]", f"self.{grads}[{i}]")


def properties(m: Interpreter, layer: Instance) -> dict[str, Traced]:
    """The tensors that properties give, where the layer has a gradient of that name: `X` beside `dX`."""
    found: dict[str, Traced] = {}
    named = _named(layer.cls)
    methods = [f for f in named.values() if isinstance(f, UserFunction)]
    mentioned = {a for f in methods for a in attributes(f)}
    for name in [f.name for f in methods if f.kind == "property"]:
        if any(is_gradient_of(one, name) and one != name for one in mentioned):
            tensor = floats(m.attribute(layer, name))
            if tensor is not None:
                found[f"self.{name}"] = tensor
    return found


def _named(cls: UserClass) -> dict[str, Any]:
    """The names of a class and its bases, its own first."""
    found = [_named(base) for base in cls.bases if isinstance(base, UserClass)]
    return {k: v for names in (*reversed(found), cls.names) for k, v in names.items()}


_LISTS = (
    ("params", "grads"),
    ("parameters", "gradients"),
    ("params", "gradients"),
    ("weights", "grads"),
)


def _listed(m: Interpreter, layer: Instance, name: str) -> list[Traced]:
    """The tensors that an attribute, a property or a method without arguments lists."""
    if layer.cls.find(name) is None and name not in layer.attributes:
        return []
    found = m.attribute(layer, name)
    if isinstance(found, BoundMethod):
        found = m.call(found, [], {}, None)
    parts = found if isinstance(found, list | tuple) else []
    tensors = [floats(part) for part in parts]
    return [t for t in tensors if t is not None] if None not in tensors else []


def attributes(function: UserFunction) -> list[str]:
    """The attributes of `self` that a method names."""
    body = function.body if isinstance(function.body, tuple) else ()
    names = (n.attr for n in descend(body) if isinstance(n, s.Attribute) and isinstance(n.value, s.Name)
             and n.value.id == "self")  # fmt: skip
    return list(dict.fromkeys(names))


def written(function: UserFunction) -> set[str]:
    """The attributes that a method assigns to."""
    body = function.body if isinstance(function.body, tuple) else ()
    targets = (t for n in descend(body) if isinstance(n, s.Assign) for t in n.targets)
    parts = (p for t in targets for p in (t.elements if isinstance(t, s.Sequence) else (t,)))
    return {part.attr for part in parts if isinstance(part, s.Attribute)}


def begun(m: Interpreter, since: int, backward: UserFunction) -> dict[str, Traced]:
    """What attributes began with in the forward pass whose gradient the backward pass keeps: the first `h`.

    `since`: how many stores there were before the forward pass.
    """
    kept, found = written(backward), dict[str, Traced]()
    for store in m.trace.stores[since:]:
        name = store.place.removeprefix("self.")
        if store.new is None or name == store.place or store.place in found:
            continue
        made = m.trace.nodes[store.new]
        if made.is_leaf and any(is_gradient_of(one, name) and one != name for one in kept):
            found[store.place] = Traced(made.id, made.value, "numpy")
    return found


def stored(
    m: Interpreter, layer: Instance, start: dict[str, Traced], made_from: Set[int]
) -> list[Part]:
    """What the backward pass put on the object: attributes that are new or changed.

    What the output was `made_from` holds no gradient when it changes: that is a step.
    """
    found: list[Part] = []
    for key, tensor in array_inputs({"self": layer}).items():
        m.refresh(tensor)
        was = start.get(key)
        if was is None or (was.id != tensor.id and was.id not in made_from):
            found.append((key, snapshot(tensor)))
    return found
