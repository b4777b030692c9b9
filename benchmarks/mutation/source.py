"""A script as text and tree: where each expression stands, in which statement, in which scope."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

Place = tuple[int, int]
"""Start and end offset in the text."""
_OPERATIONS = ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp | ast.IfExp | ast.Lambda
_SIMPLE = ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.AnnAssign


@dataclass
class Source:
    """`text` and what is asked of it; the tree is Python's own."""

    text: str
    tree: ast.Module = field(init=False)
    parents: dict[ast.AST, ast.AST] = field(init=False)
    _named: dict[ast.AST, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)
        self.parents = {c: p for p in ast.walk(self.tree) for c in ast.iter_child_nodes(p)}

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts

    @cached_property
    def _lines(self) -> list[bytes]:
        return [line.encode() for line in self.text.split("\n")]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Start and end offset of a node, without parentheses around it."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._offset(node.lineno, node.col_offset)
        return start, self._offset(node.end_lineno, node.end_col_offset)

    def written(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node, as the author wrote it."""
        start, end = self.place(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """The text of a node that shall stand beside an operator: with parentheses if it needs them."""
        text = self.written(node)
        return f"({text})" if isinstance(node, _OPERATIONS) else text

    def instead(self, old: ast.expr, new: ast.expr) -> str:
        """The text of `new` where `old` stood: bare where nothing binds it, else as an operand."""
        parent = self.parents.get(old)
        free = isinstance(parent, ast.stmt | ast.Call | ast.keyword | ast.Tuple | ast.Dict)
        return self.written(new) if free else self.operand(new)

    def within(self, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
        """Every node of a kind, in the order of the text."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, kind)]
        yield from sorted(found, key=lambda n: (n.lineno, n.col_offset))  # type: ignore[attr-defined]

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node belongs to."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    @cached_property
    def simple(self) -> list[ast.stmt]:
        """The statements that compute something, in the order of the text."""
        return [node for node in self.within((ast.stmt,)) if isinstance(node, _SIMPLE)]

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements that a statement stands among."""
        for name in ("body", "orelse", "finalbody"):
            block = getattr(self.parents[statement], name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]

    def scope(self, node: ast.AST) -> ast.AST:
        """The function around a node, or the module."""
        while not isinstance(node, ast.FunctionDef | ast.Lambda | ast.Module):
            node = self.parents[node]
        return node

    def names(self, node: ast.AST) -> list[str]:
        """The variables that are set in the scope of `node`, functions and modules left out."""
        scope = self.scope(node)
        if scope not in self._named:
            self._named[scope] = self._set_in(scope)
        return self._named[scope]

    def _set_in(self, scope: ast.AST) -> list[str]:
        found = [
            n.id
            for n in ast.walk(scope)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        ]
        if isinstance(scope, ast.FunctionDef):
            found += [argument.arg for argument in scope.args.args]
        return [
            n for n in dict.fromkeys(found) if n not in vars(builtins) and n not in ("self", "_")
        ]

    def in_loop(self, node: ast.AST) -> bool:
        """Whether a node may run more than once: in a loop or in a function."""
        while not isinstance(node, ast.Module):
            node = self.parents[node]
            if isinstance(node, ast.For | ast.While | ast.FunctionDef):
                return True
        return False


def reads(node: ast.AST) -> set[str]:
    """The names that a node reads."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def sets(node: ast.AST) -> set[str]:
    """The names that a node sets, items and attributes by what they belong to."""
    found = set()
    for child in ast.walk(node):
        targets = child.targets if isinstance(child, ast.Assign) else []
        if isinstance(child, ast.AugAssign | ast.AnnAssign):
            targets = [child.target]
        for target in targets:
            found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    return found


def moves_itself(statement: ast.stmt) -> bool:
    """Whether a statement moves what it sets: `W -= step`, `W = W - step`, `w.sub_(step)`."""
    if isinstance(statement, ast.AugAssign):
        return isinstance(statement.op, ast.Add | ast.Sub)
    if isinstance(statement, ast.Assign):
        return bool(sets(statement) & reads(statement.value))
    called = (
        statement.value.func
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        else None
    )
    return isinstance(called, ast.Attribute) and called.attr in ("sub_", "add_")
