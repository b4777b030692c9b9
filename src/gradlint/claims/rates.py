"""Telling a learning rate from a part of the gradient, in `P -= rate * gradient`.

The numbers that multiply a step are taken apart. Those named like a rate are the rate, and so is every
number beside a gradient that has a name (`b -= 0.5 * lr * db`); where nothing is named, the small
literals are (the 0.1 of `w -= 0.1 * 2 * x * e`). Sizes never are: the `m` of `alpha / m * dW` belongs to
the gradient of a mean; nor is a number that the rest was made from, the input `x` of `lr * delta * x`.
Inside a gradient that has a name of its own everything belongs to it but a named rate: the 2 of
`dW = 2 * x * e` is part of the gradient, the `lr` of `step = lr * dW` is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gradlint import ops
from gradlint.claims.names import says_rate
from gradlint.reading import syntax as s
from gradlint.tracing import CONSTANT, Trace
from gradlint.tracing.trace import TraceNode

Atom = tuple[int, int]
"""A number of the trace with its exponent, 1 or -1."""


@dataclass(slots=True)
class Stripped:
    """A step without its rate: `node` is what is left when all outer numbers are taken off.

    The atoms in `inner` multiply an operand of `node` and so are in it still.
    """

    node: int
    sign: int = 1
    atoms: list[Atom] = field(default_factory=list)
    inner: frozenset[int] = frozenset()

    def rate(self, trace: Trace) -> float:
        """The product of the numbers that are the rate; always positive."""
        named = [atom for atom in self.atoms if _is_named_rate(trace, atom[0])]
        plain = [
            atom for atom in self.atoms
            if not is_size(trace, atom[0]) and not self._is_input(trace, atom[0])
        ]  # fmt: skip
        if is_named(trace, self.node):
            return abs(_product(trace, plain)) or 1.0
        small = [atom for atom in plain if atom[1] == 1 and abs(_product(trace, [atom])) < 1]
        return abs(_product(trace, named or small or plain)) or 1.0

    def with_inner_rates(self, trace: Trace) -> Stripped:
        """This step with the numbers that multiply its operands among the atoms."""
        inner = inner_rates(trace, self.node)
        return Stripped(self.node, self.sign, self.atoms + inner, frozenset(n for n, _ in inner))

    def _is_input(self, trace: Trace, atom: int) -> bool:
        """Whether the rest was made from a number: the `x` of `lr * delta * x`, if delta knows it."""
        moved = {u.new for u in trace.updates}  # made with the rate, which is no input by that
        above = trace.ancestors([self.node], since=atom, beyond=moved)
        users = sum(atom in trace.nodes[n].inputs for n in above)
        return users > (atom in self.inner)

    def has_named_rate(self, trace: Trace) -> bool:
        """Whether a number is named like a rate, or there is no number at all."""
        return not self.atoms or any(_is_named_rate(trace, node) for node, _ in self.atoms)

    def factor(self, trace: Trace) -> float:
        """The product of all the numbers, with the sign."""
        return self.sign * _product(trace, self.atoms)


def _product(trace: Trace, atoms: list[Atom]) -> float:
    total = 1.0
    for node, exponent in atoms:
        value = float(np.asarray(trace.value(node)).item())
        total *= value if exponent == 1 else (1.0 / value if value else 0.0)
    return total


def strip(trace: Trace, node: int) -> Stripped:
    """Take the numbers, signs, copies, clips and the matrix of a Newton step off a step."""
    found = Stripped(node)
    while True:
        entry = trace.nodes[found.node]
        if (
            entry.op in ("copy", "clip", "detach")
            and entry.shape == trace.nodes[entry.inputs[0]].shape
            and not _is_flattened(trace, found.node)
        ):
            found.node = entry.inputs[0]
        elif entry.op == "negative":
            found.node, found.sign = entry.inputs[0], -found.sign
        elif (split := _split(trace, found.node)) is not None:
            found.node = split[0]
            found.atoms += split[1]
        elif (inner := _turned(trace, found.node)) is not None:
            found.node = inner
        else:
            return found


def _turned(trace: Trace, node: int) -> int | None:
    """The gradient that a Newton step divides by a symmetric matrix: `solve(H, g)`, `inv(H) @ g`."""
    entry = trace.nodes[node]
    if len(entry.inputs) != 2:
        return None
    left, gradient = (trace.nodes[i] for i in entry.inputs)
    if entry.op in ("matmul", "dot") and left.op in ("inv", "pinv"):
        matrix = np.asarray(trace.value(left.inputs[0]))
    elif entry.op == "solve":
        matrix = np.asarray(trace.value(left.id))
    else:
        return None
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] > 1
    same = square and gradient.shape == entry.shape and np.allclose(matrix, matrix.T, rtol=1e-9)
    return gradient.id if same else None


def _is_flattened(trace: Trace, node: int) -> bool:
    """Whether a clip takes away what a gradient says: its bounds do not lie around zero, or are the same."""
    entry = trace.nodes[node]
    bounds = [np.asarray(trace.value(i)) for i in entry.inputs[1:]]
    bounds = bounds or [np.asarray(entry.params.get(name)) for name in ("low", "high")]
    if entry.op != "clip" or len(bounds) != 2 or any(b.dtype.kind not in "fiu" for b in bounds):
        return False
    low, high = bounds
    return bool(np.any(low > 0) or np.any(high < 0) or np.all(low >= high))


def inner_rates(trace: Trace, node: int) -> list[Atom]:
    """Numbers that multiply an operand rather than the whole: `(eta * h.T) @ delta`."""
    entry = trace.nodes[node]
    if is_named(trace, node) or not entry.inputs or not ops.OPS[entry.op].linear:
        return []
    found = [
        _rates_below(trace, source) for source in entry.inputs if not _is_number(trace, source)
    ]
    return (
        _shared(trace, found) if entry.op in _SUMS else [atom for atoms in found for atom in atoms]
    )


_SUMS = ("add", "subtract", "concatenate", "stack")


def _rates_below(trace: Trace, node: int) -> list[Atom]:
    if is_named(trace, node):
        return []
    below = strip(trace, node)
    return below.atoms + inner_rates(trace, below.node)


def _shared(trace: Trace, found: list[list[Atom]]) -> list[Atom]:
    """The numbers that multiply every term of a sum: in `g + 0.1 * w` there is none."""
    first, *others = found or [[]]
    alike = [{_told(trace, atom) for atom in atoms} for atoms in others]
    return [atom for atom in first if all(_told(trace, atom) in known for known in alike)]


def _told(trace: Trace, atom: Atom) -> tuple[float, int]:
    return float(np.asarray(trace.value(atom[0])).item()), atom[1]


def _split(trace: Trace, node: int) -> tuple[int, list[Atom]] | None:
    """The larger operand of a product with a number, and the atoms of that number."""
    entry = trace.nodes[node]
    if entry.op not in ("multiply", "divide", "dot"):
        return None
    left, right = entry.inputs
    if entry.op == "dot" and trace.nodes[left].shape and trace.nodes[right].shape:
        return None
    exponent = -1 if entry.op == "divide" else 1
    options = [(left, right, exponent)] + ([(right, left, 1)] if exponent == 1 else [])
    for rest, number, power in options:
        if not _is_number(trace, number):
            continue
        atoms = list(_atoms(trace, number, power))
        if not is_named(trace, node) or all(_is_named_rate(trace, a) for a, _ in atoms):
            return rest, atoms
    return None


def _is_number(trace: Trace, node: int) -> bool:
    """Whether a node is made of numbers alone, with no tensor or parameter behind it."""
    value = np.asarray(trace.value(node))
    if (
        value.size != 1
        or value.dtype.kind not in "fiu"
        or any(u.old == node for u in trace.updates)
    ):
        return False
    moved = {u.old for u in trace.updates}
    above = [trace.nodes[n] for n in trace.ancestors([node])]
    return all(np.size(x.value) == 1 and x.id not in moved for x in above)


def _atoms(trace: Trace, node: int, exponent: int) -> Iterator[Atom]:
    entry = trace.nodes[node]
    if entry.op == "multiply":
        for part in entry.inputs:
            yield from _atoms(trace, part, exponent)
    elif entry.op == "divide":
        yield from _atoms(trace, entry.inputs[0], exponent)
        yield from _atoms(trace, entry.inputs[1], -exponent)
    else:
        yield node, exponent


def is_named(trace: Trace, node: int) -> bool:
    """Whether the value of `node` was given a name."""
    return bool(trace.stores_of(node))


def names_of(trace: Trace, node: int) -> list[str]:
    """The places in which the value of `node` was stored, in order."""
    return [store.place for store in trace.stores_of(node)]


def _is_named_rate(trace: Trace, node: int) -> bool:
    sources = [n for n in trace.ancestors([node]) if trace.nodes[n].is_leaf]
    return any(says_rate(name) for n in (node, *sources) for name in names_of(trace, n))


def is_size(trace: Trace, node: int) -> bool:
    """Whether a number is the size of something: an integer of at least 3, a length, or made from one."""
    sources = [trace.nodes[n] for n in trace.ancestors([node]) if trace.nodes[n].is_leaf]
    return any(_whole(trace, x) and x.op in (CONSTANT, "leaf") for x in sources)


def _whole(trace: Trace, entry: TraceNode) -> bool:
    value = entry.value
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        return False
    return int(value) >= 3 or (int(value) > 1 and _is_length(_written(trace, entry)))


def _written(trace: Trace, entry: TraceNode) -> s.Expr | None:
    """How a number is written: where it was given a name, or where it is first calculated with."""
    if entry.expr is not None:
        return entry.expr
    users = (node for node in trace.nodes[entry.id + 1 :] if entry.id in node.inputs)
    user = next(users, None)
    if user is None or not isinstance(user.expr, s.BinOp):
        return None
    return user.expr.left if user.inputs[0] == entry.id else user.expr.right


def _is_length(expr: s.Expr | None) -> bool:
    """`len(x)` or `x.shape[0]`, which may be 2 where a 2 in the text is a factor."""
    match expr:
        case s.Call(func=s.Name(id="len")) | s.Subscript(value=s.Attribute(attr="shape")):
            return True
    return False
