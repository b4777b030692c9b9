"""Windows of a convolution or a pooling: axes exchanged, a stride or a margin lost, a kernel unflipped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product

from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.reading.walking import descend
from gradlint.repair.building import parts
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene

_AXES = ("transpose", "permute")
_TURNING = ("convolve", "correlate", "conv2d")


@proposes
def exchanged_axes(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`x[:, j:j + w, i:i + h]` for `x[:, i:i + h, j:j + w]`, `k[j, i]` for `k[i, j]`."""
    for index in _indices(statement):
        for first, second in combinations(range(len(index.elements)), 2):
            a, b = index.elements[first], index.elements[second]
            if not (_is_fixed(a) or _is_fixed(b)) and isinstance(a, s.Slice) is isinstance(
                b, s.Slice
            ):
                said = f"{_written(scene, a)} and {_written(scene, b)} are exchanged"
                swap = index, _exchanged(index, first, second)
                yield Candidate("GL101", index.span, said, 1.15, (swap,))


@proposes
def window_like_beside(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`j:j + w` for `j * stride:j * stride + w`, where the window along the other axis is made so."""
    for index in _indices(statement):
        slices = [
            e for e in index.elements if isinstance(e, s.Slice) and e.upper and not _is_fixed(e)
        ]
        for one, model in permutations(slices, 2):
            for new in _after(one, model):
                said = (
                    f"{_written(scene, one)} is not made as {_written(scene, model)} is beside it"
                )
                yield Candidate("GL101", one.span, said, 1.2, ((one, new),))


@proposes
def window_that_stays(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`0:2` for `j:j + 2` in a loop over `j`, which the window does not follow."""
    counters = [
        loop.target
        for loop in scene.loops.get(id(statement), [])
        if isinstance(loop.target, s.Name)
    ]
    for index in _indices(statement):
        used = _names(index)
        for one in index.elements:
            for counter in (c for c in counters if c.id not in used and isinstance(one, s.Slice)):
                new = _following(one, counter.id)
                if new is not None:
                    said = f"the window {_written(scene, one)} stays where it is while {counter.id} runs"
                    yield Candidate("GL101", one.span, said, 1.25, ((one, new),))


@proposes
def exchanged_permutation(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`.transpose(0, 3, 2, 1)` for `.transpose(0, 3, 1, 2)`: two axes exchanged."""
    for node in parts(statement):
        if not isinstance(node, s.Call) or not _is_named(node.func, _AXES):
            continue
        at = [i for i, one in enumerate(node.args) if isinstance(one.value, s.Constant)]
        for first, second in combinations(at, 2) if len(at) > 2 else ():
            args = list(node.args)
            args[first], args[second] = args[second], args[first]
            new = s.Call(node.func, tuple(args))
            said = f"two axes are exchanged in {scene.text(node.func)}"
            yield Candidate("GL110", node.span, said, 1.2, ((node, new),))


@proposes
def flip(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`conv(d, k)` for `conv(d, k[::-1, ::-1])`, and the other way round."""
    for node in parts(statement):
        if not isinstance(node, s.Call) or not _is_named(node.func, _TURNING):
            continue
        for argument in node.args:
            value = argument.value
            plain = _unflipped(value)
            if plain is not None:
                said = f"{scene.text(plain)} must not be flipped here"
                yield Candidate("GL110", value.span, said, 1.2, ((value, plain),))
            elif isinstance(value, s.Name | s.Attribute | s.Subscript):
                turned = expression("k[::-1, ::-1]")
                assert isinstance(turned, s.Subscript)
                said = f"{scene.text(value)} must be flipped along both axes here"
                new = s.Subscript(value, turned.index)
                yield Candidate("GL110", value.span, said, 1.3, ((value, new),))


def _indices(statement: s.Stmt) -> Iterator[s.Sequence]:
    """The indices of more than one axis that a statement reads or writes at."""
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    targets = (statement.target,) if isinstance(statement, s.AugAssign) else targets
    for node in (*targets, *parts(statement)):
        if isinstance(node, s.Subscript) and isinstance(node.index, s.Sequence):
            yield node.index


def _is_fixed(element: s.Expr) -> bool:
    """Whether an index says nothing of where a loop is: `:`, a number, a text."""
    return not any(isinstance(n, s.Name) for n in descend(element))


def _exchanged(index: s.Sequence, first: int, second: int) -> s.Sequence:
    elements = list(index.elements)
    elements[first], elements[second] = elements[second], elements[first]
    return s.Sequence(index.kind, tuple(elements))


def _after(one: s.Slice, model: s.Slice) -> Iterator[s.Slice]:
    """The window `model` in the variables of `one`: each that only it has for each that only `model` has.

    Where `one` says how long it is (`j:j + 2`), it stays so long.
    """
    own, other = _names(one), _names(model)
    size = one.upper.right if isinstance(one.upper, s.BinOp) and one.upper.op == "+" else None
    pairs = product([n for n in other if n not in own], [n for n in own if n not in other])
    for theirs, ours in pairs:
        lower, upper = (_renamed(part, theirs, ours) for part in (model.lower, model.upper))
        yield s.Slice(lower, upper, model.step)
        if size is not None and lower is not None:
            yield s.Slice(lower, s.BinOp("+", lower, size), model.step)


def _following(one: s.Expr, counter: str) -> s.Slice | None:
    """A window that begins at a number, with a counter of a loop in its place."""
    match one:
        case s.Slice(
            lower=s.Constant(value=int() as at), upper=s.BinOp(op="+", left=left, right=size)
        ):
            fits = isinstance(left, s.Constant) and left.value == at
        case s.Slice(lower=s.Constant(value=int() as at), upper=s.Constant(value=int() as end)):
            fits, size = end > at, s.Constant(end - at)
        case _:
            return None
    start = s.Name(counter)
    return s.Slice(start, s.BinOp("+", start, size), one.step) if fits else None


def _names(node: s.Expr) -> list[str]:
    return list(dict.fromkeys(n.id for n in descend(node) if isinstance(n, s.Name)))


def _renamed(node: s.Expr | None, old: str, new: str) -> s.Expr | None:
    """A copy of a bound with one variable for another."""
    match node:
        case s.Name(id=name):
            return s.Name(new if name == old else name)
        case s.BinOp():
            left, right = _renamed(node.left, old, new), _renamed(node.right, old, new)
            return None if left is None or right is None else s.BinOp(node.op, left, right)
    return node


def _unflipped(node: s.Expr) -> s.Expr | None:
    """`k` where `node` is `k[::-1, ::-1]`, `np.flip(k)` or `np.rot90(k, 2)`."""
    match node:
        case s.Subscript(value=value, index=s.Sequence(elements=elements)):
            steps = [e.step for e in elements if isinstance(e, s.Slice)]
            return value if steps and all(isinstance(e, s.UnaryOp) for e in steps) else None
        case s.Call(func=s.Attribute(attr="flip" | "rot90" | "flipud" | "fliplr"), args=args):
            return args[0].value if args else None
    return None


def _is_named(func: s.Expr, words: tuple[str, ...]) -> bool:
    name = func.attr if isinstance(func, s.Attribute) else getattr(func, "id", "")
    return any(name.startswith(word) for word in words)


def _written(scene: Scene, element: s.Expr) -> str:
    return scene.module.excerpt(element.span) or scene.text(element)
