"""The definitions of a module that its own script never calls."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from gradlint.reading import syntax as s
from gradlint.reading.free_names import changed_names, free_names
from gradlint.reading.walking import descend
from gradlint.tracing import defined
from gradlint.tracing.values import UserClass, UserFunction

_DEFINING = (s.FunctionDef, s.ClassDef, s.Import, s.ImportFrom)
_KEPT = (s.Assign, s.AugAssign, s.If, s.Try, s.With)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """`functions` and `classes` of the module's top level; `body` is what defines them.

    `called` are the functions and methods that the script itself runs, by identity.
    """

    functions: dict[str, UserFunction]
    classes: dict[str, UserClass]
    body: s.Block
    called: Set[int]

    def runs(self, function: UserFunction) -> bool:
        """Whether the script itself runs a function."""
        return id(function.definition) in self.called


def survey(module: s.Module, called: Set[int]) -> Survey:
    """What `module` defines; the script itself ran the functions `called`."""
    body = definitions(module)
    defining = s.Module(
        module.path, module.text, body, others=module.others, places=module.places,
        python2=module.python2, origin=module.origin,
    )  # fmt: skip
    own = {id(one) for one in module.body}
    functions: dict[str, UserFunction] = {}
    classes: dict[str, UserClass] = {}
    defines = any(isinstance(one, s.FunctionDef | s.ClassDef) for one in module.body)
    for name, value in (defined(defining) if defines else {}).items():
        if isinstance(value, UserFunction) and id(value.definition) in own:
            functions[name] = value
        elif isinstance(value, UserClass) and id(value.definition) in own:
            classes[name] = value
    return Survey(functions, classes, body, called)


def definitions(module: s.Module) -> s.Block:
    """The statements of a module that define its names, without those that do the work of the script.

    Of what it computes only that is kept which a function or a class reads.
    """
    kept = [one for one in module.body if not _is_main(one)]
    needed = {id(one) for one in kept if _defines(one) or _extends_path(one)}
    names = free_names(one for one in kept if id(one) in needed)
    left = [one for one in kept if id(one) not in needed and isinstance(one, _KEPT)]
    while found := [one for one in left if changed_names(one) & names]:
        needed |= {id(one) for one in found}
        names |= free_names(found)
        left = [one for one in left if id(one) not in needed]
    return tuple(one for one in kept if id(one) in needed)


def _defines(statement: s.Stmt) -> bool:
    """Whether a statement, or one within it, defines a function or a class or imports."""
    if isinstance(statement, s.If | s.Try):
        return any(isinstance(one, _DEFINING) for one in descend(statement))
    return isinstance(statement, _DEFINING) or _is_lambda(statement)


def _is_lambda(statement: s.Stmt) -> bool:
    return isinstance(statement, s.Assign) and isinstance(statement.value, s.Lambda)


def _extends_path(statement: s.Stmt) -> bool:
    """Whether a statement says where imports are looked up: `sys.path.append(os.pardir)`."""
    match statement:
        case s.ExprStmt(
            value=s.Call(func=s.Attribute(value=s.Attribute(value=s.Name(id="sys"), attr="path")))
        ):
            return True
    return False


def _is_main(statement: s.Stmt) -> bool:
    match statement:
        case s.If(test=s.Compare(left=s.Name(id="__name__"))):
            return True
    return False
