"""How one script writes its tensor algebra, read off the script's own text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

PRODUCTS = {
    "{a} @ {b}": r"[\w)\]] @ [\w(]",
    "{a}.dot({b})": r"(?<!\bnp)(?<!\bnumpy)(?<!\btorch)\.dot\(",
    "{module}dot({a}, {b})": r"\b(?:np|numpy)\.dot\(|(?<![.\w])dot\(",
    "{module}matmul({a}, {b})": r"\b(?:np|numpy|torch)\.matmul\(",
    "{a}.mm({b})": r"(?<!\btorch)\.mm\(",
    "{module}mm({a}, {b})": r"\btorch\.mm\(",
    "{a}.matmul({b})": r"(?<!\bnp)(?<!\bnumpy)(?<!\btorch)\.matmul\(",
}
TRANSPOSES = {
    "{a}.T": r"\.T\b",
    "{a}.t()": r"(?<!\btorch)\.t\(\)",
    "{module}transpose({a})": r"\b(?:np|numpy)\.transpose\(\w+\)",
    "{a}.transpose()": r"\.transpose\(\)",
    "{module}t({a})": r"\btorch\.t\(",
}
SUMS = {
    "{module}sum({a}{options})": r"\b(?:np|numpy|torch)\.sum\(|(?<![.\w])sum\(",
    "{a}.sum({options})": r"(?<!\bnp)(?<!\bnumpy)(?<!\btorch)\.sum\(",
}
ONLY_NUMPY = ("{a}.dot({b})", "{module}dot({a}, {b})", "{module}transpose({a})", "{a}.transpose()")
ONLY_TORCH = ("{a}.mm({b})", "{module}mm({a}, {b})", "{a}.matmul({b})", "{a}.t()", "{module}t({a})")
_MATRICES = re.compile(r"\b(?:np|numpy)\.(?:as)?mat(?:rix)?\(")
_BARE_MATRICES = re.compile(r"(?<![.\w])(?:as)?mat(?:rix)?\(")


@dataclass(frozen=True)
class Dialect:
    """The style of a script: templates over {a}, {b}, {options} and {module}.

    `module` is the prefix of functions, with its dot ("np.", "torch.", or empty where the script
    imports the names themselves); `library` is "numpy" or "torch". `matrices`: it makes `np.matrix`es, whose
    `*` is the matrix product.
    """

    library: str = "numpy"
    module: str = "np."
    product: str = "{a} @ {b}"
    transpose: str = "{a}.T"
    total: str = "{module}sum({a}{options})"
    matrices: bool = False

    @property
    def axis(self) -> str:
        """The keyword that names an axis."""
        return "dim" if self.library == "torch" else "axis"

    @property
    def keepdims(self) -> str:
        """The keyword that keeps reduced axes."""
        return "keepdim" if self.library == "torch" else "keepdims"

    @staticmethod
    @cache
    def from_source(text: str) -> Dialect:
        """The dialect that `text`, a Python source, uses most; the default where it shows none."""
        library = _library(text)
        plain = _as_np(text)
        product = _most_used(PRODUCTS, plain, library, "{a} @ {b}")
        return Dialect(
            library,
            _module(text, library),
            product,
            _most_used(TRANSPOSES, plain, library, "{a}.t()" if "mm(" in product else "{a}.T"),
            _most_used(SUMS, plain, library, _plain_sum(library)),
            library == "numpy" and _has_matrices(plain),
        )


def _plain_sum(library: str) -> str:
    return "{a}.sum({options})" if library == "torch" else "{module}sum({a}{options})"


def _library(text: str) -> str:
    aliases = [*re.findall(r"^\s*import torch as (\w+)", text, re.M), "torch"]
    torch_uses = len(re.findall(rf"\b(?:{'|'.join(aliases)})\.|\.(?:mm|clamp|t|view)\(", text))
    numpy_uses = len(re.findall(r"\b(?:np|numpy)\.|\.dot\(", text))
    return "torch" if torch_uses > numpy_uses else "numpy"


def _has_matrices(text: str) -> bool:
    bare = re.search(r"^\s*from numpy import", text, re.M) and _BARE_MATRICES.search(text)
    return bare is not None or _MATRICES.search(text) is not None


def _module(text: str, library: str) -> str:
    for pattern in (rf"^\s*import {library} as (\w+)", rf"^\s*import ({library})\b"):
        found = re.search(pattern, text, re.M)
        if found:
            return f"{found[1]}."
    if re.search(rf"^\s*from {library} import", text, re.M):
        return ""
    return "np." if library == "numpy" else "torch."


def _as_np(text: str) -> str:
    """The text with an unusual alias of either library replaced by the usual one."""
    for library, usual in (("numpy", "np"), ("torch", "torch")):
        found = re.search(rf"^\s*import {library} as (\w+)", text, re.M)
        if found and found[1] != usual:
            text = re.sub(rf"\b{found[1]}\.", f"{usual}.", text)
    return text


def _most_used(styles: dict[str, str], text: str, library: str, default: str) -> str:
    foreign = ONLY_TORCH if library == "numpy" else ONLY_NUMPY
    counts = {
        style: len(re.findall(pattern, text))
        for style, pattern in styles.items()
        if style not in foreign
    }
    best = max(counts, key=lambda style: (counts[style], style == default))
    return best if counts[best] else default
