"""Right training scripts in many styles, made at random; and wrong ones by changing one token."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_SLOPES = {
    "tanh": ("(1 - {a} ** 2)", "(1 - {a} * {a})"),
    "sigmoid": ("{a} * (1 - {a})", "(1 - {a}) * {a}"),
    "relu": ("({a} > 0)", "({z} > 0)"),
}
_NUMPY = {
    "tanh": "np.tanh({z})", "sigmoid": "1 / (1 + np.exp(-{z}))", "relu": "np.maximum(0, {z})",
}  # fmt: skip
_TORCH = {
    "tanh": "torch.tanh({z})", "sigmoid": "torch.sigmoid({z})", "relu": "{z}.clamp(min=0)",
}  # fmt: skip
_LOSSES = {
    "sum": ("{sum}({e} ** 2)", "2 * {e}"),
    "half": ("0.5 * {sum}({e} ** 2)", "{e}"),
    "mean": ("{sum}({e} ** 2) / N", "2 * {e} / N"),
    "half mean": ("{sum}({e} ** 2) / (2 * N)", "{e} / N"),
    "mean half": ("0.5 * {sum}({e} ** 2) / N", "{e} / N"),
}


@dataclass(frozen=True)
class Style:
    """How a script is written: its products, layers, activations, loss and sign convention."""

    product: str = "@"
    activations: tuple[str, ...] = ("tanh",)
    bias: bool = True
    loss: str = "half"
    target_first: bool = False
    on_input: bool = False
    spelled_out: bool = False
    rate: str = "lr"

    @property
    def is_torch(self) -> bool:
        return self.product == ".mm"


def write_script(style: Style) -> str:
    """A training script with the right gradients, in a style."""
    return (
        "\n".join([*_head(style), "for step in range(3):", *_forward(style), *_backward(style)])
        + "\n"
    )


def _head(style: Style) -> list[str]:
    layers = range(1, len(style.activations) + 2)
    sizes = ["D", *(f"H{k}" for k in layers[:-1]), "K"]
    module, draw = (
        ("torch", "torch.randn") if style.is_torch else ("numpy as np", "np.random.randn")
    )
    zeros = "torch.zeros(1, {})" if style.is_torch else "np.zeros((1, {}))"
    lines = [f"import {module}", "N, D, H1, H2, K = 11, 4, 6, 5, 3", "lr = 0.01"]
    lines += [f"X = {draw}(N, D)", f"Y = {draw}(N, K)"]
    for k in layers:
        lines.append(f"W{k} = {draw}({sizes[k - 1]}, {sizes[k]})")
        if style.bias:
            lines.append(f"b{k} = {zeros.format(sizes[k])}")
    return lines


def _times(style: Style, left: str, right: str) -> str:
    """The matrix product in a style."""
    patterns = {
        "@": "{} @ {}", ".dot": "{}.dot({})", "np.dot": "np.dot({}, {})", ".mm": "{}.mm({})",
        "np.matmul": "np.matmul({}, {})",
    }  # fmt: skip
    return patterns[style.product].format(left, right)


def _turned(style: Style, name: str) -> str:
    return f"{name}.t()" if style.is_torch else f"{name}.T"


def _forward(style: Style) -> list[str]:
    lines, last = [], "X"
    functions = _TORCH if style.is_torch else _NUMPY
    for k, activation in enumerate(style.activations, 1):
        lines.append(f"    z{k} = {_affine(style, last, k)}")
        lines.append(f"    a{k} = {functions[activation].format(z=f'z{k}')}")
        last = f"a{k}"
    lines.append(f"    out = {_affine(style, last, len(style.activations) + 1)}")
    total = "torch.sum" if style.is_torch else "np.sum"
    error = "(Y - out)" if style.target_first else "(out - Y)"
    lines.append(f"    loss = {_LOSSES[style.loss][0].format(sum=total, e=error)}")
    return [*lines, "    print(step, loss)"]


def _affine(style: Style, last: str, k: int) -> str:
    return _times(style, last, f"W{k}") + (f" + b{k}" if style.bias else "")


def _backward(style: Style) -> list[str]:
    count = len(style.activations) + 1
    error = "(Y - out)" if style.target_first else "(out - Y)"
    lines = [f"    d{count} = {_LOSSES[style.loss][1].format(e=error)}"]
    for k in range(count, 0, -1):
        before = f"a{k - 1}" if k > 1 else "X"
        lines.append(f"    dW{k} = {_times(style, _turned(style, before), f'd{k}')}")
        if style.bias:
            lines.append(f"    db{k} = {_column_sum(style, f'd{k}')}")
        if k > 1:
            back = _times(style, f"d{k}", _turned(style, f"W{k}"))
            slope = _SLOPES[style.activations[k - 2]][style.on_input]
            slope = slope.format(a=f"a{k - 1}", z=f"z{k - 1}")
            lines.append(f"    d{k - 1} = {back} * {slope}")
    return lines + [_update(style, f"{p}{k}") for k in range(1, count + 1)
                    for p in ("W", "b")[: 1 + style.bias]]  # fmt: skip


def _column_sum(style: Style, name: str) -> str:
    if style.is_torch:
        return f"{name}.sum(dim=0, keepdim=True)"
    return f"np.sum({name}, axis=0, keepdims=True)"


def _update(style: Style, name: str) -> str:
    sign = "+" if style.target_first else "-"
    if style.spelled_out:
        return f"    {name} = {name} {sign} {style.rate} * d{name}"
    return f"    {name} {sign}= {style.rate} * d{name}"


def change_one_token(text: str, random_source: random.Random) -> str:
    """`text` with one token of its training loop changed to another of its kind."""
    start = text.index("print(step, loss)")
    head, tail = text[:start], text[start:]
    places = list(re.finditer(r"\b[a-zA-Z]+\d\b|[-+*>]|(?<![.\w])\d(?![.\w])|\.T\b|axis=0", tail))
    place = random_source.choice(places)
    return head + tail[: place.start()] + _other(place[0], random_source) + tail[place.end() :]


def _other(token: str, source: random.Random) -> str:
    swaps = {"-": "+", "+": "-", "*": "-", ">": "<", ".T": "", "axis=0": "axis=1"}
    if token in swaps:
        return swaps[token]
    if token.isdigit():
        return source.choice([d for d in "0123" if d != token])
    stem = source.choice(("a", "d", "W", "z", "dW", "b", "db"))
    return stem + source.choice("123")
