"""Layers: classes with a forward and a backward method that keep what they need on `self`."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from gradlint.claims.names import gradient_of
from gradlint.driving import calling
from gradlint.driving.names import (
    is_gradient_of,
    says_cache,
    says_cotangent,
    says_output,
    says_target,
)
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import guesses
from gradlint.tracing.driven import Drive
from gradlint.tracing.stand_ins import BACKWARD, FORWARD
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import NOTHING, BoundMethod, Instance, Traced, UserClass, UserFunction

_SET_UP = ("reshape", "build", "setup", "set_up", "initialize", "initialise", "init", "init_weights",
           "initialize_weights", "init_params", "reset", "reset_parameters", "compile")  # fmt: skip


def layer(cls: UserClass) -> tuple[str, str] | None:
    """The names of the forward and the backward method of a class that is a layer.

    A backward method takes a gradient from upstream, or nothing; one that takes what the forward method
    takes, and no gradient beside it, is a derivative; one that takes a target, or steps by itself, trains.
    """
    forward, backward = _method(cls, FORWARD), _method(cls, BACKWARD)
    if forward is None or backward is None or _is_abstract(cls, forward, backward):
        return None
    asked = [
        p.name for p in cls.find(backward).params[1:] if p.name not in cls.find(backward).defaults
    ]
    given = {p.name for p in cls.find(forward).params[1:]}
    others = [name for name in asked if name not in given]
    if any(says_target(name) for name in others):
        return None
    if len(others) < len(asked) and not (len(others) == 1 and says_cotangent(others[0])):
        return None
    if not asked and _steps(cls.find(backward)):
        return None
    return forward, backward


def _steps(function: UserFunction) -> bool:
    """Whether a method moves what its object holds: `self.weights1 += ...`."""
    body = function.body if isinstance(function.body, tuple) else ()
    changes = (n for n in descend(body) if isinstance(n, s.AugAssign))
    return any(
        isinstance(n.target, s.Attribute) and not gradient_of(n.target.attr) for n in changes
    )


def _method(cls: UserClass, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if isinstance(cls.find(name), UserFunction)), None)


def _is_abstract(cls: UserClass, *methods: str) -> bool:
    """Whether a method does nothing but raise, or pass: subclasses are the layers."""
    return any(is_empty(cls.find(method)) for method in methods)


def is_abstract(cls: UserClass) -> bool:
    """Whether a method of a class, its own or inherited, does nothing but raise."""
    found = (cls.find(name) for base in (cls, *_above(cls)) for name in base.names)
    return any(isinstance(f, UserFunction) and is_empty(f) and _raises(f) for f in found)


def _above(cls: UserClass) -> Iterator[UserClass]:
    for base in cls.bases:
        if isinstance(base, UserClass):
            yield base
            yield from _above(base)


def _raises(function: UserFunction) -> bool:
    body = function.body if isinstance(function.body, tuple) else ()
    return any(isinstance(one, s.Raise) for one in body)


def is_empty(function: UserFunction) -> bool:
    """Whether a function has no body to speak of."""
    if not isinstance(function.body, tuple):
        return False
    return all(isinstance(one, s.Raise | s.ExprStmt) or (isinstance(one, s.Flow) and one.kind == "pass")
               or (isinstance(one, s.Return) and one.value is None) for one in function.body)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerDrive:
    """Makes an object of the class `name`, sends made inputs forward and a random cotangent backward.

    `set_up`: methods that prepare the object (`build`, `reshape`) are called before. `alone`: what the
    constructor left open (None) is an input, and bases from other files are left out. `filling`: what the
    cotangent is filled with.
    """

    owner: str
    forward: str
    backward: str
    set_up: bool = False
    alone: bool = False
    optional: bool = False
    filling: str = "normal"

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.backward}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.forward, self.backward))

    def __call__(self, m: Interpreter) -> None:
        cls = m.scope.names[self.owner]
        layer = calling.made_object(m, _without_foreign_bases(m, cls) if self.alone else cls)
        if self.alone:
            layer.attributes = {k: v for k, v in layer.attributes.items() if v is not None}
        if self.set_up:
            for name in _SET_UP:
                self._prepare(m, layer, name)
        forward, backward = layer.cls.find(self.forward), layer.cls.find(self.backward)
        args = calling.made_arguments(m, forward, method=calling.is_method(forward))
        before = {k: t.id for k, v in layer.attributes.items() if (t := calling.floats(v))}
        own = {k: calling.snapshot(t) for k, t in calling.array_inputs({"self": layer}).items()}
        made = m.operand(m.method(layer, self.forward, [], args))
        outs = self._outs(layer, made, forward, before, backward)
        if not outs:
            return
        known = self._inputs(m, args, own, layer)
        kept = _kept(made, forward, backward)
        upstream = self._upstream(m, layer, backward, outs, args | kept)
        if upstream is None:
            return
        start = {
            name: calling.snapshot(t) for name, t in calling.array_inputs({"self": layer}).items()
        }
        m.last_return = None
        m.trace.handed_back = len(m.trace.nodes)
        results = m.method(layer, self.backward, [], upstream[1])
        stored = _stored(m, layer, start, set(m.trace.ancestors([outs[0][1].id])))
        gradients = list(calling.handed_out(m, results, backward)) + stored
        calling.descend(m, upstream[0], f"{self.owner}.{self.forward}")
        calling.hold(m, gradients, known)
        self._hold_listed(m, layer, known)
        calling.hold_stand_ins(m)

    def _hold_listed(self, m: Interpreter, layer: Instance, known: dict[str, Traced]) -> None:
        """Hold what the object lists as its gradients, beside what it lists as its parameters."""
        for params, grads in _LISTS:
            of, gradients = (_listed(m, layer, name) for name in (params, grads))
            if not of or len(of) != len(gradients):
                continue
            held = {claimed.of for claimed in m.trace.claimed}
            for i, (parameter, gradient) in enumerate(zip(of, gradients, strict=True)):
                start = next((t for t in known.values() if t.id == parameter.id), None)
                if start is not None and start.id not in held:
                    calling.claim(m, gradient, start, f"self.{params}[{i}]", f"self.{grads}[{i}]")

    def _prepare(self, m: Interpreter, layer: Instance, name: str) -> None:
        function = layer.cls.find(name)
        if (
            isinstance(function, UserFunction)
            and len(function.params) - len(function.defaults) <= 1
        ):
            m.method(layer, name, [], {})

    def _outs(
        self, layer: Instance, made: Any, forward: UserFunction, before: dict[str, int],
        backward: UserFunction,
    ) -> list[tuple[str | None, Traced]]:  # fmt: skip
        parts = calling.parts_of(made, calling.returned_names(forward))
        outs = [
            (name, calling.snapshot(t)) for name, v in parts if (t := calling.floats(v)) is not None
        ]
        if outs:
            return outs[:1]
        made_here = {
            name: calling.snapshot(tensor) for name, value in layer.attributes.items()
            if (tensor := calling.floats(value)) is not None and before.get(name) != tensor.id
        }  # fmt: skip
        read = _attributes(backward)
        asked = [n for n in made_here if any(is_gradient_of(x, n) and x != n for x in read)]
        outputs = asked or [n for n in made_here if says_output(n)]
        return [(name, made_here[name]) for name in outputs[:1]]

    def _inputs(
        self, m: Interpreter, args: dict[str, Any], own: dict[str, Traced], layer: Instance
    ) -> dict[str, Traced]:
        """What gradients can be of: the arguments of the forward pass, and what the object had before it."""
        found = {k: calling.snapshot(t) for k, t in calling.array_inputs(args).items()}
        later = calling.array_inputs({"self": layer})
        given = {k: calling.snapshot(t) for k, t in later.items() if t.id in m.trace.inputs}
        for key, tensor in (own | given).items():
            if all(tensor.id != other.id for other in found.values()):
                found[key] = tensor
        return found

    def _upstream(
        self,
        m: Interpreter,
        layer: Instance,
        backward: UserFunction,
        outs: list[tuple[str | None, Traced]],
        args: dict[str, Any],
    ) -> tuple[list[tuple[Traced, Traced | None]], dict[str, Any]] | None:
        """The outputs with their cotangents, and the arguments of the backward pass."""
        name, out = outs[0]
        asked = [
            p for p in backward.params[1 if calling.is_method(backward) else 0 :] if not p.star
        ]
        wanted = [p for p in asked if p.name not in backward.defaults]
        attribute = next((a for a in _attributes(backward) if a not in layer.attributes and name is not None
                          and is_gradient_of(a, name) and layer.cls.find(a) is None), None)  # fmt: skip
        if attribute is not None and not wanted:
            made = calling.cotangent(m, out, f"self.{attribute}", f"self.{attribute}")
            layer.attributes[attribute] = made
            return [(out, calling.snapshot(made))], {}
        if not wanted:
            if out.shape in ((), (1,)):
                return [(out, None)], {}
            return self._with_default(m, asked, out) or _ignored(m, layer, backward, out)
        given: dict[str, Any] = {p.name: args[p.name] for p in wanted if p.name in args}
        others = [p.name for p in wanted if p.name not in given]
        if not others:
            return None
        first = next((n for n in others if says_cotangent(n)), others[0])
        made = calling.cotangent(m, out, f"d{first}", first, self.filling)
        given |= {first: made, **{name: m.input(name) for name in others if name != first}}
        return [(out, calling.snapshot(made))], given

    def _with_default(
        self, m: Interpreter, asked: list[s.Parameter], out: Traced
    ) -> tuple[list[tuple[Traced, Traced | None]], dict[str, Any]] | None:
        if not asked:
            return None
        made = calling.cotangent(m, out, f"d{asked[0].name}", asked[0].name)
        return [(out, calling.snapshot(made))], {asked[0].name: made}


def _kept(made: Any, forward: UserFunction, backward: UserFunction) -> dict[str, Any]:
    """What the forward pass returns beside its output for the backward pass, by its name there."""
    if not isinstance(made, list | tuple):
        return {}
    parts = calling.parts_of(made, calling.returned_names(forward))[1:]
    asked = [p.name for p in backward.params]
    found = {name: value for name, value in parts if isinstance(name, str) and name in asked}
    caches = [name for name in asked if says_cache(name) and name not in found]
    if len(parts) == 1 and not found and len(caches) == 1:
        return {caches[0]: parts[0][1]}
    return found


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
    tensors = [calling.floats(part) for part in parts]
    return [t for t in tensors if t is not None] if None not in tensors else []


def _ignored(
    m: Interpreter, layer: Instance, backward: UserFunction, out: Traced
) -> tuple[list[tuple[Traced, Traced | None]], dict[str, Any]] | None:
    """A cotangent that the backward pass has no way to read; None where it may read one after all."""
    body = backward.body if isinstance(backward.body, tuple) else ()
    written = {
        t.attr for n in descend(body) if isinstance(n, s.Assign) for t in n.targets
        if isinstance(t, s.Attribute)
    }  # fmt: skip
    read = [a for a in _attributes(backward) if a not in written and layer.cls.find(a) is None]
    if not written or any(a not in layer.attributes for a in read):
        return None
    return [(out, calling.cotangent(m, out, "upstream"))], {}


def takes_layers(cls: UserClass) -> bool:
    """Whether a class is made of layers that it is given."""
    start = cls.find("__init__")
    given = start.params[1:] if isinstance(start, UserFunction) else ()
    return any(guesses.is_layer(f"{param.name}[0]") for param in given)


def layer_ways(
    name: str, cls: UserClass, forward: str, backward: str, optional: bool = False
) -> list[Drive]:
    """The ways to drive a layer; one whose base stands in another file is tried without it first."""
    alone = LayerDrive(name, forward, backward, set_up=True, alone=True, optional=optional)
    whole: list[Drive] = [
        LayerDrive(name, forward, backward, set_up, optional=optional) for set_up in (False, True)
    ]
    ways = [alone, *whole] if _has_foreign_base(cls) else [*whole, alone]
    if _skips_zeros(cls.find(backward)):  # written for a loss that looks at one entry
        sparse = LayerDrive(name, forward, backward, optional=optional, filling="one entry")
        return [*ways, sparse]
    return ways


def _skips_zeros(function: UserFunction) -> bool:
    """Whether a backward pass leaves out where what comes from upstream is zero: `if g == 0: continue`."""
    body = function.body if isinstance(function.body, tuple) else ()
    return any(
        isinstance(node, s.If) and _is_zero(node.test)
        and any(isinstance(one, s.Flow) and one.kind == "continue" for one in node.body)
        for node in descend(body)
    )  # fmt: skip


def _is_zero(test: s.Expr) -> bool:
    match test:
        case s.Compare(ops=("==",), comparators=(s.Constant(value=0),)):
            return True
    return False


def _has_foreign_base(cls: UserClass) -> bool:
    bases = [base for base in cls.bases if isinstance(base, UserClass)]
    return any(_is_foreign(base) or _has_foreign_base(base) for base in bases)


def _is_foreign(cls: UserClass) -> bool:
    return cls.definition is not None and bool(cls.definition.span.file)


def _without_foreign_bases(m: Interpreter, cls: UserClass) -> UserClass:
    """The class without the bases that stand in other files, whose constructors do nothing now."""
    own = []
    for base in cls.bases:
        if not isinstance(base, UserClass):
            continue
        if not _is_foreign(base):
            own.append(_without_foreign_bases(m, base))
            continue
        hollow = UserClass(base.name, (), {"__init__": NOTHING})
        for name, value in list(m.scope.names.items()):
            if value is base:
                m.scope.names[name] = hollow
    return UserClass(cls.name, tuple(own), cls.names, cls.definition)


def _attributes(function: UserFunction) -> list[str]:
    """The attributes of `self` that a method names."""
    body = function.body if isinstance(function.body, tuple) else ()
    names = (n.attr for n in descend(body) if isinstance(n, s.Attribute) and isinstance(n.value, s.Name)
             and n.value.id == "self")  # fmt: skip
    return list(dict.fromkeys(names))


def _stored(
    m: Interpreter, layer: Instance, start: dict[str, Traced], made_from: Set[int]
) -> list[calling.Part]:
    """What the backward pass put on the object: attributes that are new or changed.

    What the output was `made_from` holds no gradient when it changes: that is a step.
    """
    found: list[calling.Part] = []
    for key, tensor in calling.array_inputs({"self": layer}).items():
        m.refresh(tensor)
        was = start.get(key)
        if was is None or (was.id != tensor.id and was.id not in made_from):
            found.append((key, calling.snapshot(tensor)))
    return found
