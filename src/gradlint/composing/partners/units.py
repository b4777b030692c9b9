"""What gets a backward pass of its own: functions, layers and torch functions that nothing trains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradlint.driving.contexts import is_autograd_function
from gradlint.driving.losses import gives_both
from gradlint.driving.names import says_training
from gradlint.driving.pairs import pairs
from gradlint.driving.protocols import is_empty
from gradlint.driving.survey import Survey, survey
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.stand_ins import BACKWARD, FORWARD
from gradlint.tracing.values import UserClass, UserFunction

_FORWARD = re.compile(r"forward|fprop|fwd", re.IGNORECASE)
_NO_PART = re.compile(
    r"backward|backprop|bprop|bwd|prime|deriv|grad|^d_|numeric|check|test|plot|load|read|main|train|fit|"
    r"predict|accura|init|update|sample|split|one_?hot|print|show",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A forward function (`owner` is None) or method; `context`: one of a `torch.autograd.Function`.

    `old` is the backward pass that it has, `set_up` the method that fills the context where forward does not.
    """

    function: UserFunction
    owner: str | None = None
    context: bool = False
    old: UserFunction | None = None
    set_up: UserFunction | None = None

    @property
    def definition(self) -> s.FunctionDef:
        """Where it is written."""
        assert isinstance(self.function.definition, s.FunctionDef)
        return self.function.definition

    @property
    def told(self) -> str:
        """What the user calls it."""
        name = self.function.name
        return name if self.owner is None else f"{self.owner}.{name}"

    @property
    def method(self) -> bool:
        """Whether the backward pass is handed an object or a context."""
        return self.owner is not None

    @property
    def this(self) -> str:
        """The object or the context, as the unit calls it."""
        keeper = self.set_up or self.function
        return keeper.params[0].name if self.method else ""

    @property
    def last(self) -> s.Return:
        """The `return` of what is trained: the last one, or that of a branch for the training."""
        block: s.Block = self.definition.body
        for one in block:
            if (
                isinstance(one, s.If)
                and asks_for_training(one.test)
                and isinstance(one.body[-1], s.Return)
            ):
                block = one.body
                break
        assert isinstance(block[-1], s.Return)
        return block[-1]

    @property
    def numbers(self) -> set[str]:
        """What a context keeps as it is, and not as a tensor: torch takes no gradient of it."""
        keeper = self.set_up or self.function
        body = keeper.body if isinstance(keeper.body, tuple) else ()
        kept = (n for n in descend(body) if isinstance(n, s.Assign) and isinstance(n.value, s.Name))
        return {
            n.value.id for n in kept
            if isinstance(n.value, s.Name) and any(isinstance(t, s.Attribute) for t in n.targets)
        }  # fmt: skip

    @property
    def taken(self) -> list[str]:
        """The parameters without the object or the context."""
        skipped = 1 if self.method and self.set_up is None else 0
        return [p.name for p in self.function.params[skipped:] if not p.star]


def asks_for_training(test: s.Expr) -> bool:
    """Whether a test asks for the training: `train`, `self.training`, `mode == "train"`."""
    match test:
        case s.Name(id=name) | s.Attribute(attr=name):
            return says_training(name)
        case s.Compare(ops=("==",), comparators=(s.Constant(value=str() as word),)):
            return word.startswith("train")
    return False


def units(module: s.Module) -> list[Unit]:
    """All in the order of the text; those that have a backward pass only where all have one."""
    every = all_units(module)
    return [one for one in every if one.old is None] or every


def all_units(module: s.Module) -> list[Unit]:
    """Those that have a backward pass as well as those that have none."""
    found = survey(module, frozenset())
    every = [*_functions(module, found), *_methods(found)]
    return sorted(every, key=lambda one: one.definition.span.line)


def unit_of(module: s.Module, like: Unit) -> Unit:
    """The same in a module that was read again."""
    return next(one for one in all_units(module) if one.told == like.told)


def _functions(module: s.Module, found: Survey) -> Iterator[Unit]:
    paired = {forward.name: backward for forward, backward in pairs(found.functions)}
    called = {
        n.func.id for n in descend(module.body) if isinstance(n, s.Call) and isinstance(n.func, s.Name)
    }  # fmt: skip
    for name, function in found.functions.items():
        if not isinstance(function.definition, s.FunctionDef) or not _hands_back(function):
            continue
        if gives_both(function):
            continue
        if name in paired:
            yield Unit(function, old=paired[name])
        elif not _NO_PART.search(name) and (_FORWARD.search(name) or name not in called):
            yield Unit(function)


def _methods(found: Survey) -> Iterator[Unit]:
    for name, cls in found.classes.items():
        forward, backward = _method(cls, FORWARD), _method(cls, BACKWARD)
        if forward is None or is_empty(forward) or not _hands_back(forward):
            continue
        old = backward if backward is not None and not is_empty(backward) else None
        context = is_autograd_function(cls)
        set_up = cls.names.get("setup_context") if context else None
        yield Unit(forward, name, context, old, set_up)


def _method(cls: UserClass, names: tuple[str, ...]) -> UserFunction | None:
    """The class's own method of one of these names."""
    found = (cls.names.get(name) for name in names)
    return next((one for one in found if isinstance(one, UserFunction)), None)


def _hands_back(function: UserFunction) -> bool:
    """Whether a function takes something and ends in a `return` of something."""
    if not isinstance(function.body, tuple) or not function.params:
        return False
    last = function.body[-1]
    return isinstance(last, s.Return) and last.value is not None
