"""Pairs of functions: `affine_forward(x, w, b)` and `affine_backward(dout, cache)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from gradlint.driving import calling
from gradlint.driving.claiming import hold, random_cotangent, set_objective
from gradlint.driving.losses import fill_targets
from gradlint.driving.names import (
    is_gradient_of,
    says_cache,
    says_cotangent,
    says_output,
    says_target,
)
from gradlint.driving.objectives import loss_of
from gradlint.driving.returned import handed_out, parts_of, returned_names
from gradlint.driving.tensors import array_inputs, floats, snapshot
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserFunction, plain

_BACKWARD = re.compile(
    r"^(?P<a>.*?)_?(backward|backwards|backprop|back_prop|bprop|bwd|back|grad)_?(?P<b>.*)$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"_+(bak|backup|old|alt|alternative|simple|simplified|naive|slow|fast|ref|reference|loops?|vectori[sz]ed)$",
    re.IGNORECASE,
)
_FORWARD = ("forward", "fwd", "fprop", "forwardprop", "forward_prop")


def pairs(functions: dict[str, UserFunction]) -> Iterator[tuple[UserFunction, UserFunction]]:
    """The forward and backward functions that belong together by their names."""
    for name, backward in functions.items():
        forward = _forward_of(name, functions) if backward.params else None
        if forward is not None:
            yield forward, backward


def _forward_of(name: str, functions: dict[str, UserFunction]) -> UserFunction | None:
    found = _BACKWARD.match(name)
    if found is None:
        return None
    stem = _stem(found["a"] + found["b"])
    others = {n: f for n, f in functions.items() if n != name and not _BACKWARD.match(n)}
    for other, function in others.items():
        bare = _bare(other)
        if _stem(bare) == stem and (stem or bare != other.lower()):
            return function
    plain = _stem(_VERSION.sub("", f"{found['a']}_{found['b']}".strip("_")))
    alike = [f for n, f in others.items() if _bare(n) != n.lower() and _is_version(_bare(n), plain)]
    return alike[0] if len(alike) == 1 and plain else None


def _bare(name: str) -> str:
    """The name of a forward pass without the word for it."""
    bare = name.lower()
    for word in _FORWARD:
        bare = bare.replace(word, "")
    return bare


def _is_version(bare: str, stem: str) -> bool:
    """Whether a name is that of another implementation of the same: `conv_naive`, `conv_bak`."""
    return _stem(_VERSION.sub("", bare)) == stem


def _stem(name: str) -> str:
    return name.replace("_", "").lower()


@dataclass(frozen=True, slots=True)
class PairDrive:
    """Calls `forward` with made inputs and `backward` with a random cotangent for each output.

    `reads_output`: what the backward pass takes beside the cotangent is the output rather than the input,
    where its names leave that open. A backward pass that takes no cotangent begins at a loss: that of the
    module, if it has one, else the one that its own error implies; `target` is what targets hold.
    """

    forward: str
    backward: str
    reads_output: bool = False
    target: str = "normal"

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.backward

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.forward, self.backward))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        forward, backward = m.scope.names[self.forward], m.scope.names[self.backward]
        args = calling.made_arguments(m, forward)
        made = calling.invoke(m, forward, args)
        parts = parts_of(m.operand(made), returned_names(forward))
        outs, kept = _outputs(m, parts, backward)
        if not outs:
            return
        given, upstream = self._given(
            m, backward, args | _by_default(forward, backward, args), outs, kept
        )
        loss = None if upstream else self._loss(m, backward, args | given, outs)
        results = calling.invoke(m, backward, given)
        gradients = list(handed_out(m, results, backward))
        inputs = array_inputs(args)
        if upstream:
            set_objective(m, zip([o for _, o in outs], upstream, strict=False), self.forward)
        elif loss is not None:
            set_objective(m, [(loss, None)], "the loss")
        hold(m, gradients, inputs, loose=not upstream, strict=not upstream)

    def _loss(
        self, m: Interpreter, backward: UserFunction, known: dict[str, Any],
        outs: list[tuple[str | None, Traced]],
    ) -> Traced | None:  # fmt: skip
        """What the loss of the module gives for the outputs."""
        named = {name: out for name, out in outs if name is not None}
        return loss_of(m, calling.Called(backward), known | named, outs[0][1])

    def _given(
        self, m: Interpreter, backward: UserFunction, args: dict[str, Any],
        outs: list[tuple[str | None, Traced]], kept: list[tuple[str | None, Any]],
    ) -> tuple[dict[str, Any], list[Traced | None]]:  # fmt: skip
        """The arguments of the backward pass, and the cotangent of each output."""
        given: dict[str, Any] = {}
        upstream: list[Traced | None] = []
        known = {name: value for name, value in [*outs, *kept] if name is not None}
        asked = {param.name for param in backward.params}
        spare = [value for name, value in kept if name not in asked]
        told = outs[0][0] in asked  # so that another one is no output: a target, say
        from_loss = _from_a_loss(backward)
        for param in backward.params:
            name = param.name
            if param.star or (name in backward.defaults and name not in args and name not in known):
                continue
            if name in args and not (name in known and says_cache(name)):
                given[name] = args[name]
            elif name in known and not (says_cotangent(name) and not upstream):
                given[name] = known[name]
            elif len(upstream) < len(outs) and self._is_upstream(
                name, outs, bool(upstream), backward
            ):
                _, out = outs[len(upstream)]
                given[name] = random_cotangent(m, out, f"d{name}", name)
                upstream.append(snapshot(given[name]))
            elif spare and (
                says_cache(name) or (len(spare) == 1 and not any(map(says_cache, asked)))
            ):
                given[name] = spare.pop(0)
            elif not (told or (from_loss and says_target(name))) and (
                says_cache(name) or says_output(name) or self.reads_output
            ):
                given[name] = outs[0][1] if self._takes_output(name) else next(iter(args.values()))
            else:
                given[name] = m.input(name)
        return given, upstream

    def _takes_output(self, name: str) -> bool:
        return says_output(name) != self.reads_output

    def _is_upstream(
        self, name: str, outs: list[tuple[str | None, Traced]], some: bool, backward: UserFunction
    ) -> bool:
        if says_cache(name):
            return False
        if any(out is not None and is_gradient_of(name, out) and name != out for out, _ in outs):
            return True
        first = not some and name == backward.params[0].name
        return says_cotangent(name) or (first and not _is_prediction(name, backward))


def _from_a_loss(backward: UserFunction) -> bool:
    """Whether a backward pass takes what was kept and no cotangent: a `Y` beside that is no output."""
    asked = [param.name for param in backward.params]
    kept = [name for name in asked if says_cache(name)]
    return bool(kept) and len(asked) > 2 and not any(map(says_cotangent, asked))


def _is_prediction(name: str, backward: UserFunction) -> bool:
    """Whether it is what a loss compares with targets: the `AL` of `backward(AL, Y, caches)`."""
    compared = any(says_target(param.name) for param in backward.params if param.name != name)
    return compared and _from_a_loss(backward) and says_output(name)


def _by_default(
    forward: UserFunction, backward: UserFunction, args: dict[str, Any]
) -> dict[str, Any]:
    """The numbers that a forward pass goes by unless it is told others, and that a backward pass asks for."""
    asked = {param.name for param in backward.params} - {*backward.defaults, *args}
    numbers = {n: v for n, v in forward.defaults.items() if type(plain(v)) in (int, float)}
    return {name: value for name, value in numbers.items() if name in asked}


def _outputs(
    m: Interpreter, parts: list[tuple[Any, Any]], backward: UserFunction
) -> tuple[list[tuple[str | None, Traced]], list[tuple[str | None, Any]]]:
    """The outputs among what a forward pass returns, and what it keeps for the backward pass."""
    outs: list[tuple[str | None, Traced]] = []
    kept: list[tuple[str | None, Any]] = []
    asked = {param.name for param in backward.params}
    for label, value in parts:
        name = label if isinstance(label, str) else None  # a tuple within has names of its own
        value = m.operand(value) if parts[0][1] is not value else value
        tensor = floats(value)
        is_kept = name is not None and (says_cache(name) or (name in asked and bool(outs)))
        if (
            tensor is None
            or is_kept
            or (outs and name is not None and not _has_cotangent(name, asked))
        ):
            kept.append((name, value))
        else:
            outs.append((name, snapshot(tensor)))
    return outs, kept


def _has_cotangent(name: str, asked: set[str]) -> bool:
    return any(is_gradient_of(one, name) and one != name for one in asked)
