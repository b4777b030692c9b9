"""Two names for one array, of which one is changed in place: `h = a; h *= mask` changes `a` as well."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import method
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text

_COST = 0.9


@proposes_beyond
def shared_array(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A copy where a second name is given to an array that is then changed in place."""
    if statement is not scene.suspects[0]:
        return
    for body in _bodies(scene):
        changed = _changed(body)
        for one in body:
            match one:
                case s.Assign(targets=(s.Name() | s.Attribute() as target,), value=value):
                    names = {text(target), text(value)}
                    if isinstance(value, s.Name | s.Attribute) and not names.isdisjoint(changed):
                        yield _copied(scene, one, value, text(target), changed)


@proposes_beyond
def argument_changed(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`d = d * mask` for `d *= mask` where `d` belongs to who called the function."""
    if statement is not scene.suspects[0]:
        return
    functions = [n for n in descend(scene.module.everything) if isinstance(n, s.FunctionDef)]
    for function in functions:
        handed = {p.name for p in function.params}
        for one in descend(function.body):
            match one:
                case s.AugAssign(target=s.Name(id=name) as target, op=op, value=value):
                    if name in handed:
                        new = s.Assign((target,), s.BinOp(op, target, value), span=one.span)
                        said = (
                            f"{op}= changes {name} in place, which whoever called {function.name}() "
                            f"still uses"
                        )
                        yield Candidate("GL119", one.span, said, _COST, ((one, new),))


def _bodies(scene: Scene) -> Iterator[list[s.Stmt]]:
    """The statements of each function, and those outside of functions, in the order of the text."""
    functions = [n for n in descend(scene.module.everything) if isinstance(n, s.FunctionDef)]
    inside: set[int] = set()
    for function in functions:
        body = [n for n in descend(function.body) if isinstance(n, s.Stmt)]
        inside |= {id(one) for one in body}
        yield body
    for file in scene.module.files():
        whole = (n for n in descend(file.body) if isinstance(n, s.Stmt))
        yield [one for one in whole if id(one) not in inside]


def _changed(body: list[s.Stmt]) -> dict[str, s.Stmt]:
    """The names whose array is changed in place, with the last statement that does."""
    found: dict[str, s.Stmt] = {}
    for one in body:
        targets: tuple[s.Expr, ...] = (one.target,) if isinstance(one, s.AugAssign) else ()
        if isinstance(one, s.Assign):
            targets = tuple(t for t in one.targets if isinstance(t, s.Subscript))
        for target in targets:
            while isinstance(target, s.Subscript):
                target = target.value
            found[text(target)] = one
    return found


def _copied(
    scene: Scene, one: s.Assign, value: s.Expr, target: str, changed: dict[str, s.Stmt]
) -> Candidate:
    source = text(value)
    by = changed.get(target) or changed[source]
    copy = method(value, "clone" if scene.dialect.library == "torch" else "copy")
    said = (
        f"{target} and {source} are one array from here on, and {by.span.told} changes it in place: "
        f"one of them is needed as it was"
    )
    return Candidate("GL119", value.span, said, _COST, ((value, copy),))
