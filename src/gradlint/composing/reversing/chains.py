"""What a statement hands on, in the names that there are behind its block; or why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from gradlint.composing.program import Program
from gradlint.composing.reversing.local import Local
from gradlint.composing.reversing.moments import Moment, Moments, is_place
from gradlint.composing.reversing.scopes import Scopes, base_of, carried
from gradlint.composing.target import Underivable
from gradlint.deriving.expressions import UNKNOWN
from gradlint.ops import Dialect, Writer
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

LOST = "{} is overwritten in each round of the loop: keep its values, one for each round"


@dataclass(frozen=True, eq=False)
class Chain:
    """Writes the derivatives of single statements of `scopes`."""

    program: Program
    scopes: Scopes
    moments: Moments

    @cached_property
    def writer(self) -> Writer:
        text = self.program.goal.module.text
        return Writer(Dialect.from_source(text), size_name=self.program.sizes.get)

    def before_activation(self, moment: Moment, g: str) -> tuple[list[str], dict[int, str]]:
        """The gradient of what an activation was taken of, if more than one tensor needs it."""
        local = self._local(moment)
        taken_of = [n for n, slope in local.slopes.items() if slope.made == moment.out]
        before = min(taken_of, default=None)
        if before is None or before in local.read or len(moment.reads) < 2:
            return [], {}
        text = self.handed(moment, before, g)
        base = base_of(moment.target)
        name = self.program.naming.before("it" if base is None else base.id)
        return [f"{name} = {text}"], {before: name}

    def _local(self, moment: Moment) -> Local:
        read = [n for _, n in moment.reads] + ([moment.old] if moment.old is not None else [])
        return Local(
            self.program.goal.trace, self.writer, moment.start, moment.out, frozenset(read),
            self._names(moment), self.program.sizes,
        )  # fmt: skip

    def handed(
        self, moment: Moment, node: int, g: str, before: Mapping[int, str] = MappingProxyType({})
    ) -> str:
        """What is added to the gradient of `node`, where that of what was made is `g`.

        `before` are the names of gradients on the way.

        Raises:
            Underivable: it has no short form.
        """
        found = self._local(moment).handed_to(node, g, before)
        if found is None or UNKNOWN in found:
            raise Underivable(self._why_not(moment))
        return found

    def _why_not(self, moment: Moment) -> str:
        where = moment.statement.span.told
        loops = self.scopes.around[id(moment.statement)]
        inner = next((n for n in self.scopes.statements if loops and id(n) == loops[-1]), None)
        lost = carried(inner.body) if isinstance(inner, s.For) else set()
        for expr in (moment.target, *(e for e, _ in moment.reads)):
            if isinstance(expr, s.Name) and expr.id in lost:
                return f"{LOST.format(expr.id)} ({where})"
        text = self.program.goal.module.excerpt(moment.statement.span).splitlines()[0]
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
                text = self.program.goal.module.excerpt(expr.span)
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
            return self.moments.latest(expr, max(moment.start, moment.out))
        value = getattr(one, "value", None)
        if isinstance(one, s.Assign) and isinstance(value, s.Expr) and one.targets == (expr,):
            return self.moments.latest(value, moment.start)
        return None

    def _is_kept(self, expr: s.Expr, is_target: bool, one: s.Stmt) -> bool:
        base = base_of(expr)
        if base is None:
            return False
        kept = self.scopes.is_last if is_target else self.scopes.is_kept
        return kept(base.id, one)


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
