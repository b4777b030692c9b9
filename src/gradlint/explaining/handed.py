"""What a backward pass is handed from above: the gradients of the outputs of its forward pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.deriving.goal import Goal


def handed_gradients(goal: Goal) -> dict[int, str | None]:
    """The outputs by node, each with what the script calls the gradient that it is handed, if it says so.

    Only those of which that is the whole gradient, and none of the parameters.
    """
    return dict(_outputs(goal))


def _outputs(goal: Goal) -> Iterator[tuple[int, str | None]]:
    objective = goal.trace.objective
    for output, cotangent in () if objective is None else objective.outputs:
        if cotangent is None or output not in goal.truth.of or output in goal.parameters.values():
            continue
        if np.array_equal(goal.truth.of[output], goal.trace.value(cotangent)):
            yield output, goal.trace.upstream.get(cotangent)


def above_outputs(goal: Goal, outputs: dict[int, str | None]) -> frozenset[int]:
    """The nodes that only make one number of the outputs: nothing that the script computes."""
    return goal.behind - frozenset(goal.trace.ancestors(outputs)) if outputs else frozenset()
