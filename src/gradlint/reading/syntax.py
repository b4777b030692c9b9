"""The syntax tree that the rest of gradlint works on: small frozen nodes, each with its span.

libcst's tree keeps every blank and comma, which is right for reading and too much for interpreting
hundreds of variants of a script; `lowering` turns it into these nodes. Nodes compare by identity, so
a repair can say "this very expression, replaced by that one".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gradlint.model import Span
from gradlint.reading.sourcemap import SourceMap

NOWHERE = Span(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node:
    """Anything with a place in the user's file; `span` leaves enclosing parentheses out."""

    span: Span = NOWHERE


class Expr(Node):
    """An expression."""

    __slots__ = ()


class Stmt(Node):
    """A statement."""

    __slots__ = ()


Block = tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expr):
    """`id`, read or bound."""

    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expr):
    """A number, string, bytes, None, True, False or Ellipsis."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(Expr):
    """`value.attr`."""

    value: Expr
    attr: str


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Expr):
    """`lower:upper:step` between the brackets of a subscript."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Subscript(Expr):
    """`value[index]`."""

    value: Expr
    index: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Argument(Node):
    """One argument of a call; `star` is "", "*" or "**"."""

    value: Expr
    keyword: str | None = None
    star: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expr):
    """`func(args)`."""

    func: Expr
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BinOp(Expr):
    """`left op right`, arithmetic or bitwise."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class UnaryOp(Expr):
    """`op operand`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, eq=False)
class BoolOp(Expr):
    """`left and right`, `left or right`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Expr):
    """`left < comparators[0] ...`, with one of `ops` before each."""

    left: Expr
    ops: tuple[str, ...]
    comparators: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class IfExp(Expr):
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Starred(Expr):
    """`*value`."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Sequence(Expr):
    """A tuple, list or set display; `kind` is "tuple", "list" or "set"."""

    kind: str
    elements: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DictDisplay(Expr):
    """`keys` holds None where a mapping is unpacked with `**`."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Generator(Node):
    """One `for target in iter if ...` of a comprehension."""

    target: Expr
    iter: Expr
    conditions: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comprehension(Expr):
    """`kind` is "list", "set", "generator" or "dict" (then `key` is there)."""

    kind: str
    element: Expr
    generators: tuple[Generator, ...]
    key: Expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Node):
    """One parameter of a function; `star` is "", "*" or "**"."""

    name: str
    default: Expr | None = None
    star: str = ""
    keyword_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(Expr):
    """`lambda params: body`."""

    params: tuple[Parameter, ...]
    body: Expr


@dataclass(frozen=True, slots=True, eq=False)
class FormattedString(Expr):
    """An f-string or a concatenation of strings; `parts` are its literal texts and the expressions."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NamedExpr(Expr):
    """`target := value`."""

    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Yield(Expr):
    """`yield value`; the value of `yield from` is starred."""

    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class UnknownExpr(Expr):
    """A construct that the interpreter does not follow; `what` names it for the reader."""

    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Assign(Stmt):
    """`targets[0] = ... = value`."""

    targets: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Declaration(Stmt):
    """`target: annotation`, without a value: a field of a dataclass."""

    target: Expr


@dataclass(frozen=True, slots=True, eq=False)
class AugAssign(Stmt):
    """`target op= value`."""

    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class ExprStmt(Stmt):
    """An expression that stands alone."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class If(Stmt):
    """`if test: body else: orelse`."""

    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True, eq=False)
class For(Stmt):
    """`for target in iter: body else: orelse`."""

    target: Expr
    iter: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True, eq=False)
class While(Stmt):
    """`while test: body else: orelse`."""

    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True, eq=False)
class With(Stmt):
    """`with item as target: body` for each (item, target) pair."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class FunctionDef(Stmt):
    """`def name(params): body`."""

    name: str
    params: tuple[Parameter, ...]
    body: Block
    decorators: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ClassDef(Stmt):
    """`class name(bases): body`."""

    name: str
    bases: tuple[Expr, ...]
    body: Block
    decorators: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Return(Stmt):
    """`return value`."""

    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Raise(Stmt):
    """`raise value`."""

    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Assert(Stmt):
    """`assert test`."""

    test: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Delete(Stmt):
    """`del targets`."""

    targets: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scope(Stmt):
    """A `global` or `nonlocal` declaration."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Import(Stmt):
    """`import module as name` for each pair; `name` binds the first part of a dotted path if plain."""

    names: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ImportFrom(Stmt):
    """`from module import name as alias`; a name of "*" is a star import; `level` counts the dots."""

    module: str
    names: tuple[tuple[str, str | None], ...]
    level: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Try(Stmt):
    """`try`, with the name and the block of each handler."""

    body: Block
    handlers: tuple[tuple[str | None, Block], ...]
    orelse: Block
    finalbody: Block


@dataclass(frozen=True, slots=True, eq=False)
class Flow(Stmt):
    """`pass`, `break` or `continue`."""

    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class UnknownStmt(Stmt):
    """A statement that the interpreter does not follow; `binds` are the names that it may set."""

    what: str
    binds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A whole script with its text.

    `others` are the user's own modules that were read for its imports, by path: the spans in them
    name that path as their file. None stands for a file that cannot be read. `roots` and `places`
    remember where modules are looked up and were found, or that they are not there.
    `python2`: `/` between two integers drops the remainder. `origin` leads from `text`, which is the
    analysed one, back to the user's file.
    """

    path: str
    text: str
    body: Block
    others: dict[str, Module | None] = field(default_factory=dict, kw_only=True)
    roots: list[str] = field(default_factory=list, kw_only=True)
    places: dict[tuple[str, ...], str | None] = field(default_factory=dict, kw_only=True)
    python2: bool = field(default=False, kw_only=True)
    origin: SourceMap = field(default_factory=SourceMap, kw_only=True)

    def files(self) -> Iterator[Module]:
        """The script and all modules that it imports."""
        yield self
        yield from (other for other in self.others.values() if other is not None)

    @property
    def everything(self) -> Block:
        """The statements of the script and of all modules that it imports."""
        return tuple(statement for file in self.files() for statement in file.body)

    def text_of(self, file: str) -> str:
        """The text of the file that a span names."""
        other = self.others.get(file) if file else self
        return "" if other is None else other.text

    def line_at(self, span: Span) -> str:
        """The first line of `span`, without its line end."""
        lines = _lines(self.text_of(span.file))
        return lines[span.line - 1].splitlines()[0] if 0 < span.line <= len(lines) else ""

    def excerpt(self, span: Span) -> str:
        """The text of `span`."""
        lines = list(_lines(self.text_of(span.file))[span.line - 1 : span.end_line])
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "".join(lines)


@lru_cache(maxsize=16)
def _lines(text: str) -> tuple[str, ...]:
    """The lines of a text, with their ends."""
    return tuple(text.splitlines(keepends=True))
