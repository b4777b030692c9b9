"""Training loops that follow one another: each has its own steps and its own loss."""

from __future__ import annotations

from gradlint.tracing import Trace, Update


def phase(trace: Trace, update: Update) -> int:
    """Which of the training loops an update belongs to: 0 for the first, or without any loop."""
    return sum(start <= update.new for start in _starts(trace)[1:])


def _starts(trace: Trace) -> list[int]:
    """When each outermost training loop began; a loop inside another one does not count."""
    loops = sorted(trace.rounds, key=lambda round_: round_[1])
    outer: list[tuple[tuple[str, int], tuple[str, int], int]] = []
    for loop, time in loops:
        first, last = (loop.span.file, loop.span.line), (loop.span.file, loop.span.end_line)
        if not any(a <= first and last <= b for a, b, _ in outer):
            outer.append((first, last, time))
    return [time for *_, time in outer]


def later_steps(trace: Trace) -> list[Update]:
    """Steps of parameters that an earlier training loop has moved already: these are not judged."""
    roots: dict[int, Update] = {}
    found: list[Update] = []
    for update in trace.updates:
        first = roots.get(update.old, update)
        roots[update.new] = first
        if phase(trace, first) != phase(trace, update):
            found.append(update)
    return found
