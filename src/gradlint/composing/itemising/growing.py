"""Which lists a loop makes longer by one item in each round, and how its statements read their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradlint.composing.reversing.scopes import binds
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


@dataclass(frozen=True, slots=True, eq=False)
class Growing:
    """The list `name`, which is `begun` as a display of `length` items and gets one more by `append`.

    `ends` are the items that are counted from its end in the loop: `states[-1]`, with how far back they are.
    """

    name: str
    begun: s.Sequence
    append: s.Call
    ends: tuple[tuple[s.Subscript, int], ...]

    @property
    def length(self) -> int:
        """The number of items before the loop."""
        return len(self.begun.elements)


def growing(before: s.Block, loop: s.For, rest: s.Block) -> Iterator[Growing]:
    """The lists that `loop`, behind the statements `before` of its block, appends to once in each round.

    `rest` is the block around all of them, in which nothing else may make the lists longer.
    """
    if any(isinstance(n, s.Flow) and n.kind != "pass" for n in descend(loop.body)):
        return
    for statement in loop.body:
        call = _append(statement)
        name = None if call is None else _list_of(call)
        begun = None if name is None else _begun(before, name)
        if call is None or name is None or begun is None or len(_appends(rest, name)) != 1:
            continue
        ends = _ends(loop.body, name, call)
        if ends is not None:
            yield Growing(name, begun, call, ends)


def _append(statement: s.Node) -> s.Call | None:
    match statement:
        case s.ExprStmt(value=s.Call(func=s.Attribute(attr="append"), args=(_,)) as call):
            return call
    return None


def _list_of(call: s.Call) -> str | None:
    match call.func:
        case s.Attribute(value=s.Name(id=name)):
            return name
    return None


def _appends(block: s.Block, name: str) -> list[s.Call]:
    """The calls that may make a list longer or shorter."""
    return [
        n for n in descend(block)
        if isinstance(n, s.Call) and isinstance(n.func, s.Attribute) and _list_of(n) == name
        and n.func.attr in ("append", "insert", "extend", "pop", "remove")
    ]  # fmt: skip


def _begun(before: Sequence[s.Stmt], name: str) -> s.Sequence | None:
    """The display that a name was last given in a block."""
    made = next((one for one in reversed(before) if name in binds(one)), None)
    match made:
        case s.Assign(targets=(s.Name(),), value=s.Sequence(kind="list") as value):
            return value
        case s.Assign(
            targets=(s.Sequence(elements=targets),), value=s.Sequence(elements=values)
        ) if len(targets) == len(values):
            pairs = zip(targets, values, strict=True)
            given = next((v for t, v in pairs if isinstance(t, s.Name) and t.id == name), None)
            return given if isinstance(given, s.Sequence) and given.kind == "list" else None
    return None


def _ends(body: s.Block, name: str, append: s.Call) -> tuple[tuple[s.Subscript, int], ...] | None:
    """The items of a list that are counted from its end; None where it is read in another way."""
    found: list[tuple[s.Subscript, int]] = []
    known = {id(append.func.value)} if isinstance(append.func, s.Attribute) else set()
    for node in descend(body):
        match node:
            case s.Subscript(value=s.Name(id=base), index=index) if base == name:
                known.add(id(node.value))
                if isinstance(index, s.Constant) and isinstance(index.value, int):
                    if index.value >= 0:
                        continue
                    found.append((node, -index.value))
    others = (n for n in descend(body) if isinstance(n, s.Name) and n.id == name)
    return None if any(id(n) not in known for n in others) else tuple(found)
