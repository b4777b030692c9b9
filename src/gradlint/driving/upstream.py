"""What a layer's backward pass is given from upstream: a cotangent for each output that it asks for."""

from __future__ import annotations

from typing import Any

from gradlint.driving import calling
from gradlint.driving.claiming import random_cotangent
from gradlint.driving.holdings import attributes, written
from gradlint.driving.names import is_gradient_of, says_cache, says_carried, says_cotangent
from gradlint.driving.tensors import snapshot
from gradlint.reading import syntax as s
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, Traced, UserFunction

Output = tuple[str | None, Traced]
"""What a forward pass hands out, by its name where it has one."""
Upstream = tuple[list[tuple[Traced, Traced | None]], dict[str, Any]]
"""The outputs with their cotangents, and the arguments of the backward pass."""


def given_upstream(
    m: Interpreter,
    layer: Instance,
    backward: UserFunction,
    outs: list[Output],
    args: dict[str, Any],
    filling: str,
) -> Upstream | None:
    """The outputs with their cotangents, and the arguments of the backward pass."""
    name, out = outs[0]
    asked, wanted = _taken(backward), _asked(backward)
    if len(outs) > 1:
        return _of_each(m, outs, [p.name for p in wanted])
    attribute = next((a for a in attributes(backward) if a not in layer.attributes and name is not None
                      and is_gradient_of(a, name) and layer.cls.find(a) is None), None)  # fmt: skip
    if attribute is not None and not wanted:
        made = random_cotangent(m, out, f"self.{attribute}", f"self.{attribute}")
        layer.attributes[attribute] = made
        return [(out, snapshot(made))], {}
    if not wanted:
        if out.shape in ((), (1,)):
            return [(out, None)], {}
        return _with_default(m, asked, out) or _ignored(m, layer, backward, out)
    given: dict[str, Any] = {p.name: args[p.name] for p in wanted if p.name in args}
    others = [p.name for p in wanted if p.name not in given]
    if not others and len(wanted) == 1 and not says_cache(wanted[0].name):
        given, others = {}, [wanted[0].name]  # named like the input: `backward(self, x)`
    if not others:
        return None
    first = next((n for n in others if says_cotangent(n)), others[0])
    made = random_cotangent(m, out, f"d{first}", first, filling)
    given |= {first: made, **{name: m.input(name) for name in others if name != first}}
    return [(out, snapshot(made))], given


def _with_default(m: Interpreter, asked: list[s.Parameter], out: Traced) -> Upstream | None:
    if not asked:
        return None
    made = random_cotangent(m, out, f"d{asked[0].name}", asked[0].name)
    return [(out, snapshot(made))], {asked[0].name: made}


def _asked(backward: UserFunction) -> list[s.Parameter]:
    """What a backward pass has to be given."""
    return [p for p in _taken(backward) if p.name not in backward.defaults]


def _taken(backward: UserFunction) -> list[s.Parameter]:
    return [p for p in backward.params[1 if calling.is_method(backward) else 0 :] if not p.star]


def takes_each(backward: UserFunction, outs: list[Output]) -> bool:
    """Whether a backward pass takes a gradient for each of several outputs: `dh_next, dc_next`."""
    names = [param.name for param in _asked(backward)]
    several = len(names) == len(outs) > 1
    return several and all(says_cotangent(n) or says_carried(n) for n in names)


def _of_each(m: Interpreter, outs: list[Output], names: list[str]) -> Upstream:
    """A cotangent for each output: that which is named after it, else the next one."""
    left, pairs, given = list(names), list[tuple[Traced, Traced | None]](), dict[str, Any]()
    for out_name, out in outs:
        named = (n for n in left if out_name is not None and is_gradient_of(n, out_name))
        first = next(named, left[0])
        left.remove(first)
        given[first] = random_cotangent(m, out, f"d{first}", first)
        pairs.append((out, snapshot(given[first])))
    return pairs, given


def _ignored(
    m: Interpreter, layer: Instance, backward: UserFunction, out: Traced
) -> Upstream | None:
    """A cotangent that the backward pass has no way to read; None where it may read one after all."""
    kept = written(backward)
    read = [a for a in attributes(backward) if a not in kept and layer.cls.find(a) is None]
    if not kept or any(a not in layer.attributes for a in read):
        return None
    return [(out, random_cotangent(m, out, "upstream"))], {}
