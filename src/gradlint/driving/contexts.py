"""Subclasses of `torch.autograd.Function`: a static forward and backward that share a context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from gradlint.driving import contracts, passes
from gradlint.driving.calling import invoke, made_arguments
from gradlint.driving.claiming import claim, random_cotangent, set_objective
from gradlint.driving.returned import parts_of, returned_names
from gradlint.driving.tensors import floats, snapshot
from gradlint.ops.shapes import broadcast_axes, broadcast_shapes
from gradlint.reading import syntax as s
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.trace import Opaque, Remark
from gradlint.tracing.values import (
    Instance,
    LibraryPath,
    Native,
    Traced,
    UserClass,
    UserFunction,
)

_BASES = (
    "autograd.Function",
    "function.Function",
    "InplaceFunction",
    "FunctionCtx",
    "autograd.function.Function",
)
_SILENT = ("mark_non_differentiable", "set_materialize_grads", "mark_shared_storage")


def is_autograd_function(cls: UserClass) -> bool:
    """Whether a class derives from `torch.autograd.Function`."""
    for base in cls.bases:
        if (
            isinstance(base, LibraryPath)
            and base.path.startswith("torch")
            and base.path.endswith(_BASES)
        ):
            return True
        if isinstance(base, UserClass) and is_autograd_function(base):
            return True
    return False


@dataclass(frozen=True, slots=True)
class AutogradDrive:
    """Calls `forward` with made inputs and a context, and `backward` with a cotangent for each output."""

    owner: str
    within: str | None = None

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.owner}.backward"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset(("forward", "backward", "setup_context"))

    def __call__(self, m: Interpreter) -> None:
        m.facts.inputs.library = "torch"
        m.applier = _applied
        cls = self._class(m)
        if cls is None:
            return
        forward, backward = cls.find("forward"), cls.find("backward")
        if not isinstance(forward, UserFunction) or not isinstance(backward, UserFunction):
            return
        context = context_of(m, passes.holder(m, cls, forward))
        args = self._arguments(m, cls, forward)
        given = {key: _as_given(value) for key, value in args.items()}
        made = _forward(m, cls, forward, context, list(args.values()))
        contracts.keeps_inputs(m, args, context)
        parts = [floats(part) for _, part in parts_of(m.operand(made), [])]
        outs = [snapshot(out) for out in parts if out is not None]
        if not outs:
            return
        taken = [param.name for param in passes.taken(backward) if not param.star]
        cotangents = _cotangents(m, parts, taken)
        upstream = [one for one in cotangents if one is not None]
        handed = [None if one is None else snapshot(one) for one in cotangents]
        _takes_gradients(m, backward, taken, outs)
        m.last_return = None
        saved = contracts.saved(context, (*given.values(), *outs))
        results = passes.call(m, cls, backward, [context, *handed])
        contracts.keeps_gradients(m, cotangents, handed, backward)
        contracts.keeps_saved(m, saved)
        contracts.asks_for_its_own(m, backward)
        set_objective(m, zip(outs, upstream, strict=True), f"{self.owner}.forward")
        self._hold(m, results, given, forward, backward)

    def _arguments(self, m: Interpreter, cls: UserClass, forward: UserFunction) -> dict[str, Any]:
        """A value for each parameter of the forward pass but the context, in order."""
        names = [p for p in passes.taken(forward, 0 if _sets_up(cls) else 1) if not p.star]
        return {
            p.name: m.input(p.name)
            if p.name in m.lent or forward.defaults.get(p.name) is None
            else forward.defaults[p.name]
            for p in names
        }

    def _class(self, m: Interpreter) -> UserClass | None:
        """The class, which another function may define: `def quantizer(bits)`."""
        if self.within is None:
            found = m.scope.names[self.owner]
        else:
            maker = m.scope.names[self.within]
            invoke(m, maker, made_arguments(m, maker))
            found = m.local_classes.get(self.owner)
        return found if isinstance(found, UserClass) else None

    def _hold(
        self,
        m: Interpreter,
        results: Any,
        args: dict[str, Any],
        forward: UserFunction,
        backward: UserFunction,
    ) -> None:
        parts = list(results) if isinstance(results, list | tuple) else [results]
        self._count(m, parts, args, forward, backward)
        names = returned_names(backward)
        names = names if len(names) == len(parts) else [None] * len(parts)
        for (key, given), part, name in zip(args.items(), parts, names, strict=False):
            of, gradient = floats(given), floats(part)
            if of is not None and gradient is not None:
                gradient = _as_torch_takes_it(m, gradient, of)
                label = name if isinstance(name, str) else None
                claim(m, snapshot(gradient), of, key, label)

    def _count(
        self,
        m: Interpreter,
        parts: list[Any],
        args: dict[str, Any],
        forward: UserFunction,
        backward: UserFunction,
    ) -> None:
        """Remark on a backward pass that returns too few gradients, or one too many that is not None."""
        if any(isinstance(part, Opaque) for part in parts[:1]) and len(parts) == 1:
            return
        extra = [part for part in parts[len(args) :] if part is not None]
        if len(parts) < passes.least_given(m, self.owner, args, forward) or extra:
            at: s.Stmt | None = m.last_return or backward.definition
            several = "gradients" if len(parts) != 1 else "gradient"
            if at is not None:
                text = (
                    f"backward returns {len(parts)} {several}, but forward takes {len(args)} "
                    f"inputs ({', '.join(args)}): each needs one, None where there is none"
                )
                m.trace.remarks.append(Remark("GL501", text, at))


def _forward(
    m: Interpreter, cls: UserClass, forward: UserFunction, context: Instance, args: list[Any]
) -> Any:
    if not _sets_up(cls):
        return passes.call(m, cls, forward, [context, *args])
    made = passes.call(m, cls, forward, args)
    passes.call(m, cls, cls.find("setup_context"), [context, tuple(args), made])
    return made


def _applied(m: Interpreter, cls: UserClass, *args: Any) -> Any:
    """What a function gives that another one applies: its forward pass with a context of its own."""
    forward = cls.find("forward")
    if not isinstance(forward, UserFunction):
        return m.opaque(f"{cls.name} has no forward pass")
    return _forward(m, cls, forward, context_of(m, passes.holder(m, cls, forward)), list(args))


def _cotangents(
    m: Interpreter, parts: list[Traced | None], taken: list[str]
) -> list[Traced | None]:
    """A gradient for each output that is a tensor of real numbers; torch has none for the others."""
    return [
        part if part is None
        else random_cotangent(m, part, f"grad_output[{i}]", taken[i] if i < len(taken) else None)
        for i, part in enumerate(parts)
    ]  # fmt: skip


def _takes_gradients(
    m: Interpreter, backward: UserFunction, taken: list[str], outs: list[Traced]
) -> None:
    """Remark on a backward pass that has no parameter for the gradient of an output."""
    starred = any(param.star for param in backward.params)
    if starred or len(taken) >= len(outs) or backward.definition is None:
        return
    names = ", ".join(param.name for param in backward.params)
    several = "gradients" if len(outs) != 1 else "gradient"
    text = f"torch hands backward the context and {len(outs)} {several}, but it only takes {names}"
    m.trace.remarks.append(Remark("GL501", text, backward.definition))


def _as_given(value: Any) -> Any:
    """An argument as it is before `forward`, which may change it in place."""
    return snapshot(value) if isinstance(value, Traced) else value


def _as_torch_takes_it(m: Interpreter, gradient: Traced, of: Traced) -> Traced:
    """A gradient summed to the shape of its input, where that was broadcast: torch does so by itself.

    Source: `validate_outputs` of torch/csrc/autograd/engine.cpp.
    """
    if broadcast_shapes((gradient.shape, of.shape)) != gradient.shape:
        return gradient
    for axes, kept in zip(broadcast_axes(gradient.shape, of.shape), (False, True), strict=True):
        if axes:
            gradient = m.apply("sum", [gradient], {"axis": axes, "keepdims": kept}, "torch")
    return gradient


def _sets_up(cls: UserClass) -> bool:
    return isinstance(cls.find("setup_context"), UserFunction)


def context_of(m: Interpreter, holder: Instance | None = None) -> Instance:
    """What torch hands to both passes: attributes, and tensors that are saved; `holder` where that is it."""
    made = Instance(UserClass("ctx", (), {})) if holder is None else holder

    def save(_: Any, *tensors: Any) -> None:
        kept = tuple(snapshot(t) if isinstance(t, Traced) else t for t in tensors)
        made.attributes["saved_tensors"] = made.attributes["saved_variables"] = kept

    made.attributes["save_for_backward"] = made.attributes["save_for_forward"] = Native(
        "save_for_backward", save
    )
    made.attributes["needs_input_grad"] = (True,) * 32
    for name in _SILENT:
        made.attributes[name] = Native(name, lambda _, *args: None)
    made.attributes["mark_dirty"] = Native("mark_dirty", _dirty(made))
    return made


def _dirty(context: Instance) -> Callable[..., None]:
    """What `ctx.mark_dirty` does: it says that `forward` changes these inputs in place."""

    def mark(_: Any, *tensors: Any) -> None:
        context.attributes[contracts.DIRTY] = tensors

    return mark


def autograd_functions(classes: dict[str, UserClass]) -> Iterator[str]:
    """The classes that are functions for torch's autograd."""
    for name, cls in classes.items():
        backward = cls.find("backward")
        if not is_autograd_function(cls) or not isinstance(backward, UserFunction):
            continue
        if not passes.refuses(backward.body) and not passes.is_base(cls, classes):
            yield name


def local_functions(functions: dict[str, UserFunction]) -> Iterator[AutogradDrive]:
    """Those that a function of the script defines and hands out, for a number of bits or the like."""
    for name, function in functions.items():
        body = function.body if isinstance(function.body, tuple) else ()
        for cls in (one for one in body if isinstance(one, s.ClassDef)):
            methods = {one.name for one in cls.body if isinstance(one, s.FunctionDef)}
            if {"forward", "backward"} <= methods and any(map(_says_function, cls.bases)):
                yield AutogradDrive(cls.name, name)


def _says_function(base: s.Expr) -> bool:
    return getattr(base, "attr", getattr(base, "id", "")) in ("Function", "InplaceFunction")
