"""The statements of a block taken back in the opposite order, loops as loops."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from gradlint.composing.program import Assignment, Program
from gradlint.composing.reversing.local import Local
from gradlint.composing.reversing.moments import Moment, Moments, is_place, scopes_of
from gradlint.composing.reversing.scopes import Scopes, binds, carried, changes
from gradlint.composing.target import Underivable
from gradlint.ops import Dialect, Writer
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Traced

_INDENT = "    "
_LOST = "{} is overwritten in each round of the loop: keep its values, one for each round"


@dataclass(eq=False)
class Reverse:
    """Writes the backward pass of the block that the loss of `program` is stored in.

    `live` are the names of gradients that hold something at the point that the writing has come to; `local`
    are, for each block around it, the names that are made anew in each of its rounds.
    """

    program: Program
    live: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    ones: set[str] = field(default_factory=set)
    places: dict[str, tuple[str, Any]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def module(self) -> s.Module:
        return self.program.goal.module

    @cached_property
    def scopes(self) -> Scopes:
        return scopes_of(self.program.aim)

    @cached_property
    def moments(self) -> Moments:
        return Moments(self.program.aim, self.scopes)

    @cached_property
    def writer(self) -> Writer:
        return Writer(Dialect.from_source(self.module.text), size_name=self.program.sizes.get)

    def lines(self) -> list[str]:
        """All statements, indented as they stand to one another.

        Raises:
            Underivable: one of the forward pass cannot be taken back.
        """
        loss = self._gradient(self.program.aim.target.loss)
        self.live.add(loss)
        self.ones.add(loss)
        found = self._block(self.scopes.block, frozenset())
        missing = [p for p in self.program.goal.parameters if p not in self.parameters]
        if missing:
            raise Underivable(f"the gradient of {missing[0]} has no short written form")
        return found

    def made(self) -> list[Assignment]:
        """The names of the gradients of the parameters, once the lines are there."""
        return [Assignment(name, "", place) for place, name in self.parameters.items()]

    # Blocks

    def _block(self, block: s.Block, local: frozenset[str]) -> list[str]:
        found: list[str] = []
        rest = list(block)
        while rest:
            statement = rest.pop()
            found += self._statement(statement, local)
        return found

    def _statement(self, statement: s.Stmt, local: frozenset[str]) -> list[str]:
        if not any(self.moments.of(n) for n in _simple(statement)):
            return self._unless_hidden(statement)
        match statement:
            case s.For(orelse=()):
                return self._loop(statement, local)
            case s.If():
                return self._branches(statement, local)
            case s.Assign() | s.AugAssign():
                return [
                    line
                    for one in reversed(self.moments.of(statement))
                    for line in self._taken_back(one, local)
                ]
        raise Underivable(f"this is not taken back ({statement.span.told})")

    def _unless_hidden(self, statement: s.Stmt) -> list[str]:
        """Nothing, for a statement that is not on the way to the loss.

        Raises:
            Underivable: it keeps or makes what is, in a way that is not followed.
        """
        for node in descend((statement,)):
            match node:
                case s.Call(func=s.Attribute(value=s.Name() as kept, attr="append"), args=(one,)):
                    value = self.moments.value(one.value)
                    if isinstance(value, Traced) and self.moments.active(value.id):
                        told = f"{kept.id}.append is not taken back: make it before the loop, set its items"
                        raise Underivable(f"{told} ({node.span.told})")
        return []

    # One statement

    def _taken_back(self, moment: Moment, local: frozenset[str]) -> list[str]:
        target = self._place(moment.target)
        if target is None or target[0] not in self.live:
            return []
        g = "1" if target[0] in self.ones else target[0] + target[1]
        lines, before = self._before_activation(moment, g)
        texts = [(expr, self._handed(moment, node, g, before)) for expr, node in moment.reads]
        own = self._own(moment, g)
        again = [(e, t) for e, t in texts if self._same(e, moment.target)]
        for expr, text in texts:
            if not self._same(expr, moment.target):
                lines += self._added(expr, text, local)
        if own is not None:
            lines += [] if own == g else self._set(target, own)
        elif again:
            lines += self._set(target, " + ".join(text for _, text in again))
        elif isinstance(moment.target, s.Name):
            self.live.discard(target[0])
        return lines

    def _set(self, target: tuple[str, str], text: str) -> list[str]:
        self.ones.discard(target[0])
        return [f"{target[0]}{target[1]} = {text}"]

    def _own(self, moment: Moment, g: str) -> str | None:
        """What `w` of `w += ...` keeps of the gradient of the sum."""
        return None if moment.old is None else self._handed(moment, moment.old, g)

    def _before_activation(self, moment: Moment, g: str) -> tuple[list[str], dict[int, str]]:
        """The gradient of what an activation was taken of, if more than one tensor needs it."""
        local = self._local(moment)
        taken_of = [n for n, slope in local.slopes.items() if slope.made == moment.out]
        before = min(taken_of, default=None)
        if before is None or before in local.read or len(moment.reads) < 2:
            return [], {}
        text = self._handed(moment, before, g)
        base = _base(moment.target)
        name = self.program.naming.before("it" if base is None else base.id)
        return [f"{name} = {text}"], {before: name}

    def _local(self, moment: Moment) -> Local:
        read = [n for _, n in moment.reads] + ([moment.old] if moment.old is not None else [])
        return Local(
            self.program.goal.trace, self.writer, moment.start, moment.out, frozenset(read),
            self._names(moment), self.program.sizes,
        )  # fmt: skip

    def _handed(
        self, moment: Moment, node: int, g: str, before: Mapping[int, str] = MappingProxyType({})
    ) -> str:
        found = self._local(moment).handed_to(node, g, before)
        if found is None or "\0" in found:
            raise Underivable(self._why_not(moment))
        return found

    def _why_not(self, moment: Moment) -> str:
        where = moment.statement.span.told
        loops = self.scopes.around[id(moment.statement)]
        inner = next((n for n in self.scopes.statements if loops and id(n) == loops[-1]), None)
        lost = carried(inner.body) if isinstance(inner, s.For) else set()
        for expr in (moment.target, *(e for e, _ in moment.reads)):
            if isinstance(expr, s.Name) and expr.id in lost:
                return f"{_LOST.format(expr.id)} ({where})"
        text = self.module.excerpt(moment.statement.span).splitlines()[0]
        return f"{text} has no short derivative ({where})"

    def _names(self, moment: Moment) -> dict[int, str]:
        """How the forward values around a statement can be called behind the block, nearest first."""
        found: dict[int, str] = {}
        for one in reversed(self.scopes.statements):
            if one.span.line > moment.statement.span.line or not self.scopes.sees(
                moment.statement, one
            ):
                continue
            for expr, is_target in _named(one):
                text = self.module.excerpt(expr.span)
                node = (
                    moment.out
                    if expr is moment.target
                    else self._node(expr, is_target, one, moment)
                )
                if node is not None and self._is_kept(expr, is_target, one):
                    found.setdefault(node, text)
        for node, name in self.program.names.items():
            found.setdefault(node, name)
        return found

    def _node(self, expr: s.Expr, is_target: bool, one: s.Stmt, moment: Moment) -> int | None:
        if not is_target:
            return self.moments.latest(expr, moment.out + 1)
        value = getattr(one, "value", None)
        if isinstance(one, s.Assign) and isinstance(value, s.Expr) and one.targets == (expr,):
            return self.moments.latest(value, moment.start)
        return None

    def _is_kept(self, expr: s.Expr, is_target: bool, one: s.Stmt) -> bool:
        base = _base(expr)
        if base is None:
            return False
        kept = self.scopes.is_last if is_target else self.scopes.is_kept
        return kept(base.id, one)

    # Gradients

    def _added(self, expr: s.Expr, text: str, local: frozenset[str]) -> list[str]:
        place = self._place(expr)
        if place is None:
            told = self.module.excerpt(expr.span)
            raise Underivable(f"the gradient of {told} has no place ({expr.span.told})")
        name, index = place
        base = self.places[name][0]
        self.touched.add(name)
        fresh = name not in self.live and (base in local or not local)
        self.live.add(name)
        if text == "1" and fresh and not index and self._zeros(name) == "0.0":
            self.ones.add(name)
            return []
        if not index:
            return [f"{name} = {text}" if fresh else f"{name} = {name} + {text}"
                    if not self._is_summed(base, local) else f"{name} += {text}"]  # fmt: skip
        lines = [f"{name} = {self._zeros(name)}"] if fresh else []
        if self._is_repeated(expr):
            inner = index[1:-1]
            module = self.writer.dialect.module
            return [*lines, f"{module}add.at({name}, {inner}, {text})"]
        return [*lines, f"{name}{index} += {text}"]

    def _is_summed(self, base: str, local: frozenset[str]) -> bool:
        """Whether a gradient was made as zeros of its own, so that it can be added to in place."""
        return bool(local) and base not in local

    def _is_repeated(self, expr: s.Expr) -> bool:
        """Whether an index is an array of integers, which may name an item twice."""
        if not isinstance(expr, s.Subscript):
            return False
        value = self.moments.value(expr.index)
        return (
            isinstance(value, Traced) and np.ndim(value.value) > 0
            and np.asarray(value.value).dtype.kind == "i"
        )  # fmt: skip

    def _place(self, expr: s.Expr) -> tuple[str, str] | None:
        """The name of the gradient of what `expr` is (an item of), and the index."""
        base: s.Expr = expr
        while isinstance(base, s.Subscript) and not self._is_item(base):
            base = base.value
        if not isinstance(base, s.Name | s.Attribute | s.Subscript):
            return None
        text = self.module.excerpt(base.span)
        name = self._gradient(text, base)
        return name, self.module.excerpt(expr.span)[len(text) :]

    def _is_item(self, expr: s.Subscript) -> bool:
        """Whether it is an item of a dictionary with a name of its own: `params["W1"]`."""
        return isinstance(expr.index, s.Constant) and isinstance(expr.index.value, str)

    def _gradient(self, text: str, base: s.Expr | None = None) -> str:
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
        self.places[name] = (text, value)
        return name

    def _zeros(self, name: str) -> str:
        base, value = self.places[name]
        like = f"{self.writer.dialect.module}zeros_like"
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
        found = {name for loop in loops for name in self._handed_on(loop)}
        places = [e for m in moments for e in (m.target, *(e for e, _ in m.reads))]
        return found - {b.id for e in places if (b := _base(e)) is not None and not self._is_row(e)}

    def _is_row(self, expr: s.Expr) -> bool:
        """Whether an expression is one item of a name, counted along the first axis."""
        if not isinstance(expr, s.Subscript) or not isinstance(expr.value, s.Name):
            return False
        value = self.moments.value(expr.index)
        number = value.value if isinstance(value, Traced) else value
        return isinstance(number, int | np.integer)

    def _same(self, one: s.Expr, other: s.Expr) -> bool:
        return self.module.excerpt(one.span) == self.module.excerpt(other.span)

    # Branches and loops

    def _branches(self, statement: s.If, local: frozenset[str]) -> list[str]:
        before, kept = set(self.live), self.touched
        self.touched = set()
        blocks = [
            self._branch(block, before, local) for block in (statement.body, statement.orelse)
        ]
        fresh = [n for n in self.touched if n not in before and self._is_begun(n, local)]
        self.live = before | self.touched
        self.touched |= kept
        test = self.module.excerpt(statement.test.span)
        lines = [f"{name} = {self._zeros(name)}" for name in sorted(fresh)]
        lines += [f"if {test}:", *_indented(blocks[0] or ["pass"])]
        return lines + (["else:", *_indented(blocks[1])] if blocks[1] else [])

    def _branch(self, block: s.Block, before: set[str], local: frozenset[str]) -> list[str]:
        self.live = set(before)
        inside = frozenset(
            name for n in descend(block) if isinstance(n, s.Stmt) for name in binds(n)
        )
        return self._block(block, inside | {""})

    def _is_begun(self, name: str, local: frozenset[str]) -> bool:
        """Whether a gradient that is first needed in an inner block is set to zeros right before it."""
        return not local or self.places[name][0] in local

    def _loop(self, loop: s.For, local: frozenset[str]) -> list[str]:
        again = carried(loop.body)
        anew = {name for n in _simple(loop) for name in binds(n)} - again | {""}
        before, kept = set(self.live), self.touched
        self.touched = set()
        body = self._guarded(loop.body, frozenset(anew))
        fresh = sorted(
            n for n in self.touched
            if n not in before and self.places[n][0] not in anew and self._is_begun(n, local)
        )  # fmt: skip
        self.live = before | {n for n in self.touched if self.places[n][0] not in anew}
        self.touched |= kept
        body = [*self._forward(loop, body, again), *body]
        lines = [f"{name} = {self._zeros(name)}" for name in fresh]
        return [*lines, f"for {self._header(loop, again)}:", *_indented(body)]

    def _guarded(self, body: s.Block, anew: frozenset[str]) -> list[str]:
        """The statements of a body taken back, those behind an `if ...: continue` where that is not so."""
        for k, one in enumerate(body):
            match one:
                case s.If(test=test, body=(s.Flow(kind="continue"),), orelse=()):
                    guard = f"if not ({self.module.excerpt(test.span)}):"
                    behind = self._guarded(body[k + 1 :], anew)
                    return [guard, *_indented(behind or ["pass"]), *self._block(body[:k], anew)]
        return self._block(body, anew)

    def _header(self, loop: s.For, again: set[str]) -> str:
        target, over = (self.module.excerpt(e.span) for e in (loop.target, loop.iter))
        if not again and not self._handed_on(loop):
            return f"{target} in {over}"
        plain = over.startswith("range(")
        return f"{target} in reversed({over if plain else f'list({over})'})"

    def _handed_on(self, loop: s.For) -> set[str]:
        """The names of which a round reads items that it, or another one, made."""
        made = {
            b.id
            for m in self._moments_in(loop)
            if (b := _base(m.target)) and not isinstance(m.target, s.Name)
        }
        read = (_base(e) for m in self._moments_in(loop) for e, _ in m.reads)
        return {b.id for b in read if b is not None} & made

    def _moments_in(self, loop: s.For) -> list[Moment]:
        return [m for n in _simple(loop) for m in self.moments.of(n)]

    def _forward(self, loop: s.For, lines: Sequence[str], again: set[str]) -> list[str]:
        """The statements of a round that have to be made again, since what they name was overwritten."""
        bound = {name for one in loop.body for name in _bound_here(one)}
        needed = _words(lines) & bound
        while True:
            chosen = [one for one in loop.body if changes(one) & needed & bound]
            more = {w for one in chosen for w in _words([self.module.excerpt(one.span)])} & bound
            if more <= needed:
                break
            needed |= more
        lost = sorted(needed & again)
        if lost:
            where = next(n for n in _simple(loop) if lost[0] in binds(n))
            raise Underivable(f"{_LOST.format(lost[0])} ({where.span.told})")
        return [line for one in chosen for line in self._text_of(one)]

    def _text_of(self, statement: s.Stmt) -> list[str]:
        span = statement.span
        text = self.module.text.splitlines()[span.line - 1 : span.end_line]
        return textwrap.dedent("\n".join(text)).splitlines()


def _simple(statement: s.Stmt) -> Iterator[s.Stmt]:
    return (n for n in descend((statement,)) if isinstance(n, s.Assign | s.AugAssign))


def _bound_here(statement: s.Stmt) -> set[str]:
    """The names that a statement of a body binds, but for those that only its own loops bind."""
    match statement:
        case s.For() | s.While():
            return set()
        case s.If(body=body, orelse=orelse):
            return {name for one in (*body, *orelse) for name in _bound_here(one)}
    return binds(statement)


def _named(statement: s.Stmt) -> Iterator[tuple[s.Expr, bool]]:
    """The names and items in a statement, and whether it makes them."""
    match statement:
        case s.Assign(targets=(target,), value=value):
            yield target, True
        case s.AugAssign(value=value):
            pass
        case _:
            return
    for node in descend((value,)):
        if isinstance(node, s.Name | s.Subscript | s.Attribute) and is_place(node):
            yield node, False


def _base(expr: s.Expr) -> s.Name | None:
    while isinstance(expr, s.Subscript | s.Attribute):
        expr = expr.value
    return expr if isinstance(expr, s.Name) else None


def _words(lines: Sequence[str]) -> set[str]:
    return {w for line in lines for w in re.findall(r"(?<![\w.])[^\W\d]\w*", line)}


def _indented(lines: Sequence[str]) -> list[str]:
    return [_INDENT + line for line in lines]
