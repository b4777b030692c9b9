"""Functions, lambdas, comprehensions and classes of the script are walked as they run."""

from __future__ import annotations

import pytest

from .running import DATA, assert_walks_as_it_runs

CASES = {
    "a function with a default": "def f(q, k=2):\n    return q * k\na = f(v) + f(v, k=3)",
    "a function that returns two values": "def f(q):\n    return q + 1, q * 2\na, b = f(s)",
    "a function that returns early": (
        "def f(q):\n    if q > 1:\n        return q * 2\n    return q\na = f(s) + f(0.5)"
    ),
    "a function that uses a global": "def f():\n    return v * s\na = f()",
    "a function that sets a global": "a = 0.0\ndef f():\n    global a\n    a = s * 3\nf()\na = a * 1",
    "a function with star arguments": "def f(*q, **k):\n    return q[0] * q[1] + k['z']\na = f(v, s, z=1)",
    "arguments that are unpacked": "def f(p, q):\n    return p - q\npair = (v, s)\na = f(*pair)",
    "a closure": "def make(k):\n    def f(q):\n        return q * k\n    return f\na = make(3)(v)",
    "a nonlocal name": (
        "def f():\n    t = s\n    def g():\n        nonlocal t\n        t = t + 1\n"
        "    g()\n    return t\na = f()"
    ),
    "a lambda": "f = lambda q: np.exp(-q)\na = f(v)",
    "a lambda that is called at once": "a = (lambda q: q * 2)(v)",
    "a recursion that ends": "def f(n):\n    return 1.0 if n == 0 else s * f(n - 1)\na = f(4)",
    "a function as an argument": "def f(g, q):\n    return g(q)\na = f(np.tanh, v)",
    "a helper with two branches": (
        "def f(q, slope=False):\n    if slope:\n        return q * (1 - q)\n    return 1 / (1 + np.exp(-q))\n"
        "a = f(f(v), True)"
    ),
    "a list comprehension": "a = sum([q * 2 for q in v if q > 0])",
    "a nested comprehension": "a = sum(p * q for p in v for q in x[0])",
    "a dictionary comprehension": "d = {k: s * k for k in range(3)}\na = d[2] + 0",
    "an array of a comprehension": "a = np.array([q * s for q in v])",
    "zip and enumerate": "a = 0.0\nfor i, (p, q) in enumerate(zip(v, x[0])):\n    a += i * p * q",
    "reversed": "a = 1.0\nfor i in reversed(range(3)):\n    a = a * 2 + v[i]",
    "map": "a = sum(map(lambda q: q * q, v))",
    "a generator": "def g():\n    for q in v:\n        yield q * 2\na = sum(g())",
    "a class": (
        "class C:\n    k = 3\n    def __init__(self, q):\n        self.q = q * self.k\n"
        "    def f(self):\n        return self.q + s\na = C(v).f()"
    ),
    "a class that is called": (
        "class C:\n    def __call__(self, q):\n        return q * 2\nc = C()\na = c(v)"
    ),
    "a subclass": (
        "class B:\n    def f(self):\n        return self.g() * 2\n"
        "class C(B):\n    def g(self):\n        return v\n"
        "a = C().f()"
    ),
    "super": (
        "class B:\n    def __init__(self, q):\n        self.q = q\nclass C(B):\n    def __init__(self):\n"
        "        super().__init__(s)\na = C().q + 1"
    ),
    "static method and property": (
        "class C:\n    @staticmethod\n    def f(q):\n        return q * 2\n    @property\n    def p(self):\n"
        "        return self.f(v)\na = C().p + 0"
    ),
    "an operator of a class": (
        "class C:\n    def __init__(self, q):\n        self.q = q\n    def __mul__(self, o):\n"
        "        return C(self.q * o.q)\na = (C(s) * C(v)).q + 0"
    ),
    "functions of numpy with axes": "a = np.sum(x, axis=1) + np.mean(x, 1) * x.max(axis=-1)",
    "a star import": "from numpy import *\na = exp(v) + dot(x, w).sum()",
    "modules of a star import": "from numpy import *\na = linalg.inv(x @ x.T) + linalg.norm(v)",
    "an alias of a function": "f = np.dot\na = f(x, w)",
    "with": "with np.errstate(all='ignore'):\n    a = v * 2",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in CASES.items()])
def test_a_call_gives_what_python_gives(text: str) -> None:
    assert_walks_as_it_runs(DATA + text, "a")
