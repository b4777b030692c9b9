"""Calling the script's own functions and the methods of its objects with made inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradlint.driving.names import says_target, says_training
from gradlint.driving.tensors import Part, array_inputs, snapshot
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import guesses
from gradlint.tracing.calls import EVERY, REST
from gradlint.tracing.driven import Driven
from gradlint.tracing.inputs import Form
from gradlint.tracing.making import MadeMapping
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, Traced, UserClass, UserFunction, plain


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
        args = made_arguments(m, start, method=True) | _listed(m, start)
        m.method(made, "__init__", [], args)
    for name in (*_added_to(cls), *_walked(cls)):
        if made.attributes.get(name) == []:
            key = f"self.{name}"
            m.facts.inputs.forms.setdefault(key, Form("list", length=3))
            made.attributes[name] = m.input(key)
    return made


def _added_to(cls: UserClass) -> Iterator[str]:
    """The lists of layers that a network is given one by one: `self.layers.append(layer)` in `add`."""
    for method in (one for one in cls.names.values() if isinstance(one, UserFunction)):
        given = {param.name for param in method.params[1:]}
        for node in descend(method.body):
            match node:
                case s.Call(
                    func=s.Attribute(
                        value=s.Attribute(value=s.Name(id="self"), attr=held), attr="append"
                    ),
                    args=(s.Argument(value=s.Name(id=one)),),
                ) if one in given and (
                    guesses.is_layer(f"{held}[0]") or guesses.is_layer(f"{one}[0]")
                ):
                    yield held


def _walked(cls: UserClass) -> Iterator[str]:
    """The lists of layers that a network walks through and never adds to, as it is made with `layers=[]`."""
    nodes = [
        node for f in cls.names.values() if isinstance(f, UserFunction) for node in descend(f.body)
    ]
    grown = {name for node in nodes if (name := _appended(node)) is not None}
    for name in dict.fromkeys(
        n for node in nodes if isinstance(node, s.For) for n in _own(node.iter)
    ):
        if name not in grown and guesses.is_layer(f"{name}[0]"):
            yield name


def _own(node: s.Expr) -> Iterator[str]:
    """The attributes of the object that an expression reads."""
    for one in descend((node,)):
        match one:
            case s.Attribute(value=s.Name(id="self"), attr=name):
                yield name


def _appended(node: s.Node) -> str | None:
    match node:
        case s.Attribute(
            value=s.Attribute(value=s.Name(id="self"), attr=held),
            attr="append" | "extend" | "insert",
        ):
            return held
    return None


def _listed(m: Interpreter, function: UserFunction) -> dict[str, Any]:
    """The `*layers` of a constructor, or the `*sizes` that it counts or takes some out of: three of them."""
    forms = m.facts.inputs.forms
    for param in function.params:
        key, layers = param.name, guesses.is_layer(f"{param.name}[0]")
        if param.star == "*" and (layers or _is_counted(function, key)):
            forms.setdefault(key, Form("list", length=3))
            for i in range(0 if layers else forms[key].length):
                forms.setdefault(f"{key}[{i}]", Form("count"))
            return {REST: tuple(m.input(key))}
    return {}


def sole_input(m: Interpreter, method: UserFunction) -> dict[str, Any]:
    """The one input of a method that takes its inputs as `*x` and only uses the first of them."""
    taken = [param for param in method.params[1:] if param.star != "**"]
    if len(taken) != 1 or taken[0].star != "*" or not is_method(method):
        return {}
    name = taken[0].name
    asks = (node for node in descend(method.body) if isinstance(node, s.Subscript))
    first = (
        isinstance(node.value, s.Name)
        and node.value.id == name
        and isinstance(node.index, s.Constant)
        and node.index.value == 0
        for node in asks
    )
    return {name: m.input(name)} if any(first) else {}


def _is_counted(function: UserFunction, name: str) -> bool:
    for node in descend(function.body):
        match node:
            case s.Call(func=s.Name(id="len"), args=(s.Argument(value=s.Name(id=found)),)):
                if found == name:
                    return True
            case s.Subscript(value=s.Name(id=found)) if found == name:
                return True
    return False
