"""The definitions of a module that its own script never calls."""

from __future__ import annotations

from dataclasses import dataclass

from gradlint.reading import syntax as s
from gradlint.tracing import defined
from gradlint.tracing.values import UserClass, UserFunction

_KEPT = (s.FunctionDef, s.ClassDef, s.Import, s.ImportFrom, s.Assign, s.AugAssign, s.If, s.Try)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """`functions` and `classes` of the module's top level; `body` is what defines them.

    `called` are the functions and methods that the script itself runs, by identity.
    """

    functions: dict[str, UserFunction]
    classes: dict[str, UserClass]
    body: s.Block
    called: set[int]

    def runs(self, function: UserFunction) -> bool:
        """Whether the script itself runs a function."""
        return id(function.definition) in self.called


def survey(module: s.Module, called: set[int]) -> Survey:
    """What `module` defines; the script itself ran the functions `called`."""
    body = definitions(module)
    defining = s.Module(
        module.path, module.text, body, others=module.others, places=module.places,
        python2=module.python2, origin=module.origin,
    )  # fmt: skip
    own = {id(one) for one in module.body}
    functions: dict[str, UserFunction] = {}
    classes: dict[str, UserClass] = {}
    for name, value in defined(defining).items():
        if isinstance(value, UserFunction) and id(value.definition) in own:
            functions[name] = value
        elif isinstance(value, UserClass) and id(value.definition) in own:
            classes[name] = value
    return Survey(functions, classes, body, called)


def definitions(module: s.Module) -> s.Block:
    """The statements of a module that define names, without those that do the work of the script."""
    kept = (one for one in module.body if isinstance(one, _KEPT) or _extends_path(one))
    return tuple(one for one in kept if not _is_main(one))


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
