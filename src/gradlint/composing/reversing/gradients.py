"""Where the gradients of a block are put: their names, what they begin as, and how they are added to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gradlint.composing.program import Program
from gradlint.composing.reversing.moments import Moment, Moments
from gradlint.composing.reversing.scopes import Scopes, assignments, base_of
from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.tracing import Traced


@dataclass(eq=False)
class Gradients:
    """Names the gradients of what the block in `scopes` reads, one for each name that it is (an item of).

    `places` are what each is the gradient of, as text and as a value; `parameters` the names of those that
    are wanted.
    """

    program: Program
    scopes: Scopes
    moments: Moments
    places: dict[str, tuple[str, Any]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def module(self) -> s.Module:
        """The script."""
        return self.program.goal.module

    @cached_property
    def dialect(self) -> Dialect:
        """The style of the script."""
        return Dialect.from_source(self.module.text)

    def base(self, name: str) -> str:
        """What a gradient is that of."""
        return self.places[name][0]

    def sum(self, expr: s.Expr, place: tuple[str, str], text: str) -> str:
        """The statement that adds `text` to an item, also where an index names it twice."""
        name, index = place
        if not self._is_repeated(expr):
            return f"{name}{index} += {text}"
        if self.dialect.library == "torch":
            if self._is_matrix(expr):
                return f"{name}.index_put_(({index[1:-1]},), {text}, accumulate=True)"
            return f"{name}.index_add_(0, {index[1:-1]}, {text})"
        return f"{self.dialect.module}add.at({name}, {index[1:-1]}, {text})"

    def _is_repeated(self, expr: s.Expr) -> bool:
        """Whether an index is an array of integers, which may name an item twice."""
        if not isinstance(expr, s.Subscript):
            return False
        value = self.moments.value(expr.index)
        return (
            isinstance(value, Traced) and np.ndim(value.value) > 0
            and np.asarray(value.value).dtype.kind == "i"
        )  # fmt: skip

    def _is_matrix(self, expr: s.Expr) -> bool:
        """Whether an index has several axes, or is several indices: `E[ids]` of rows of letters."""
        value = self.moments.value(expr.index) if isinstance(expr, s.Subscript) else None
        return not isinstance(value, Traced) or np.ndim(value.value) > 1

    def place(self, expr: s.Expr) -> tuple[str, str] | None:
        """The name of the gradient of what `expr` is (an item of), and the index."""
        base: s.Expr = expr
        while isinstance(base, s.Subscript) and not self._is_item(base):
            base = base.value
        if not isinstance(base, s.Name | s.Attribute | s.Subscript):
            return None
        text = self.module.excerpt(base.span)
        name = self.gradient(text, base)
        return name, self.module.excerpt(expr.span)[len(text) :]

    def _is_item(self, expr: s.Subscript) -> bool:
        """Whether it is an item of a dictionary with a name of its own: `params["W1"]`."""
        return isinstance(expr.index, s.Constant) and isinstance(expr.index.value, str)

    def gradient(self, text: str, base: s.Expr | None = None) -> str:
        """The name of the gradient of the place that is written `text`."""
        known = next((n for n, (place, _) in self.places.items() if place == text), None)
        if known is not None:
            return known
        value = None if base is None else self.moments.value(base)
        node = None if base is None else self.moments.last(base)
        root = self.program.roots.get(node) if node is not None else None
        place = text.replace('"', "'")
        name = self.program.naming.of(self.program.naming.known(root) or place)
        if root is not None or place in self.program.goal.parameters:
            self.parameters[root or place] = name
        for item in self.program.goal.parameters:
            if item.startswith(f"{place}[") and isinstance(value, list):
                self.parameters[item] = name + item[len(place) :]
        self.places[name] = (text, value)
        return name

    def zeros(self, name: str) -> str:
        """What a gradient that is added to begins as."""
        base, value = self.places[name]
        like = f"{self.dialect.module}zeros_like"
        if isinstance(value, dict):
            return f"{{k: {like}(v) for k, v in {base}.items()}}"
        if isinstance(value, list | tuple):
            return f"[{like}(v) for v in {base}]"
        if not isinstance(value, Traced) or value.is_python or np.shape(value.value) == ():
            return "0.0"
        if base in self.rows:
            return f"[{like}(v) for v in {base}]"
        return f"{like}({base})"

    @cached_property
    def rows(self) -> set[str]:
        """The arrays of which one round makes an item from that of another, all of them one by one.

        Their gradients are lists: added to in place, one array would look like a parameter that moves.
        """
        moments = [m for n in self.scopes.statements for m in self.moments.of(n)]
        loops = [n for n in self.scopes.statements if isinstance(n, s.For)]
        found = {name for loop in loops for name in self.handed_on(loop)}
        places = [e for m in moments for e in (m.target, *(e for e, _ in m.reads))]
        return found - {
            b.id for e in places if (b := base_of(e)) is not None and not self._is_row(e)
        }

    def _is_row(self, expr: s.Expr) -> bool:
        """Whether an expression is one item of a name, counted along the first axis."""
        if not isinstance(expr, s.Subscript) or not isinstance(expr.value, s.Name):
            return False
        value = self.moments.value(expr.index)
        number = value.value if isinstance(value, Traced) else value
        return isinstance(number, int | np.integer)

    def handed_on(self, loop: s.For) -> set[str]:
        """The names of which a round reads items that it, or another one, made."""
        made = {
            b.id
            for m in self._moments_in(loop)
            if (b := base_of(m.target)) and not isinstance(m.target, s.Name)
        }
        read = (base_of(e) for m in self._moments_in(loop) for e, _ in m.reads)
        return {b.id for b in read if b is not None} & made

    def _moments_in(self, loop: s.For) -> list[Moment]:
        return [m for n in assignments(loop) for m in self.moments.of(n)]
