"""Calling the script's own functions with made inputs, and holding what they hand out as claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.driving.names import is_akin, is_gradient_of, says_target, says_training
from gradlint.ops.shapes import broadcast_shapes
from gradlint.reading import syntax as s
from gradlint.tracing import guesses
from gradlint.tracing.calls import EVERY
from gradlint.tracing.driven import Driven
from gradlint.tracing.inputs import Form, drawn
from gradlint.tracing.making import MadeMapping
from gradlint.tracing.stand_ins import StandIn
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.trace import Claimed, Objective
from gradlint.tracing.values import Instance, Opaque, Traced, UserClass, UserFunction, plain

NOWHERE = s.Flow("pass")
Part = tuple[str | None, Traced]
"""A tensor that a function handed out, with the name that it has there."""


def made_arguments(
    m: Interpreter,
    function: UserFunction,
    given: dict[str, Any] | None = None,
    method: bool = False,
) -> dict[str, Any]:
    """An argument for each parameter that has no default: as `given`, or an input of that name."""
    given = given or {}
    options = m.module.options if isinstance(m.module, Driven) else {}
    found: dict[str, Any] = {}
    for param in function.params[1 if method else 0 :]:
        if param.name in given:
            found[param.name] = given[param.name]
        elif param.name in options and param.name in function.defaults:
            found[param.name] = options[param.name]
        elif param.star == "**":
            found[EVERY] = MadeMapping(param.name)
        elif not param.star and _is_open(function, param.name):
            found[param.name] = m.input(param.name)
        elif function.defaults.get(param.name) is False and says_training(param.name):
            found[param.name] = True
    return found


def _is_open(function: UserFunction, name: str) -> bool:
    """Whether a parameter needs a value: it has none, or one that switches off what it stands for."""
    if name not in function.defaults:
        return True
    default = plain(function.defaults[name])
    return (default is None and says_target(name)) or (
        type(default) in (int, float) and default == 0 and guesses.operand(name).kind == "number"
    )


def is_method(function: UserFunction) -> bool:
    """Whether the first parameter of a function of a class is the object."""
    return function.kind not in ("static",)


def invoke(m: Interpreter, function: UserFunction, args: dict[str, Any]) -> Any:
    """Call a function of the script by the names of its parameters."""
    return m.call(function, [], args, None)


def floats(value: Any) -> Traced | None:
    """`value` if it is a tensor of floating-point numbers."""
    if isinstance(value, Traced) and np.asarray(value.value).dtype.kind == "f":
        return value
    return None


Names = list[Any]
"""The names of the parts of a returned value, nested as the value is; None where a part has no name."""


def returned_names(function: UserFunction) -> Names:
    """How the parts of what a function returns are written, by its last `return`."""
    last = _last_return(function.body) if isinstance(function.body, tuple) else None
    value = last.value if last is not None else None
    return _nested(value) if isinstance(value, s.Sequence) else [written(value)]


def returned_keys(function: UserFunction) -> list[str]:
    """The keys of the dictionaries that a function returns where it writes them out."""
    last = _last_return(function.body) if isinstance(function.body, tuple) else None
    value = last.value if last is not None else None
    shown = value.elements if isinstance(value, s.Sequence) else (value,)
    keys = (key for one in shown if isinstance(one, s.DictDisplay) for key in one.keys)
    return [k.value for k in keys if isinstance(k, s.Constant) and isinstance(k.value, str)]


def _nested(value: s.Sequence) -> Names:
    return [_nested(e) if isinstance(e, s.Sequence) else written(e) for e in value.elements]


def written(node: s.Expr | None) -> str | None:
    """The name that an expression is, or that it is an item or attribute of."""
    match node:
        case s.Name():
            return node.id
        case s.Attribute():
            return node.attr
        case s.Subscript(index=s.Constant(value=str() as key)):
            return key
        case s.Subscript(value=s.Attribute(value=value, attr="flat")):
            return written(value)
        case s.BinOp(op="/") | s.UnaryOp(op="-"):
            return written(node.left if isinstance(node, s.BinOp) else node.operand)
        case s.Call(func=s.Attribute(value=s.Name(id="np" | "numpy" | "torch"), attr=attr)):
            return written(node.args[0].value) if attr in _SAME and node.args else None
        case s.Call(func=s.Name(id="float"), args=(first, *_)):
            return written(first.value)
        case s.Call(func=s.Attribute(value=value, attr=attr)) if attr in _SHAPED:
            return written(value)
    return None


_SAME = ("squeeze", "array", "asarray", "float64", "copy", "reshape", "ravel")
_SHAPED = ("reshape", "copy", "T", "astype", "sum", "item", "ravel", "flatten", "squeeze")


def _last_return(body: s.Block) -> s.Return | None:
    for statement in reversed(body):
        if isinstance(statement, s.Return):
            return statement
        for block in (getattr(statement, "orelse", ()), getattr(statement, "body", ())):
            if isinstance(statement, s.FunctionDef | s.ClassDef) or not isinstance(block, tuple):
                continue
            if (found := _last_return(block)) is not None:
                return found
    return None


def parts_of(value: Any, names: Names) -> list[tuple[Any, Any]]:
    """The parts of what a function returned, with their names."""
    if isinstance(value, list | tuple):
        padded = names if len(names) == len(value) else [None] * len(value)
        return list(zip(padded, value, strict=True))
    return [(names[0] if len(names) == 1 else None, value)]


def handed_out(m: Interpreter, value: Any, function: UserFunction) -> Iterator[Part]:
    """The tensors that a function returned, as they are, with the names that they have there.

    What it returned and could not be followed is noted: then not all of its gradients are known.
    """
    m.trace.unread += list(_opaque(value))
    for name, part in parts_of(value, returned_names(function)):
        for inner, tensor in tensors(part, name):
            yield inner, snapshot(tensor)


def _opaque(value: Any) -> Iterator[Opaque]:
    if isinstance(value, Opaque):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _opaque(part)
    elif isinstance(value, dict):
        yield from _opaque(list(value.values()))


def tensors(value: Any, name: Any = None, depth: int = 3) -> Iterator[Part]:
    """The floating-point tensors in a value, with their names: those of a dictionary are its keys."""
    found = floats(value)
    if found is not None:
        yield name if isinstance(name, str) else None, found
    elif isinstance(name, list) and isinstance(value, list | tuple) and len(name) == len(value):
        for one, part in zip(name, value, strict=True):
            yield from tensors(part, one, depth - 1)
    elif depth and isinstance(value, dict):
        for key, part in value.items():
            yield from tensors(
                part, f"{name if isinstance(name, str) else 'grads'}[{key!r}]", depth - 1
            )
    elif depth and isinstance(value, list | tuple):
        for i, part in enumerate(value):
            yield from tensors(part, None if name is None else f"{name}[{i}]", depth - 1)


def cotangent(
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


def descend(m: Interpreter, outs: Iterable[tuple[Traced, Traced | None]], name: str) -> None:
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


def plain_value(value: Any) -> Any:
    return value.value if isinstance(value, Traced) else 0.0


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
    _hold_shapes(m, part, of)
    statement = m.last_return or NOWHERE
    m.trace.claimed.append(
        Claimed(place, name or f"the gradient of {place}", of.id, part.id, statement, loose)
    )


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


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A function of the module, or a method together with the object that it is called on."""

    function: UserFunction
    owner: Instance | None = None

    @staticmethod
    def of(m: Interpreter, owner: str | None, name: str) -> Called | None:
        """The function `name`, or the method of that name of a new object of the class `owner`."""
        if owner is None:
            found = m.scope.names.get(name)
            return Called(found) if isinstance(found, UserFunction) else None
        cls = m.scope.names[owner]
        found = cls.find(name)
        if not isinstance(found, UserFunction):
            return None
        return Called(found, None if found.kind == "static" else made_object(m, cls))

    def sibling(self, m: Interpreter, name: str) -> Called | None:
        """Another function, or another method of the same object."""
        found = m.scope.names.get(name) if self.owner is None else self.owner.cls.find(name)
        return Called(found, self.owner) if isinstance(found, UserFunction) else None

    def params(self) -> tuple[s.Parameter, ...]:
        """The parameters without the object."""
        return self.function.params[0 if self.owner is None else 1 :]

    def arguments(self, m: Interpreter, given: dict[str, Any] | None = None) -> dict[str, Any]:
        """An argument for each parameter that has no default."""
        return made_arguments(m, self.function, given, method=self.owner is not None)

    def __call__(self, m: Interpreter, args: dict[str, Any]) -> Any:
        if self.owner is None:
            return m.call(self.function, [], args, None)
        return m.method(self.owner, self.function.name, [], args)

    def own(self) -> dict[str, Traced]:
        """The tensors that the object has now."""
        found = array_inputs({} if self.owner is None else {"self": self.owner})
        return {key: snapshot(tensor) for key, tensor in found.items()}

    def stored(self, before: dict[str, Traced]) -> list[Part]:
        """The tensors of the object that are new or changed since `before`."""
        found: list[Part] = []
        for key, tensor in self.own().items():
            if key not in before or before[key].id != tensor.id:
                found.append((key, tensor))
        return found


