"""Calls of the script's own functions written out in their place, with names for what is computed inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gradlint.composing.restating.resolving import Called
from gradlint.composing.reversing.scopes import binds
from gradlint.composing.rewriting import Edit, rewritten
from gradlint.composing.target import Underivable
from gradlint.reading import syntax as s
from gradlint.reading.walking import children, descend

_INDENT = "    "
_PLACE = re.compile(r"[\w.]+(\[[\w.'\"-]+\])*")
_DEEPEST = 6
"""Functions within functions; what calls itself is not written out."""


@dataclass(eq=False)
class Inliner:
    """Writes statements of `module`; `called` are the calls to be written out, `held` the names in use."""

    module: s.Module
    called: Mapping[int, Called]
    held: set[str]
    depth: int = 0
    open: list[str] = field(default_factory=list)

    def block(self, block: Iterable[s.Stmt], names: Mapping[str, str]) -> list[str]:
        """The lines of some statements, with `names` for what is called otherwise here.

        Raises:
            Underivable: one of them has no place there.
        """
        return [line for one in block for line in self._statement(one, names)]

    def _statement(self, one: s.Stmt, names: Mapping[str, str]) -> list[str]:
        match one:
            case s.Assign() | s.AugAssign():
                return self._simple(one, names)
            case s.ExprStmt(value=s.Call(func=s.Attribute(attr="append"))):
                return self._simple(one, names)
            case s.For(target=target, iter=over, body=body, orelse=()):
                before: list[str] = []
                head = (
                    f"for {self._text(target, names, None)} in {self._text(over, names, before)}:"
                )
                return [*before, head, *self._indented(body, names)]
            case s.If(test=test, body=body, orelse=orelse):
                lines = [f"if {self._text(test, names, None)}:", *self._indented(body, names)]
                return lines + (["else:", *self._indented(orelse, names)] if orelse else [])
            case s.ExprStmt() | s.Assert() | s.Flow(kind="pass"):
                return []
        raise Underivable(f"this is not written out behind the loss ({one.span.told})")

    def _indented(self, block: s.Block, names: Mapping[str, str]) -> list[str]:
        return [_INDENT + line for line in self.block(block, names) or ["pass"]]

    def _simple(self, one: s.Stmt, names: Mapping[str, str]) -> list[str]:
        before: list[str] = []
        line = self._text(one, names, before)
        left, _, right = line.partition(" = ")
        return before if isinstance(one, s.Assign) and left == right else [*before, line]

    # Expressions

    def _text(self, node: s.Node, names: Mapping[str, str], before: list[str] | None) -> str:
        """A node as it is written here; calls are put into lines `before` it, or stay without those."""
        return rewritten(self.module, node, self._edits(node, names, before, node))

    def _edits(
        self, node: s.Node, names: Mapping[str, str], before: list[str] | None, above: s.Node
    ) -> Iterator[Edit]:
        match node:
            case s.Name(id=name) if name in names:
                yield node.span, names[name]
                return
            case s.Call() if before is not None and id(node) in self.called:
                result = self._inlined(node, names, before)
                alone = isinstance(above, s.Argument | s.Assign) or above is node
                yield node.span, result if alone or _PLACE.fullmatch(result) else f"({result})"
                return
            case s.Lambda() | s.Comprehension() | s.IfExp() | s.BoolOp():
                before = None
        for child in children(node):
            yield from self._edits(child, names, before, node)

    def _inlined(self, call: s.Call, names: Mapping[str, str], before: list[str]) -> str:
        """What a call gives, once the lines that compute it are `before`."""
        called = self.called[id(call)]
        if called.function.name in self.open or len(self.open) > _DEEPEST:
            raise Underivable(f"{called.function.name} calls itself ({call.span.told})")
        own = self._given(call, called, names, before)
        inner = _bound(called.body) - set(own)
        own |= {name: self._free(name) for name in sorted(inner) if name != self._this(called)}
        self.open.append(called.function.name)
        result = self._returned(called, own, before)
        self.open.pop()
        return result

    def _this(self, called: Called) -> str:
        return called.function.params[0].name if called.receives else ""

    def _returned(self, called: Called, own: Mapping[str, str], before: list[str]) -> str:
        *body, last = called.body
        if not isinstance(last, s.Return) or last.value is None:
            raise Underivable(f"{called.function.name} ends in no return ({last.span.told})")
        before += self.block(body, own)
        return self._text(last.value, own, before)

    def _given(
        self, call: s.Call, called: Called, names: Mapping[str, str], before: list[str]
    ) -> dict[str, str]:
        """What stands for each parameter: the argument if it is a place or number, else a name for it."""
        params = list(called.function.params)
        found: dict[str, str] = {}
        if called.receives:
            receiver = call.func.value if isinstance(call.func, s.Attribute) else call.func
            found[params.pop(0).name] = self._text(receiver, names, before)
        rebound = _bound(called.body)
        for name, value, here in self._arguments(call, params, names):
            text = self._text(value, names if here else {}, before if here else None)
            if _PLACE.fullmatch(text) and name not in rebound:
                found[name] = text
            else:
                found[name] = self._free(name)
                before.append(f"{found[name]} = {text}")
        return found

    def _arguments(
        self, call: s.Call, params: list[s.Parameter], names: Mapping[str, str]
    ) -> Iterator[tuple[str, s.Expr, bool]]:
        """The parameters with what they are given; whether that stands beside the call."""
        if any(a.star for a in call.args):
            raise Underivable(f"a call with * is not written out ({call.span.told})")
        plain = [a.value for a in call.args if a.keyword is None]
        named = {a.keyword: a.value for a in call.args if a.keyword is not None}
        for k, param in enumerate(params):
            if k < len(plain):
                yield param.name, plain[k], True
            elif param.name in named:
                yield param.name, named[param.name], True
            elif param.default is not None:
                yield param.name, param.default, False

    def _free(self, name: str) -> str:
        while name in self.held:
            name += "_"
        self.held.add(name)
        return name


def _bound(block: s.Block) -> set[str]:
    """The names that statements of a function give a value."""
    return {name for n in descend(block) if isinstance(n, s.Stmt) for name in binds(n)}


def names_in(block: Iterable[s.Node]) -> set[str]:
    """All names that stand in some nodes."""
    return {n.id for n in descend(tuple(block)) if isinstance(n, s.Name)}
