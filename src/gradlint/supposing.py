"""What the data of a script may be: where its gradients are not right for any numbers, for targets.

A softmax with `p - y` is right for rows that sum to one and wrong for others. Data that are not there
are supposed to be what makes most of the script right, since that is what its author had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradlint.claims.names import last_part, says_target
from gradlint.rules.subject import Subject
from gradlint.tracing import Exploration, Facts, Trace

_FILLINGS = ("one-hot rows", "one-hot columns", "binary", "unit", "signs", "labels")
_MOST_INPUTS = 6

Judge = Callable[[Exploration], list[Subject]]


def likeliest(explored: Exploration, judge: Judge) -> list[Subject]:
    """The subjects of a script at the data at which most of its gradients are right."""
    best = judge(explored)
    if not explored.facts.inputs.asked or _is_right(best):
        return best
    for facts in _others(explored.facts, explored.trace):
        found = judge(replace(explored, facts=facts))
        if _rank(found) > _rank(best):
            best = found
        if _is_right(best):
            break
    return best


def _others(facts: Facts, trace: Trace) -> Iterator[Facts]:
    """The facts with another filling of one input, those first that are named like targets.

    A table that holds inputs and targets in its columns is never one-hot: the two would be at right angles.
    """
    cut = _cut(trace)
    arrays = [
        key for key, form in facts.inputs.forms.items()
        if form.kind == "array" and form.filling == "normal" and form.rank <= 2
    ]  # fmt: skip
    arrays.sort(key=lambda key: not says_target(last_part(key)))
    for key in arrays[:_MOST_INPUTS]:
        for filling in _FILLINGS[2:] if key in cut else _FILLINGS:
            yield replace(facts, inputs=facts.inputs.change(key, filling=filling))


def _cut(trace: Trace) -> set[str]:
    """The inputs of which columns are taken."""
    whole = {node: (key, trace.nodes[node].shape[-1:]) for node, key in trace.inputs.items()}
    found = set()
    for node in trace.nodes:
        if node.op in ("getitem", "copy") and node.inputs[0] in whole:
            key, width = whole[node.inputs[0]]
            if node.shape[-1:] == width:
                whole[node.id] = key, width
            else:
                found.add(key)
    return found


def _is_right(subjects: Sequence[Subject]) -> bool:
    return all(one.judgement is None or one.judgement.consistent for one in subjects)


def _rank(subjects: Sequence[Subject]) -> tuple[int, int]:
    judged = [one.judgement for one in subjects if one.judgement is not None]
    return sum(j.consistent for j in judged), sum(j.right for j in judged)