def made_object(m: Interpreter, cls: UserClass) -> Instance:
    """An object of `cls`, made with inputs where its constructor wants them."""
    made = Instance(cls, key="self")
    start = cls.find("__init__")
    if isinstance(start, UserFunction):
        m.method(made, "__init__", [], made_arguments(m, start, method=True))
    return made


def match(
    parts: list[Part], inputs: dict[str, Traced], strict: bool = False
) -> Iterator[tuple[Part, str]]:
    """Which result is the gradient of which input: by name, by kind of name, then by order and shape.

    An input that is kept under several names (`params['W1']`, `layers[0].W`) is matched once.
    """
    left, rest = dict(inputs), list(parts)
    for same in (is_gradient_of, is_akin):
        for part in rest[:]:
            named = [k for k in left if part[0] is not None and same(part[0], k)]
            alike = [k for k in named if left[k].shape == part[1].shape]
            key = next(iter(alike or named), None)
            if key is not None:
                rest.remove(part)
                left = {k: t for k, t in left.items() if t.id != inputs[key].id}
                yield part, key
    if strict:
        return
    if len(rest) == len(left) or len(parts) == 1:
        yield from _in_order(rest, left)
        return
    for part in rest:
        alike = [key for key, of in left.items() if of.shape == part[1].shape != ()]
        if part[0] is None and len(alike) == 1:
            yield part, alike[0]


