"""GL603: a line of a training or of a backward pass that raises when it is run."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator

import numpy as np

from gradlint.claims.names import gradient_of
from gradlint.model import Finding, Severity, Span
from gradlint.reading import syntax as s
from gradlint.reading.unbound import unbound
from gradlint.reading.undefined import Undefined, undefined
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES

_FRAGMENTS = (".ipynb", ".md", ".markdown", ".rst")
"""Files whose names may come from elsewhere: another cell, another block, a magic."""
_BACKWARD = re.compile(
    r"back|bprop|grad|deriv|_prime|train|loss|cost|optimi[sz]|descent", re.IGNORECASE
)
_MODULES = {
    "np",
    "numpy",
    "plt",
    "torch",
    "nn",
    "F",
    "tf",
    "pd",
    "math",
    "random",
    "os",
    "sys",
    "time",
}
"""What a pasted piece of a script leaves the imports of above it."""
_IS_NEW = int(np.__version__.partition(".")[0]) >= 2
"""An older numpy lacks what a newer one has."""
_GONE = set(getattr(np, "__expired_attributes__", {})) | set(
    getattr(getattr(np, "_expired_attrs_2_0", None), "__expired_attributes__", {})
)


def cannot_run(module: s.Module) -> list[Finding]:
    """A finding for each name in the code of a descent that nothing defines, and that numpy lacks."""
    if module.path.endswith(_FRAGMENTS):
        return []
    found: dict[str, Finding] = {}
    unknown = list(undefined(module))
    continued = any(one.node.id in _MODULES for one in unknown)
    for one in unknown:
        if one.holder is None and continued:  # the rest of a script whose beginning lies elsewhere
            continue
        if one.node.id not in _MODULES and _descends(one.holder or module):
            found.setdefault(one.node.id, _undefined(one))
    for holder in (n for n in descend(module.body) if isinstance(n, s.FunctionDef)):
        if _descends(holder):
            for finding in (*_lacking(module, holder), *_unbound(holder)):
                found.setdefault(finding.message, finding)
    for finding in _unset(module):
        found.setdefault(finding.message, finding)
    return list(found.values())


def _descends(holder: s.FunctionDef | s.Module) -> bool:
    """Whether code computes gradients: `dW` beside `W`, or a function that is called so."""
    if isinstance(holder, s.FunctionDef) and _BACKWARD.search(holder.name):
        return True
    names = {n.id for n in _own(holder.body) if isinstance(n, s.Name)}
    return any(gradient_of(name) in names for name in names)


def _own(body: s.Block) -> Iterable[s.Node]:
    for one in body:
        if not isinstance(one, s.FunctionDef | s.ClassDef):
            yield from descend(one)


def _undefined(one: Undefined) -> Finding:
    name = one.node.id
    where = "" if one.holder is None else f" in {one.holder.name}() or around it"
    message = f"{name} is not defined{where}: this line raises a NameError."
    return _finding(one.node.span, message, _nearest(name, one.known - set(dir(builtins))))


def _lacking(module: s.Module, holder: s.FunctionDef) -> Iterator[Finding]:
    """The functions of numpy that a function asks for and that numpy does not have."""
    aliases = {
        alias or "numpy" for n in descend(module.body) if isinstance(n, s.Import)
        for path, alias in n.names if path == "numpy"
    }  # fmt: skip
    for node in descend(holder.body):
        match node:
            case s.Attribute(value=s.Name(id=base), attr=attr) if base in aliases:
                if _IS_NEW and not hasattr(np, attr) and attr not in _GONE:
                    message = f"numpy has no {attr}: this line raises an AttributeError."
                    near = _nearest(attr, set(dir(np)))
                    yield _finding(node.span, message, near and f"{base}.{near}")


def _unbound(holder: s.FunctionDef) -> Iterator[Finding]:
    """The variables of a function that are read before they can have a value."""
    for node in unbound(holder):
        message = f"{node.id} has no value before this line, which reads it: it raises an UnboundLocalError."
        yield _finding(node.span, message, None)


def _unset(module: s.Module) -> Iterator[Finding]:
    """The attributes of its context that the backward pass of an autograd function reads and nothing sets."""
    nodes = list(descend(module.body))
    for cls in (n for n in nodes if isinstance(n, s.ClassDef) and any(map(_is_function, n.bases))):
        inside = list(descend(cls.body))
        alone = len(cls.bases) == 1 and not _hands_on(cls, inside)
        stored = {
            t.attr
            for n in (inside if alone else nodes)
            for t in _targets(n)
            if isinstance(t, s.Attribute)
        }
        for method in (one for one in cls.body if isinstance(one, s.FunctionDef)):
            context = _context_of(method)
            for node in descend(method.body) if method.name == "backward" else ():
                match node:
                    case s.Attribute(value=s.Name(id=base), attr=attr) if base == context:
                        if attr not in stored and not attr.startswith("_") and attr not in _CONTEXT:
                            message = f"nothing sets {base}.{attr}: backward raises an AttributeError here."
                            yield _finding(node.span, message, None)


def _context_of(method: s.FunctionDef) -> str | None:
    """What a pass calls its context: its first parameter, the second where the first is the class."""
    bound = any(isinstance(d, s.Name) and d.id == "classmethod" for d in method.decorators)
    return next((param.name for param in method.params[bound:]), None)


def _hands_on(cls: s.ClassDef, inside: list[s.Node]) -> bool:
    """Whether the context of a class is given to somebody else, who may set something."""
    contexts = {_context_of(one) for one in cls.body if isinstance(one, s.FunctionDef)}
    given = (a.value for n in inside if isinstance(n, s.Call) for a in n.args)
    return any(isinstance(value, s.Name) and value.id in contexts for value in given)


_CONTEXT = {"saved_tensors", "saved_variables", "needs_input_grad", "save_for_backward", "save_for_forward",
            "mark_dirty", "mark_non_differentiable", "mark_shared_storage", "set_materialize_grads",
            "materialize_grads", "to_save", "dirty_tensors", "non_differentiable", "metadata", "name",
            "next_functions", "saved_for_forward"}  # fmt: skip


def _is_function(base: s.Expr) -> bool:
    return getattr(base, "attr", getattr(base, "id", None)) == "Function"


def _targets(node: s.Node) -> tuple[s.Expr, ...]:
    """What a statement assigns to, with the parts of its tuples."""
    found = node.targets if isinstance(node, s.Assign) else (getattr(node, "target", None),)
    parts = (p for t in found if t is not None for p in descend(t))
    return tuple(p for p in parts if isinstance(p, s.Expr))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # costs a start, and few files need it

    return next(iter(get_close_matches(name, sorted(known), 1, 0.6)), None)


def _finding(span: Span, message: str, near: str | None) -> Finding:
    helped = f"is {near} meant?" if near else None
    return Finding("GL603", NAMES["GL603"], Severity.WARNING, span, message, help=helped)
