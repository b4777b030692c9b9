"""The definitions of a script, executed: its imports, constants, functions and classes, without its work."""

from __future__ import annotations

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

    def player(self, tape: Tape, path: str, torch: Any) -> Player:
        """Who plays `tape` with what was loaded from the script at `path`."""
        return Player(tape, self.scope, self.supplier, path, torch, self.failures)


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
    supplier.on = True
    for statement in tree.body:
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if future or _begin(statement, job.module.text) in begins:
            _execute(statement, job.path, loaded)
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


def _begin(statement: ast.stmt, text: str) -> tuple[int, int]:
    """Where a statement of the top level begins; columns count characters from 1."""
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    line = text.splitlines()[statement.lineno - 1]
    column = len(line.encode()[: statement.col_offset].decode(errors="replace")) + 1
    return (first if first != statement.lineno else statement.lineno), column


def _execute(statement: ast.stmt, path: str, loaded: Loaded) -> None:
    tree = ast.Module([statement], [])
    try:
        exec(compile(tree, path, "exec", dont_inherit=True), loaded.scope)
    except (TimeUp, Stopped, KeyboardInterrupt):
        raise
    except BaseException as error:
        words = " ".join(str(error).split())[:160]
        loaded.failures.append(f"{type(error).__name__}: {words} (line {statement.lineno})")
