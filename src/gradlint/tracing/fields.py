"""The `__init__` that `@dataclass` writes for a class, from its fields."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from gradlint.reading import syntax as s


def is_dataclass(n: s.ClassDef) -> bool:
    """Whether `@dataclass`, or `@dataclass(...)`, stands over the class."""
    return any(_name(d) == "dataclass" for d in n.decorators)


@lru_cache(maxsize=256)
def initialiser(n: s.ClassDef) -> s.FunctionDef:
    """The `__init__` of the class; always the same nodes, by which its values are known again."""
    fields = list(_fields(n))
    params = tuple(s.Parameter(name, default) for name, default, _ in fields if name)
    body = [_set(n, name, made) for name, _, made in fields]
    if any(isinstance(x, s.FunctionDef) and x.name == "__post_init__" for x in n.body):
        call = s.Call(s.Attribute(s.Name("self"), "__post_init__"), (), span=n.span)
        body.append(s.ExprStmt(call, span=n.span))
    kept = tuple(
        p for p, (_, _, made) in zip(params, fields, strict=True) if made is None or p.default
    )
    return s.FunctionDef("__init__", (s.Parameter("self"), *kept), tuple(body), (), span=n.span)


def _set(n: s.ClassDef, name: str, made: s.Expr | None) -> s.Stmt:
    given: s.Expr = s.Name(name, span=n.span)
    if made is not None:
        missing = s.Compare(given, ("is",), (s.Constant(None),), span=n.span)
        given = s.IfExp(missing, made, given, span=n.span)
    return s.Assign((s.Attribute(s.Name("self"), name, span=n.span),), given, span=n.span)


def _fields(n: s.ClassDef) -> Iterator[tuple[str, s.Expr | None, s.Expr | None]]:
    """Each field with its default, and what makes a value for each object anew."""
    for statement in n.body:
        match statement:
            case s.Declaration(target=s.Name(id=name)):
                yield name, None, None
            case s.Assign(targets=(s.Name(id=name),), value=s.Call() as call) if (
                _name(call.func) == "field"
            ):
                yield _made(name, call)
            case s.Assign(targets=(s.Name(id=name),), value=value):
                yield name, value, None


def _made(name: str, call: s.Call) -> tuple[str, s.Expr | None, s.Expr | None]:
    told = {argument.keyword: argument.value for argument in call.args}
    if (factory := told.get("default_factory")) is not None:
        return name, s.Constant(None), s.Call(factory, (), span=call.span)
    return name, told.get("default"), None


def _name(node: s.Expr) -> str:
    node = node.func if isinstance(node, s.Call) else node
    return getattr(node, "id", getattr(node, "attr", ""))
