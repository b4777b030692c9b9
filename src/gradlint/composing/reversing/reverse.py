"""The statements of a block taken back in the opposite order, loops as loops."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gradlint.composing.program import Assignment, Program
from gradlint.composing.reversing.chains import LOST, Chain
from gradlint.composing.reversing.gradients import Gradients
from gradlint.composing.reversing.moments import Moment, Moments, scopes_of
from gradlint.composing.reversing.scopes import (
    Scopes,
    assignments,
    base_of,
    binds,
    bound_here,
    carried,
    changes,
    words,
)
from gradlint.composing.target import Underivable
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Traced

_INDENT = "    "


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
    def chain(self) -> Chain:
        return Chain(self.program, self.scopes, self.moments)

    @cached_property
    def gradients(self) -> Gradients:
        return Gradients(self.program, self.scopes, self.moments)

    def lines(self) -> list[str]:
        """All statements, indented as they stand to one another.

        Raises:
            Underivable: one of the forward pass cannot be taken back.
        """
        loss = self.gradients.gradient(self.program.aim.target.loss)
        self.live.add(loss)
        self.ones.add(loss)
        found = self._block(self.scopes.block, frozenset())
        missing = [p for p in self.program.goal.parameters if p not in self.gradients.parameters]
        if missing:
            raise Underivable(f"the gradient of {missing[0]} has no short written form")
        return found

    def made(self) -> list[Assignment]:
        """The names of the gradients of the parameters, once the lines are there."""
        return [Assignment(name, "", place) for place, name in self.gradients.parameters.items()]

    # Blocks

    def _block(self, block: s.Block, local: frozenset[str]) -> list[str]:
        found: list[str] = []
        rest = list(block)
        while rest:
            statement = rest.pop()
            found += self._statement(statement, local)
        return found

    def _statement(self, statement: s.Stmt, local: frozenset[str]) -> list[str]:
        if not any(self.moments.of(n) for n in assignments(statement)):
            return self._cleared(statement) or self._unless_hidden(statement)
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

    def _cleared(self, statement: s.Stmt) -> list[str]:
        """`dout[mask] = 0` for `out[mask] = 0`: what was there before has no gradient."""
        match statement:
            case s.Assign(targets=(s.Subscript(value=base) as target,)) if self.moments.active(
                self.moments.last(base)
            ):
                place = self.gradients.place(target)
                if place is not None and place[0] in self.live:
                    return self._set(place, "0")
        return []

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
        target = self.gradients.place(moment.target)
        if target is None or target[0] not in self.live:
            return []
        g = "1" if target[0] in self.ones else target[0] + target[1]
        lines, before = self.chain.before_activation(moment, g)
        texts = [(expr, self.chain.handed(moment, node, g, before)) for expr, node in moment.reads]
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
        return None if moment.old is None else self.chain.handed(moment, moment.old, g)

    # Gradients

    def _added(self, expr: s.Expr, text: str, local: frozenset[str]) -> list[str]:
        place = self.gradients.place(expr)
        if place is None:
            told = self.module.excerpt(expr.span)
            raise Underivable(f"the gradient of {told} has no place ({expr.span.told})")
        name, index = place
        base = self.gradients.base(name)
        self.touched.add(name)
        fresh = name not in self.live and (base in local or not local)
        self.live.add(name)
        if text == "1" and fresh and not index and self.gradients.zeros(name) == "0.0":
            self.ones.add(name)
            return []
        if not index:
            return [f"{name} = {text}" if fresh else f"{name} = {name} + {text}"
                    if not self._is_summed(base, local) else f"{name} += {text}"]  # fmt: skip
        lines = [f"{name} = {self.gradients.zeros(name)}"] if fresh else []
        return [*lines, self.gradients.sum(expr, place, text)]

    def _is_summed(self, base: str, local: frozenset[str]) -> bool:
        """Whether a gradient was made as zeros of its own, so that it can be added to in place."""
        return bool(local) and base not in local

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
        lines = [f"{name} = {self.gradients.zeros(name)}" for name in sorted(fresh)]
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
        return not local or self.gradients.base(name) in local

    def _loop(self, loop: s.For, local: frozenset[str]) -> list[str]:
        again = carried(loop.body)
        anew = {name for n in assignments(loop) for name in binds(n)} - again | {""}
        before, kept = set(self.live), self.touched
        self.touched = set()
        self.live |= self._from_later_rounds(loop)
        body = self._guarded(loop.body, frozenset(anew))
        fresh = sorted(
            n for n in self.touched
            if n not in before and self.gradients.base(n) not in anew and self._is_begun(n, local)
        )  # fmt: skip
        self.live = before | {n for n in self.touched if self.gradients.base(n) not in anew}
        self.touched |= kept
        if not body:
            return []
        body = [*self._forward(loop, body, again), *body]
        lines = [f"{name} = {self.gradients.zeros(name)}" for name in fresh]
        return [*lines, f"for {self._header(loop, again)}:", *_indented(body)]

    def _from_later_rounds(self, loop: s.For) -> set[str]:
        """The gradients of the arrays and lists of which a round makes an item that a later one reads."""
        over = self.gradients.handed_on(loop)
        moments = [m for n in assignments(loop) for m in self.moments.of(n)]
        read = [e for m in moments for e, _ in m.reads if (b := base_of(e)) and b.id in over]
        places = [self.gradients.place(e) for e in read]
        return {place[0] for place in places if place is not None}

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
        if not again and not self.gradients.handed_on(loop):
            return f"{target} in {over}"
        plain = over.startswith("range(")
        return f"{target} in reversed({over if plain else f'list({over})'})"

    def _forward(self, loop: s.For, lines: Sequence[str], again: set[str]) -> list[str]:
        """The statements of a round that have to be made again, since what they name was overwritten."""
        bound = {name for one in loop.body for name in bound_here(one)}
        needed = words(lines) & bound
        while True:
            chosen = [one for one in loop.body if changes(one) & needed & bound]
            more = {w for one in chosen for w in words([self.module.excerpt(one.span)])} & bound
            if more <= needed:
                break
            needed |= more
        lost = sorted(needed & again)
        if lost:
            where = next(n for n in assignments(loop) if lost[0] in binds(n))
            raise Underivable(f"{LOST.format(lost[0])} ({where.span.told})")
        return [line for one in chosen for line in self._text_of(one)]

    def _text_of(self, statement: s.Stmt) -> list[str]:
        span = statement.span
        text = self.module.text.splitlines()[span.line - 1 : span.end_line]
        return textwrap.dedent("\n".join(text)).splitlines()


def _indented(lines: Sequence[str]) -> list[str]:
    return [_INDENT + line for line in lines]
