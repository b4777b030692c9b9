"""The steps that a script has already: the names that they consume, and the rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradlint.claims.names import says_rate
from gradlint.composing.aim import Aim
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Traced


@dataclass(frozen=True, eq=False)
class Steps:
    """`consumed` are the names that steps take, by parameter; `statements` those that take no name.

    `containers` are the dictionaries that the names are items of.
    """

    consumed: dict[str, str]
    nameless: tuple[s.Stmt, ...]

    @property
    def containers(self) -> list[str]:
        """The dictionaries that the gradients are put into."""
        found = (name.partition("[")[0] for name in self.consumed.values() if "[" in name)
        return list(dict.fromkeys(found))


def steps_of(aim: Aim, module: s.Module) -> Steps:
    """What the script's steps take, from those that were followed and from those that could not be."""
    consumed: dict[str, str] = {}
    nameless: list[s.Stmt] = []
    names = [claim.name for claim in aim.case.claims]
    for claim in aim.case.claims:
        shared = names.count(claim.name) > 1  # dp of `w -= rate * dp * x`
        if shared or claim.name.startswith("step of") or not _is_place(claim.name):
            nameless += [update.statement for update in claim.updates]
        else:
            consumed[claim.place] = claim.name
    for place, name in _missing(aim, module):
        consumed.setdefault(place, name)
    return Steps(consumed, tuple(dict.fromkeys(nameless)))


def _is_place(name: str) -> bool:
    return name.isidentifier() or (name.endswith("']") and name.partition("[")[0].isidentifier())


def _missing(aim: Aim, module: s.Module) -> Iterator[tuple[str, str]]:
    """The names that steps take and nothing in the script makes."""
    bound = _bound(module)
    yield from _paired(aim, module, bound)
    for node in descend(module.body):
        target, value = _step(node)
        if target is None or value is None:
            continue
        names = [n for n in descend(value) if isinstance(n, s.Name) and n.id not in bound]
        for place in _places(module, target, aim):
            for name in names[:1]:
                yield place, _as_consumed(name, value, place)


def _paired(aim: Aim, module: s.Module, bound: set[str]) -> Iterator[tuple[str, str]]:
    """The names that stand beside parameters where a loop of steps goes over pairs of the two."""
    for node in descend(module.body):
        match node:
            case s.Sequence(elements=(place, s.Name(id=name))) if name not in bound:
                text = module.excerpt(place.span).replace('"', "'")
                if text in aim.goal.parameters:
                    yield text, name


def _step(node: s.Node) -> tuple[s.Expr | None, s.Expr | None]:
    match node:
        case s.AugAssign(op="-" | "+", target=target, value=value):
            return target, value
        case s.Assign(targets=(target,), value=s.BinOp(op="-" | "+", right=value)):
            return target, value
    return None, None


def _places(module: s.Module, target: s.Expr, aim: Aim) -> list[str]:
    """The parameters that a step moves: one, or those of a dictionary that it goes through."""
    text = module.excerpt(target.span).replace('"', "'")
    if text in aim.goal.parameters:
        return [text]
    if isinstance(target, s.Subscript) and isinstance(target.index, s.Name):
        base = module.excerpt(target.value.span)
        return [p for p in aim.goal.parameters if p.startswith(f"{base}[")]
    return []


def _as_consumed(name: s.Name, value: s.Expr, place: str) -> str:
    """`grads['W1']` where the step takes an item of `grads`, else the name."""
    items = (n for n in descend(value) if isinstance(n, s.Subscript) and n.value is name)
    return f"{name.id}[{place.partition('[')[2]}" if any(items) and "[" in place else name.id


def _bound(module: s.Module) -> set[str]:
    """All names that the script gives a value, or that Python has."""
    import builtins

    found = set(dir(builtins))
    for node in descend(module.body):
        match node:
            case s.Assign(targets=targets):
                found |= {n.id for t in targets for n in descend(t) if isinstance(n, s.Name)}
            case s.For(target=target):
                found |= {n.id for n in descend(target) if isinstance(n, s.Name)}
            case s.FunctionDef(name=name, params=params):
                found |= {name, *(p.name for p in params)}
            case s.ClassDef(name=name):
                found.add(name)
            case s.Import(names=names) | s.ImportFrom(names=names):
                found |= {(alias or name).partition(".")[0] for name, alias in names}
    return found


def rate_of(visible: dict[str, Traced]) -> str | None:
    """The name of a learning rate that can be seen, if there is one."""
    names = [
        place for place, tensor in visible.items()
        if place.isidentifier() and says_rate(place) and tensor.shape == ()
        and isinstance(tensor.value, float) and 0 < tensor.value < 10
    ]  # fmt: skip
    return min(names, key=lambda name: "rate" not in name and "lr" not in name, default=None)
