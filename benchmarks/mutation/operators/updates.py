"""The update step: the gradient of another parameter, a step that is lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, reads, sets


def _steps(source: Source) -> Iterator[ast.Assign | ast.AugAssign]:
    """Statements that move what they set: `W -= lr * dW`, `W = W - lr * dW`."""
    for statement in source.simple:
        if not source.in_loop(statement):
            continue
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
            yield statement
        if isinstance(statement, ast.Assign) and sets(statement) & reads(statement.value):
            yield statement


def other_gradient(source: Source) -> Iterator[Change]:
    """`W1 -= lr * dW2`: what another step reads."""
    steps = list(_steps(source))
    for step in steps:
        for node in ast.walk(step.value):
            if isinstance(node, ast.Name) and node.id not in sets(step):
                for other in dict.fromkeys(
                    n for s in steps if s is not step for n in sorted(reads(s.value))
                ):
                    if other != node.id and other in source.names(step):
                        yield swap(source, node, other)


def other_target(source: Source) -> Iterator[Change]:
    """`W2 -= lr * dW1`: the wrong parameter moves."""
    steps = [s for s in _steps(source) if isinstance(s, ast.AugAssign)]
    for step in steps:
        for other in steps:
            if other is not step:
                yield swap(source, step.target, source.written(other.target))


def step_lost(source: Source) -> Iterator[Change]:
    """A parameter is no longer moved; what other steps read too, a rate, does not tell of it."""
    steps = list(_steps(source))
    for step in steps:
        others = {name for one in steps if one is not step for name in reads(one.value)}
        near = frozenset(sets(step) | (reads(step.value) - others))
        yield Change(*source.place(step), "pass", step, near)


OPERATORS = (
    Operator("other_gradient", "gradient of another parameter", other_gradient),
    Operator("other_target", "gradient of another parameter", other_target),
    Operator("step_lost", "step lost", step_lost),
)