def _in_order(parts: list[Part], inputs: dict[str, Traced]) -> Iterator[tuple[Part, str]]:
    """Results beside inputs as they come; a target is only reached where all before it fit."""
    fits = True
    for part, key in zip(parts, list(inputs), strict=False):
        alike = part[1].shape == inputs[key].shape
        if alike and (fits or not says_target(key)):
            yield part, key
        fits = fits and alike


def array_inputs(values: dict[str, Any]) -> dict[str, Traced]:
    """The tensors among named values, those in lists, dictionaries and objects by how they are written."""
    found: dict[str, Traced] = {}
    for name, value in values.items():
        found |= dict(_within(name, value, 3))
    return found


def _within(place: str, value: Any, depth: int) -> Iterator[tuple[str, Traced]]:
    if (tensor := floats(value)) is not None:
        yield place, tensor
    elif depth and isinstance(value, dict):
        for key, part in value.items():
            yield from _within(f"{place}[{key!r}]", part, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for i, part in enumerate(value):
            yield from _within(f"{place}[{i}]", part, depth - 1)
    elif depth and isinstance(value, Instance):
        for key, part in value.attributes.items():
            yield from _within(f"{place}.{key}", part, depth - 1)


def snapshot(tensor: Traced) -> Traced:
    """The tensor as it stands now: what is written to it later does not change the snapshot."""
    return Traced(tensor.id, tensor.value, tensor.library)
