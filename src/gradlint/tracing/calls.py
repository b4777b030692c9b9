"""Calls of the script's own functions and classes, and of methods of Python's own objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint import ops
from gradlint.reading import syntax as s
from gradlint.tracing import texts
from gradlint.tracing.expressions import Expressions
from gradlint.tracing.first_time import is_zero
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.trace import Remark, Shown
from gradlint.tracing.values import (
    BoundMethod,
    Foreign,
    Instance,
    LibraryPath,
    Native,
    Opaque,
    Parent,
    Scope,
    Traced,
    UserClass,
    UserFunction,
    is_number,
    is_plain,
    plain,
)

EVERY = "**"
"""The keyword under which a call hands over the whole dictionary of its `**kwargs`."""
REST = "*"
"""The keyword under which a call hands over all of its `*args` at once."""


class Calls(Expressions):
    """Evaluates calls; `depth` counts the script's own functions that are running."""

    depth = 0

    def run(self, body: s.Block) -> Any:
        raise NotImplementedError

    def eval_Call(self, node: s.Call) -> Any:
        func = self.evaluate(node.func)
        if isinstance(func, Opaque):
            for arg in node.args:
                self.evaluate(arg.value)
            return func
        literal = isinstance(func, LibraryPath) and func.path in _DATA_MAKERS
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for arg in node.args:
            value = self.evaluate(arg.value) if literal or arg.star else self.named(arg.value)
            if arg.star == "*":
                args += self.items(value) or []
            elif arg.star == "**":
                kwargs |= value if isinstance(value, dict) else {}
            elif arg.keyword is not None:
                kwargs[arg.keyword] = value
            else:
                args.append(value)
        return self.call(func, args, kwargs, node)

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        """The value of `func(*args, **kwargs)`."""
        try:
            return self._call(func, args, kwargs, node)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, ops.OpError) as error:
            return self.failed(error, [*args, *kwargs.values()])

    def _call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        match func:
            case LibraryPath():
                return self.library_call(func.path, args, kwargs, node)
            case Opaque():
                return func
            case Unknown():
                return self.used_call(func)
            case Foreign():
                return func.method(self, "__call__", args, kwargs)
            case UserFunction():
                return self.invoke(func, args, kwargs)
            case BoundMethod(receiver=receiver, function=UserFunction() as function):
                of_class = function.kind == "class" and isinstance(receiver, Instance)
                first = receiver.cls if of_class else receiver
                return self.invoke(function, [first, *args], kwargs)
            case BoundMethod(receiver=Traced() as tensor, function=name):
                return self.method_of_tensor(tensor, name, args, kwargs)
            case BoundMethod(receiver=Foreign() as stood_in, function=name):
                return stood_in.method(self, name, args, kwargs)
            case BoundMethod(receiver=receiver, function=name):
                return self._python_method(receiver, name, args, kwargs, node)
            case UserClass():
                return self._instantiate(func, args, kwargs)
            case Native():
                return func.function(self, *args, **kwargs)
            case Instance():
                name = "__call__" if func.cls.find("__call__") is not None else "forward"
                return self.method(func, name, args, kwargs)
        self._called_array(func, node)
        return self.opaque("what is called here is not known")

    def _called_array(self, func: Any, node: s.Call | None) -> None:
        """Remark on a variable that holds an array of the script's own and is called like a function."""
        if not isinstance(func, Traced) or self._is_of_input(func.id):
            return  # that an input is an array is our own guess
        if func.shape and node and isinstance(node.func, s.Name):
            text = f"{node.func.id} is an array and is called like a function: this line raises a TypeError"
            if self.statement is not None:
                self.trace.remarks.append(Remark("GL603", text, self.statement))

    def _is_of_input(self, node: int) -> bool:
        """Whether a node is an input, or an item of one."""
        while self.trace.nodes[node].op == "getitem":
            node = self.trace.nodes[node].inputs[0]
        return node in self.trace.inputs

    def library_call(
        self, path: str, args: list[Any], kwargs: dict[str, Any], node: s.Call | None
    ) -> Any:
        """The value of a call of the library function at `path`."""
        raise NotImplementedError

    def method_of_tensor(
        self, tensor: Traced, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """The value of `tensor.name(*args, **kwargs)`."""
        raise NotImplementedError

    # The script's own functions

    def invoke(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Run a function of the script."""
        if self.depth >= self.budget.depth:
            return self.opaque(f"{function.name} calls itself too deeply")
        scope = Scope(parent=function.scope, function=function)
        refused = self._bind(function, args, kwargs, scope)
        if refused is not None:
            return refused
        self.trace.numbers |= {
            (function.name, p.name) for p in function.params if is_number(scope.names[p.name])
        }
        outer, self.scope = self.scope, scope
        before, statement = self.at, self.statement
        self.depth += 1
        try:
            if isinstance(function.body, s.Expr):
                return self.evaluate(function.body)
            result = self.run(function.body)
            if not isinstance(result, Opaque) and not any(isinstance(a, Opaque) for a in args):
                self.trace.called.add(id(function.definition))
            if isinstance(result, Traced) and np.size(result.value) == 1:
                self.show(result, function.name)
            return scope.yields if scope.yields else result
        finally:
            self.depth -= 1
            self.scope, self.at, self.statement = outer, before, statement

    def _bind(
        self, function: UserFunction, args: list[Any], kwargs: dict[str, Any], scope: Scope
    ) -> Opaque | None:
        rest, named = list(args), dict(kwargs)
        for param in function.params:
            if param.star == "*":
                scope.names[param.name], rest = named.pop(REST, tuple(rest)), []
            elif param.star == "**":
                scope.names[param.name], named = named.pop(EVERY, named), {}
            elif param.name in named:
                scope.names[param.name] = named.pop(param.name)
            elif rest and not param.keyword_only:
                scope.names[param.name] = rest.pop(0)
            elif param.name in function.defaults:
                scope.names[param.name] = function.defaults[param.name]
            else:
                return self.opaque(f"{function.name}() misses its argument {param.name}")
        if rest or named:
            return self.opaque(f"{function.name}() is given too many arguments")
        return None

    def method(
        self, receiver: Instance, name: str, args: list[Any], kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call a method of an object of the script."""
        found = receiver.cls.find(name)
        if found is None:
            return self.opaque(f"{receiver.cls.name} has no {name}")
        return self.call(BoundMethod(receiver, found), args, kwargs or {}, None)

    def _instantiate(self, cls: UserClass, args: list[Any], kwargs: dict[str, Any]) -> Any:
        made = Instance(cls)
        if cls.find("__init__") is not None:
            refused = self.method(made, "__init__", args, kwargs)
            return refused if isinstance(refused, Opaque) else made
        return made

    def parent_of_self(self) -> Any:
        """What `super()` means in the method that is running."""
        holder = self.scope.method
        function = holder.function if holder is not None else None
        if holder is None or function is None or function.owner is None or not function.params:
            return self.opaque("super() outside a method")
        return Parent(holder.names[function.params[0].name], function.owner)

    # Methods of Python's own objects

    def _python_method(
        self, receiver: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: s.Call | None
    ) -> Any:
        if name == "append" and isinstance(receiver, list) and args:
            self.show(args[0], "append", receiver_name(node))
        if isinstance(receiver, dict) and name in ("get", "pop", "setdefault") and args:
            args = [plain(args[0]), *args[1:]]
            self._filled_in(receiver, args)
        elif isinstance(receiver, dict) and name == "update":
            return self._updated(receiver, args, kwargs, receiver_name(node) or "...")
        elif isinstance(receiver, str):
            if name == "format":
                return texts.formatted(receiver, self.shown(args), kwargs)
            if name == "decode" or (name == "encode" and self.module.python2):
                return receiver  # the text of a file is text here, whichever way it was opened
            if name == "join":
                self.shown(args)
            args, kwargs = plain(args), {k: plain(v) for k, v in kwargs.items()}
        elif name in ("index", "count", "insert", "pop", "rotate") and args:
            args = [plain(args[0]), *args[1:]]
        elif name == "sort" and isinstance(receiver, list):
            receiver[:] = self.call(LibraryPath("builtins.sorted"), [receiver], kwargs, None)
            return None
        elif name in ("extend", "extendleft") and args:
            args = [self.items(args[0]) or []]
        if not isinstance(receiver, list | dict | str | bytes | tuple | set | int | float):
            return self.opaque(f".{name}() is not known here")
        if isinstance(receiver, str) and not is_plain(args):
            return texts.SOME
        return _listed(getattr(receiver, name)(*args, **kwargs))

    def _filled_in(self, receiver: dict[Any, Any], args: list[Any]) -> None:
        """What stands in for an item that is not there yet may be the state of an optimiser."""
        if len(args) > 1 and args[0] not in receiver and isinstance(args[1], Traced):
            self.trace.lazy |= {args[1].id} if is_zero(self.trace, args[1].id) else set()

    def _updated(
        self, receiver: dict[Any, Any], args: list[Any], kwargs: dict[str, Any], place: str
    ) -> None:
        for more in (*args, kwargs):
            pairs = more.items() if isinstance(more, dict) else (self.items(more) or [])
            for key, value in list(pairs):
                self.put_item(receiver, plain(key), value, f"{place}[{key!r}]")

    def put_item(self, holder: Any, key: Any, value: Any, place: str) -> None:
        """`holder[key] = value` for a list or a dictionary, noted under the name `place`."""
        raise NotImplementedError

    def shown(self, values: list[Any]) -> list[Any]:
        for value in values:
            self.show(value, "print")
        return values

    def show(self, value: Any, kind: str, name: str | None = None) -> None:
        """Remember that a value was shown; what people print is often the loss."""
        if isinstance(value, list | tuple):
            for part in value:
                self.show(part, kind, name)
        elif isinstance(value, Traced):
            self.refresh(value)
            expr = self.expression() or self.trace.nodes[value.id].expr
            if expr is not None:
                self.trace.shown.append(Shown(value.id, name or kind, expr))


_DATA_MAKERS = {"numpy.array", "numpy.asarray", "torch.tensor", "numpy.matrix", "torch.as_tensor"}


def receiver_name(node: s.Call | None) -> str | None:
    """`losses` of `losses.append(...)`."""
    if node is None or not isinstance(node.func, s.Attribute):
        return None
    value = node.func.value
    return getattr(value, "id", getattr(value, "attr", None))


def _listed(value: Any) -> Any:
    return (
        list(value) if type(value).__name__ in ("dict_keys", "dict_values", "dict_items") else value
    )
