"""`define` and `elementwise`: how a family module enters an op in the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Op, Sample
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.signature import REQUIRED, parse
from gradlint.ops.spelling import Spell, register
from gradlint.ops.writing import Text, Unwritable, Writer

Function = Callable[..., Any]


def define(
    name: str,
    evaluate: Function,
    *vjps: Function | None,
    torch: Function | None = None,
    spellings: Sequence[str | Spell] = (),
    operators: Sequence[str] = (),
    write: Sequence[Function | None] = (),
    primal: Function | None = None,
    samples: Sequence[Sample] = (),
    differentiable: bool = True,
    elementwise: bool = False,
    linear: bool = False,
    variadic: bool = False,
    view: bool = False,
) -> Op:
    """Enter one op in the table, with its spellings; `torch` defaults to the function of its name.

    Raises ValueError where the name or a spelling is taken.
    """
    if name in OPS:
        raise ValueError(f"the op {name} is defined twice")
    op = Op(
        name,
        _quiet(evaluate),
        evaluate,
        tuple(None if f is None else _quiet(f) for f in vjps),
        torch or (lambda T, *xs, **params: getattr(T, name)(*xs, **params)),
        tuple(write),
        primal or _primal_from(spellings),
        differentiable=differentiable,
        elementwise=elementwise,
        linear=linear,
        variadic=variadic,
        view=view,
        samples=tuple(samples),
    )
    OPS[name] = op
    register(op, spellings, operators)
    return op


def elementwise(name: str, evaluate: Function, *formulas: Function | None, **rest: Any) -> Op:
    """Enter an op whose VJP in each input is a formula `(m, g, out, *inputs, **params)`.

    The formula is used twice: with `m` numpy and arrays it is the VJP, with `m` a Writer and texts
    it is the VJP as written. Broadcasting is undone here. `write` replaces the texts where given.
    """
    rest.setdefault("write", [f and _written(f, i) for i, f in enumerate(formulas)])
    vjps = [f and _numeric(f, i) for i, f in enumerate(formulas)]
    return define(name, evaluate, *vjps, elementwise=True, **rest)


def step(name: str, evaluate: Function, **rest: Any) -> Op:
    """Enter an op whose derivative is zero almost everywhere, or that has none."""
    return define(name, evaluate, differentiable=False, **rest)


def _quiet(function: Function) -> Function:
    # At made-up points overflow and 0/0 are ordinary; the values show it, a warning would not help.
    def quiet(*args: Any, **params: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args, **params)

    return quiet


def _numeric(formula: Function, argnum: int) -> Function:
    def vjp(g: Any, out: Any, *inputs: Any, **params: Any) -> Any:
        return unbroadcast(formula(np, g, out, *inputs, **params), np.shape(inputs[argnum]))

    return vjp


def _written(formula: Function, argnum: int) -> Function:
    def write(w: Writer, g: Text, out: Text, *inputs: Text, **params: Any) -> Text:
        return w.unbroadcast(formula(w, g, out, *inputs, **params), out, argnum)

    return write


def infix(symbol: Function) -> Function:
    """The primal of a binary operator, from a function of two texts."""
    return lambda w, x, y, **params: symbol(x, y)


PREFIXES = {"numpy": ("np.", "ndarray."), "torch": ("torch.", "F.", "Tensor.")}


def _primal_from(spellings: Sequence[str | Spell]) -> Function | None:
    """Write the op as the first function or method of the dialect's library that can say it."""
    plain = [s for s in map(_signature, spellings) if "(" in s]

    def primal(w: Writer, *inputs: Text, **params: Any) -> Text:
        for prefix in PREFIXES[w.dialect.library]:
            for spelling in plain:
                if spelling.startswith(prefix):
                    text = _call(w, spelling, inputs, params)
                    if text is not None:
                        return text
        raise Unwritable("no spelling in this dialect")

    return primal if plain else None


def _signature(spelling: str | Spell) -> str:
    """The signature that says everything about a spelling, else nothing."""
    if isinstance(spelling, str):
        return spelling
    return spelling.signature if spelling.copies else ""


def _call(
    w: Writer, spelling: str, inputs: Sequence[Text], params: Mapping[str, Any]
) -> Text | None:
    """The call of that spelling, None where it has no word for one of the parameters."""
    path, _, rest = spelling.partition("(")
    head, _, name = path.partition(".")
    words, named, left = [], [], dict(params)
    texts = [x.text for x in inputs]
    for parameter in parse(rest.removesuffix(")")):
        if parameter.is_input:
            taken = len(texts) if parameter.spread or parameter.star else 1
            word, texts = ", ".join(texts[:taken]), texts[taken:]
            words.append(f"[{word}]" if parameter.spread else word)
        elif parameter.canonical in left:
            value = literal(left.pop(parameter.canonical))
            if value == "None" and parameter.default is not None:
                return None
            if parameter.default is REQUIRED:
                words.append(value)
            elif value != repr(parameter.default):
                named.append(f"{parameter.name}={value}")
        elif parameter.default is REQUIRED:
            return None
    if left or texts or "" in words:
        return None
    if head in ("ndarray", "Tensor"):
        return w.method(inputs[0], f"{name}({', '.join([*words[1:], *named])})")
    functions = w.dialect.module + ("nn.functional." if head == "F" else "")
    return Text(f"{functions}{name}({', '.join([*words, *named])})")


def literal(value: Any) -> str:
    """A parameter as Python writes it; raises Unwritable for an array or an infinity."""
    if isinstance(value, (bool, int, str, type(None))) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        return repr(value)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    raise Unwritable("a parameter that has no literal")
