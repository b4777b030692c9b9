"""What classes of the script do beside holding methods, and texts that name attributes, as they run."""

from __future__ import annotations

import textwrap

import pytest

from .running import DATA, assert_walks_as_it_runs

CASES = {
    "super() over three generations": """
        class A:
            def __init__(self, k):
                self.k = k
            def f(self, q):
                return q * self.k
        class B(A):
            def __init__(self, k):
                super().__init__(k + 1)
        class C(B):
            def __init__(self):
                super().__init__(2)
            def f(self, q):
                return super().f(q) + 1
        a = C().f(v)""",
    "a parent that calls what its child defines": """
        class A:
            def __init__(self):
                self.w = self.made()
        class B(A):
            def __init__(self):
                super(B, self).__init__()
            def made(self):
                return v * 2
        a = B().w + 0""",
    "a class method called on the class": """
        class A:
            k = 2.0
            @classmethod
            def run(cls, q):
                return cls.f(q) * cls.k
        class B(A):
            @staticmethod
            def f(q):
                return q + 1
        a = B.run(v)""",
    "a dataclass": """
        from dataclasses import dataclass, field
        @dataclass
        class A:
            w: object
            k: float = 2.0
            seen: list = field(default_factory=list)
            def __post_init__(self):
                self.seen.append(self.w * self.k)
        p, q = A(v), A(v, k=3.0)
        a = p.seen[0] + q.seen[-1]""",
    "a property with a setter": """
        class A:
            @property
            def w(self):
                return self._w * 2
            @w.setter
            def w(self, new):
                self._w = new + 1
        p = A()
        p.w = v
        a = p.w + 0""",
    "a decorator of the script": """
        def twice(f):
            def g(*args, **named):
                return 2 * f(*args, **named)
            return g
        @twice
        def f(q, k=1):
            return q * k
        a = f(v, k=3)""",
    "an attribute of the class that is counted up": """
        class A:
            made = 0
            def __init__(self):
                A.made += 1
        A(), A()
        a = v * A.made""",
    "attributes by built names": """
        class A:
            pass
        p = A()
        for i in range(3):
            setattr(p, 'w%d' % i, v * i)
        a = p.w2 + getattr(p, f'w{1}') + vars(p)['w' + str(2)]""",
    "a generator that hands on another": """
        def inner():
            yield v
            yield v * 2
        def outer():
            yield from inner()
            yield v * 3
        a = sum(outer())""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_a_class_is_walked_as_it_runs(text: str) -> None:
    assert_walks_as_it_runs(DATA + textwrap.dedent(text).strip(), "a")


@pytest.mark.parametrize(
    "built",
    [
        "'W' + str(1)", "f'W{k}'", "'W%d' % k", "'W{}'.format(k)", "'%s%d' % ('W', k)", "''.join(['W', '1'])",
    ],
)  # fmt: skip
def test_a_built_text_finds_the_key_that_it_spells(built: str) -> None:
    assert_walks_as_it_runs(f"{DATA}k = 1\nd = {{'W1': v, 'W2': s}}\na = d[{built}] * 2", "a")
