"""The definitions of a script, executed: its imports, constants, functions and classes, without its work."""

from __future__ import annotations
import __future__

import ast
import builtins
import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradlint.harness.importing import watch_imports
from gradlint.harness.instrument import Points, instrumented
from gradlint.harness.job import Job
from gradlint.harness.rehearsal.player import Player, Supplier
from gradlint.harness.rehearsal.tape import Tape
from gradlint.harness.stage import Stopped
from gradlint.harness.timing import TimeUp
from gradlint.reading import syntax as s

NAME = "__gradlint_rehearsal__"
"""The name of the supplier, which stands among the builtins."""


@dataclass(slots=True, eq=False)
class Loaded:
    """The names of the top level; `failures` are the statements that failed, each with its reason."""

    scope: dict[str, Any]
    supplier: Supplier
    failures: list[str] = field(default_factory=list)

    def player(self, tape: Tape, path: str, torch: Any, own: bool = False) -> Player:
        """Who plays `tape` with what was loaded from the script at `path`, at its `own` sizes perhaps."""
        return Player(tape, self.scope, self.supplier, path, torch, self.failures, own=own)


def load(
    job: Job, nodes: Iterable[s.Node], sizes: Mapping[int, int], watched: Mapping[str, Points]
) -> Loaded:
    """Execute the definitions of the script of `job`; the expressions among `nodes` ask the supplier.

    `sizes` are the small ones that stand for literals, by the identity of the literal; `watched` are the
    points in each file at which an observer watches.
    """
    supplier = Supplier(sizes)
    setattr(builtins, NAME, supplier)
    points = _points(job, nodes)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=job.path, __builtins__=builtins)
    sys.modules["__main__"] = module
    both = {file: [one, watched[file]] if watched else [one] for file, one in points.items()}
    tree = instrumented(job.module.text, job.path, both[""], job.module.python2)
    watch_imports(job, both)
    loaded = Loaded(module.__dict__, supplier)
    begins = {(one.span.line, one.span.column) for one in job.module.body}
    run = _Runner(loaded, job.path, _flags(tree), _assigned(tree))
    supplier.on = True
    for statement in tree.body:
        if begins & _places(statement, job.module.text):
            run(statement)
    supplier.on = False
    return loaded


def _points(job: Job, nodes: Iterable[s.Node]) -> dict[str, Points]:
    points = {
        file: Points(None, {}, {}, {}, file, elsewhere=True, observer=NAME)
        for file in ("", *job.module.others)
    }
    for node in nodes:
        if isinstance(node, s.Expr) and node.span.file in points:
            points[node.span.file].values[node.span] = id(node)
    return points


def _places(statement: ast.stmt, text: str) -> set[tuple[int, int]]:
    """Where a statement of the top level begins, with its decorators and without; columns count from 1."""
    line = text.splitlines()[statement.lineno - 1]
    column = len(line.encode()[: statement.col_offset].decode(errors="replace")) + 1
    decorators = (one.lineno for one in getattr(statement, "decorator_list", ()))
    return {(first, column) for first in (statement.lineno, *decorators)}


def _flags(tree: ast.Module) -> int:
    """What the `from __future__ import` of a module asks of the compiler, for each statement alone."""
    future = (n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__")
    names = {alias.name for node in future for alias in node.names}
    features = (getattr(__future__, name, None) for name in names)
    return sum(feature.compiler_flag for feature in features if feature is not None)


def _assigned(tree: ast.Module) -> dict[str, ast.stmt]:
    """The plain assignments of the top level, by name."""
    return {
        target.id: node
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


@dataclass(frozen=True, slots=True)
class _Runner:
    """Executes single statements; names that only annotations read are made on demand."""

    loaded: Loaded
    path: str
    flags: int
    assigned: dict[str, ast.stmt]

    def __call__(self, statement: ast.stmt) -> None:
        code = compile(
            ast.Module([statement], []), self.path, "exec", self.flags, dont_inherit=True
        )
        try:
            exec(code, self.loaded.scope)
        except (TimeUp, Stopped, KeyboardInterrupt):
            raise
        except NameError as error:
            missing = self.assigned.pop(error.name or "", None)
            if missing is None:
                self._note(error, statement)
                return
            self(missing)
            self(statement)
        except BaseException as error:
            self._note(error, statement)

    def _note(self, error: BaseException, statement: ast.stmt) -> None:
        words = " ".join(str(error).split())[:160]
        self.loaded.failures.append(f"{type(error).__name__}: {words} (line {statement.lineno})")
