"""What an edit cannot mend need not be tried."""

from __future__ import annotations

from gradlint.judging import choose, walk_case
from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.candidate import Candidate
from gradlint.repair.reach import Reach
from gradlint.repair.scene import Scene
from gradlint.tracing import explore

from .scripts import NUMPY


def _reach(text: str, line: str) -> tuple[Reach, s.Assign]:
    module = read_module(text, "script.py")
    case = walk_case(module, explore(module).facts)
    judgement, _ = choose(case)
    assert judgement is not None
    number = next(i for i, one in enumerate(text.splitlines(), 1) if one.strip() == line)
    found = (one for one in descend(module.body) if isinstance(one, s.Assign))
    return Reach(Scene(case, judgement)), next(one for one in found if one.span.line == number)


def _swap(old: s.Node) -> Candidate:
    return Candidate("GL101", old.span, "", 1.0, ((old, s.Name("other")),))


WRONG = NUMPY.replace("(1 - a2 ** 2)", "(1 + a2 ** 2)")


def test_a_line_reaches_the_gradients_that_are_computed_from_it() -> None:
    reach, shared = _reach(WRONG, "d2 = d3 @ w3.T * (1 + a2 ** 2)")
    _, last = _reach(WRONG, "dw2 = a1.T @ d2")
    own = next(one for one in descend(reach.scene.module.body) if one.span == last.span)
    assert isinstance(own, s.Assign) and len(reach.wrong) > 1
    assert reach.of(shared, _swap(shared.value)) == len(reach.wrong)
    assert reach.of(own, _swap(own.value)) == 1


def test_what_a_line_binds_may_reach_everything() -> None:
    reach, line = _reach(WRONG, "dw2 = a1.T @ d2")
    assert reach.of(line, _swap(line.targets[0])) == len(reach.wrong)
