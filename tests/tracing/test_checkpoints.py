"""Walks that go on from where an earlier one was: they must be what a whole walk is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend, owners
from gradlint.tracing import Facts, Trace, explore, retrace
from gradlint.tracing.checkpoints import kept

SETUP = """
import numpy as np
class Layer:
    def __init__(self, w):
        self.w, self.seen = w, []
    def forward(self, x):
        self.seen.append(x)
        self.out = np.tanh(x.dot(self.w))
        return self.out
x = np.random.randn(64, 16)
y = np.random.randn(64, 4)
layers = [Layer(np.random.randn(16, 8)), Layer(np.random.randn(8, 4))]
table = {layers[0]: 'first', 'rows': x[1:], 'all': layers}
rows = table['rows']
seen = set()
""" + "".join(f"x = np.tanh(x * {i}.5) + np.abs(x).sum() / (1 + x ** 2)\n" for i in range(1, 12))
TRAINING = """
for epoch in range(100):
    h = layers[0].forward(x)
    p = layers[1].forward(h)
    rows[0] = 0
    seen.add(epoch)
    loss = ((p - y) ** 2).sum()
    d2 = 2 * (p - y) * (1 - p ** 2)
    d1 = d2.dot(layers[1].w.T) * (1 - h ** 2)
    table['all'][1].w -= 0.1 * h.T.dot(d2)
    layers[0].w -= 0.1 * x.T.dot(d1)
"""


@pytest.fixture
def module() -> s.Module:
    return read_module(SETUP + TRAINING, "script.py")


@pytest.fixture
def analysis() -> Iterator[None]:
    with kept():
        yield


def alike(one: Trace, other: Trace) -> bool:
    pairs = list(zip(one.nodes, other.nodes, strict=True))
    return (
        all(a.op == b.op and a.inputs == b.inputs and a.expr is b.expr for a, b in pairs)
        and all(np.array_equal(a.value, b.value) for a, b in pairs)
        and [(x.place, x.old, x.new, x.time) for x in one.stores]
        == [(x.place, x.old, x.new, x.time) for x in other.stores]
        and [(u.place, u.old, u.new, u.change) for u in one.updates]
        == [(u.place, u.old, u.new, u.change) for u in other.updates]
        and (one.keys, one.counts, one.ends) == (other.keys, other.counts, other.ends)
        and all(one.at(key) == node for node, key in other.keys.items())
    )


def goes_on(later: Trace, earlier: Trace) -> bool:
    """Whether the first operation is the very one of an earlier walk."""
    return later.nodes[0] is earlier.nodes[0]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_walk_that_goes_on_is_a_whole_walk(module: s.Module, seed: int, frozen: bool) -> None:
    facts = explore(module).facts
    whole = retrace(module, facts, seed, frozen=frozen).trace
    with kept():
        first = retrace(module, facts, seed).trace
        again = retrace(module, facts, seed, frozen=frozen).trace
    assert goes_on(again, first)
    assert alike(again, whole)


def test_walks_that_go_on_do_not_disturb_each_other(module: s.Module, analysis: None) -> None:
    facts = explore(module).facts
    traces = [retrace(module, facts).trace for _ in range(3)]
    assert goes_on(traces[1], traces[0]) and goes_on(traces[2], traces[0])
    assert alike(traces[1], traces[0]) and alike(traces[2], traces[0])


def test_an_exploration_learns_the_same(module: s.Module) -> None:
    whole = explore(module)
    with kept():
        again = explore(module)
    assert alike(whole.trace, again.trace)
    for name in ("sizes", "training_loops", "parameters", "dimensions", "updates", "counts"):
        assert getattr(whole.facts, name) == getattr(again.facts, name)


def overridden(module: s.Module, text: str, by: str) -> dict[int, s.Node]:
    """Another expression in the place of the one that is written so."""
    other = read_module(by, "other.py").body[0]
    assert isinstance(other, s.ExprStmt)
    found = [
        n for n in descend(module.body) if isinstance(n, s.Expr) and module.excerpt(n.span) == text
    ]
    return {id(found[0]): other.value}


@pytest.mark.parametrize(
    ("text", "by", "shared"),
    [
        ("1 - h ** 2", "1 + h ** 2", True),  # in the training
        ("x[1:]", "x[2:]", False),  # before it
        ("self.seen.append(x)", "self.seen.append(w)", True),  # in what only the training calls
        ("self.w, self.seen", "self.seen, self.w", False),  # in what ran before it
    ],
)
def test_an_edit_is_walked_with_all_that_it_changes(
    module: s.Module, text: str, by: str, shared: bool
) -> None:
    facts = explore(module).facts
    edit: dict[int, s.Node] = {}
    if text != "self.w, self.seen":
        edit = overridden(module, text, by)
    else:
        made = next(n for n in descend(module.body) if isinstance(n, s.Assign))
        edit = {id(made): replace(made, value=s.Sequence("tuple", (s.Name("w"), s.Name("w"))))}
    whole = retrace(module, facts, 0, edit).trace
    with kept():
        first = retrace(module, facts).trace
        again = retrace(module, facts, 0, edit).trace
    assert goes_on(again, first) is shared
    assert alike(again, whole)


def test_other_facts_are_walked_from_the_start(module: s.Module, analysis: None) -> None:
    facts = explore(module).facts
    first = retrace(module, facts).trace
    start = replace(facts.copy(), parameters=set())
    larger = replace(facts.copy(), sizes={k: v + 1 for k, v in facts.sizes.items()})
    assert not goes_on(retrace(module, facts, seed=1).trace, first)
    assert not goes_on(retrace(module, start).trace, first)
    assert not goes_on(retrace(module, larger).trace, first)


def test_what_is_watched_is_seen(module: s.Module, analysis: None) -> None:
    facts = explore(module).facts
    retrace(module, facts)
    watched = next(n for n in module.body if isinstance(n, s.Assign))
    walk = retrace(module, facts, watched=frozenset([id(watched)]))
    assert id(watched) in walk.visible


def test_nothing_is_kept_outside_an_analysis(module: s.Module) -> None:
    facts = Facts(shrinks=False)
    assert not goes_on(retrace(module, facts).trace, retrace(module, facts).trace)


def test_what_may_hide_its_state_is_walked_again() -> None:
    hidden = "\nf = np.vectorize(lambda v: v + 1)\n"
    module = read_module(SETUP + hidden + TRAINING, "script.py")
    facts = explore(module).facts
    with kept():
        first = retrace(module, facts).trace
        again = retrace(module, facts).trace
    assert not goes_on(again, first)
    assert alike(again, first)


def test_a_step_in_what_came_before_is_held_back_again(analysis: None) -> None:
    text = SETUP + TRAINING + "\nfor i in range(3):\n    print(layers[0].w.sum())\n"
    module = read_module(text, "script.py")
    facts = explore(module).facts
    moved = retrace(module, facts).trace
    held = retrace(module, facts, frozen=True).trace
    assert moved.updates and not held.updates


def test_the_owner_of_a_node_is_the_innermost_statement() -> None:
    module = read_module("def f(x):\n    if x:\n        y = x + 1\n    return y\n", "script.py")
    outer = module.body[0]
    assert isinstance(outer, s.FunctionDef)
    condition = outer.body[0]
    assert isinstance(condition, s.If)
    inner = condition.body[0]
    assert isinstance(inner, s.Assign)
    found = owners(module.body)
    assert found[id(inner.value)] == found[id(inner)] == found[id(condition.body)] == id(inner)
    assert found[id(condition.test)] == found[id(outer.body)] == id(condition)
    assert found[id(module.body)] == id(outer)
