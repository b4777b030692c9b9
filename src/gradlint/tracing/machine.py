"""The part of the interpreter that makes nodes: applying ops, making leaves, changing in place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing import failing, guards, matrices
from gradlint.tracing.facts import KEPT, Budget, Facts
from gradlint.tracing.matrix_axes import kept
from gradlint.tracing.trace import CONSTANT, LEAF, Opaque, Trace
from gradlint.tracing.values import Traced, is_plain, plain


class Exhausted(Exception):
    """The budget of the walk is spent; `long`: fewer rounds of its loops would help."""

    def __init__(self, reason: str, span: Span, long: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span
        self.long = long


class NewDimension(Exception):
    """An array is too large at the sizes known so far and a literal that makes it so was found."""


_SAME = frozenset(["copy", "detach"])
_RESHAPES = frozenset(
    ["reshape", "reshape_as", "flatten", "squeeze", "expand_dims", "atleast_1d", "atleast_2d"]
)
_FEW = 14
"""Inputs of one unit up to which weights are drawn as large as any other number."""
LARGE = 500
"""Elements of an array that are worth walking again for, once its sizes are known to be dimensions."""


class Machine:
    """Makes trace nodes from values; knows no syntax beyond the expression that is being evaluated.

    `paths` are the folders that the script appends to `sys.path`, `reads` the calls (by identity) that
    give data which is not there; `large`: an array was made that is worth walking again for.
    """

    def __init__(self, module: s.Module, facts: Facts, seed: int, budget: Budget) -> None:
        self.module = module
        self.facts = facts
        self.budget = budget
        self.trace = Trace()
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.steps = 0
        self.elements = 0
        self.large = False
        self.made_inputs: dict[str, Any] = {}
        self.made: Counter[int] = Counter()
        self.paths: list[str] = []
        self.reads: set[int] = set()
        self.applier: Callable[..., Any] | None = None
        self.local_classes: dict[str, Any] = {}
        self.at: s.Expr | s.Stmt = s.Constant(None)
        self.statement: s.Stmt = s.Flow("pass")

    # Bookkeeping

    def step(self, node: s.Expr | s.Stmt) -> None:
        self.steps += 1
        if self.steps > self.budget.steps:
            self.exhausted(node)

    def exhausted(self, node: s.Expr | s.Stmt) -> None:
        """The walk is too long, and ends at `node`."""
        raise Exhausted(self.too_long(), node.span, long=True)

    def too_long(self) -> str:
        """What makes a walk too long."""
        return "the script is too long to be walked in full"

    def spend(self, size: int) -> None:
        """Account for an array of `size` elements.

        Raises:
            NewDimension: it is too large, but a smaller size was learnt on the way.
            Exhausted: it is too large.
        """
        self.elements += size
        if size > LARGE:
            self.large = True
            if self.may_shrink():
                raise NewDimension
        if size > self.budget.array or self.elements > self.budget.elements:
            raise Exhausted("the arrays are too large to be tried out", self.at.span)

    def note_sizes(self, value: Any, sizes: dict[int, int]) -> None:
        """Add the integer literals that `value` was made from to `sizes`, by identity."""
        if isinstance(value, Traced):
            for site, size in self.trace.integers_below(value.id).items():
                sizes.setdefault(site, size)

    def may_shrink(self) -> bool:
        """Whether a literal became a dimension for which no small size was chosen yet."""
        known = self.facts.sizes
        return self.facts.shrinks and any(
            own > KEPT and site not in known for site, own in self.facts.dimensions.items()
        )

    def opaque(self, reason: str, kind: str = "unknown", span: Span | None = None) -> Opaque:
        found = Opaque(reason, span or self.at.span, kind)
        if kind == "shape":
            self.trace.failures.append(found)
            if len(self.trace.failures) > self.budget.failures:
                raise Exhausted(f"the shapes do not fit: {reason}", found.span)
        return found

    def failed(self, error: Exception, values: Sequence[Any] = ()) -> Opaque:
        """What an evaluation gives that raised `error`: the first of its values that is not known, if any."""
        if isinstance(error, failing.NotKnown):
            return error.value
        return failing.unknown_in(values) or self.opaque(failing.told(error))

    # Nodes

    def add(
        self,
        op: str,
        inputs: tuple[int, ...],
        params: dict[str, Any],
        value: Any,
        expr: s.Expr | None,
    ) -> tuple[int, Any]:
        """Record a node, or a random leaf in its place where the node is a parameter's start."""
        if expr is not None:
            key = id(expr), self.made.get(id(expr), 0)
            self.made[id(expr)] = key[1] + 1
            if key in self.facts.parameters:
                value = self.random_like(value) * self.facts.calm.get(key, 1.0)
                op, inputs, params = LEAF, (), {}
            if key in self.facts.nudges:
                value = value + self.facts.nudges[key]
            self.trace.mark(len(self.trace.nodes), key)
        return self.trace.add(op, inputs, params, value, expr, self.statement), value

    def random_like(self, value: Any) -> Any:
        drawn = self.rng.normal(0.0, 0.7 * _spread(np.shape(value)), np.shape(value))
        return float(drawn) if not isinstance(value, np.ndarray) else drawn

    def leaf(self, value: Any, library: str, expr: s.Expr | None = None) -> Traced:
        """A new leaf of the trace: data, a random draw, a named number."""
        expr = expr if expr is not None else self.expression()
        if isinstance(value, np.ndarray):
            self.spend(value.size)
        made, value = self.add(LEAF, (), {}, value, expr)
        return Traced(made, value, library)

    def expression(self) -> s.Expr | None:
        return self.at if isinstance(self.at, s.Expr) else None

    def node_of(self, value: Any) -> int:
        """The node of a value that is an operand; plain numbers become constants.

        Raises:
            TypeError: `value` is nothing that an operation can take.
        """
        if isinstance(value, Traced):
            self.refresh(value)
            return value.id
        if isinstance(value, list | tuple):
            return self.tensor_of(value, "numpy").id
        if isinstance(value, bool | int | float | complex | np.ndarray | np.generic):
            return self.trace.add(CONSTANT, (), {}, value, None)
        raise TypeError(f"a {type(value).__name__} cannot be calculated with")

    def tensor_of(self, value: Any, library: str) -> Traced:
        """A tensor of a nested list, joined from its parts where they are traced."""
        if isinstance(value, Traced):
            return value
        if not _holds_tensor(value):
            try:
                array = np.array(plain(value))
            except ValueError:
                raise TypeError("the rows of the array differ in length") from None
            if array.dtype == object:
                raise TypeError("the rows of the array differ in length")
            return self.leaf(array, library)
        parts = [self.tensor_of(v, library) for v in value]
        made = self.apply("stack", parts, {"axis": 0}, library=library)
        if not isinstance(made, Traced):
            raise TypeError("the parts of this array do not fit together")
        return made

    def apply(
        self, op: str, inputs: Sequence[Any], params: dict[str, Any], library: str | None = None
    ) -> Any:
        """Apply the op named `op`; the result is Traced, or Opaque where that cannot be."""
        for value in inputs:
            if type(value) is Opaque:
                return value
        for value in params.values():
            if type(value) is Opaque:
                return value
        entry = ops.OPS[op]
        params = {name: plain(value) for name, value in params.items()} if params else {}
        library = library or _library(inputs)
        if library == matrices.MATRIX:
            return matrices.applied(self, op, inputs, params)
        try:
            ids = tuple([self.node_of(v) for v in inputs])
        except TypeError as error:
            return self.failed(error, inputs)
        nodes = self.trace.nodes
        values = [nodes[i].value for i in ids]
        if len(values) > 1:
            size = guards.result_size(op, values, self.budget.array)
            if size > self.budget.array:
                self.spend(size)
        try:
            value = entry.compute(*values, **params)
        except MemoryError:
            raise Exhausted("the arrays are too large to be tried out", self.at.span) from None
        except (ValueError, IndexError) as error:
            self.misfit(op, ids, params, str(error))
            return self.opaque(_misfit(error, [np.shape(v) for v in values]), "shape")
        except (TypeError, ArithmeticError, AttributeError, ops.OpError) as error:
            return self.failed(error, [*values, *params.values()])
        if self.facts.learning and len(ids) == 2 and entry.elementwise:
            self.broadcasts(ids)
        if library == "python":
            value = value.item() if isinstance(value, np.ndarray | np.generic) else value
        else:
            value = np.asarray(value)
            self.spend(value.size)
        made, value = self.add(op, ids, params, value, self.expression())
        return Traced(made, value, library)

    def misfit(self, op: str, inputs: tuple[int, ...], params: dict[str, Any], reason: str) -> None:
        """Called where an operation does not fit, before it becomes opaque."""

    def broadcasts(self, inputs: tuple[int, ...]) -> None:
        """Called where a walk learns and two arrays were taken together."""

    def asked_count(self, value: Any) -> Any:
        """`value`, of which a number of things is asked for."""
        return value

    # Cells and views

    def refresh(self, cell: Traced) -> None:
        """Derive a view again where its base changed since."""
        if cell.base is None or cell.how is None:
            return
        self.refresh(cell.base)
        if cell.base.version == cell.base_version:
            return
        fresh = self.apply(cell.how[0], [cell.base], cell.how[1], cell.library)
        if isinstance(fresh, Traced):
            cell.id, cell.value = fresh.id, fresh.value
        cell.base_version = cell.base.version
        cell.version += 1

    def view(
        self, base: Traced, op: str, params: dict[str, Any], library: str | None = None
    ) -> Any:
        """Apply `op` to `base`; what comes out shares its memory where numpy's result does.

        A copy made with `library` named stands for the same memory seen by the other library.
        """
        library = library or base.library
        if library == matrices.MATRIX:
            op, params = kept(op, [base], params) or (op, params)
        made = self.apply(op, [base], params, library)
        if isinstance(made, Traced) and self._shares(made, base, op):
            made.base, made.how, made.base_version = (
                base,
                (op, made_params(made, self)),
                base.version,
            )
        return made

    def write(self, cell: Traced, new: Traced) -> None:
        """Put `new` in the place of `cell`'s value, for all who share it."""
        cell.id, cell.value = new.id, new.value
        cell.version += 1
        if cell.base is None or cell.how is None:
            return
        base, (op, params) = cell.base, cell.how
        back = self._written_back(base, op, params, new)
        if isinstance(back, Traced):
            self.write(base, back)
            cell.base_version = base.version

    def _written_back(self, base: Traced, op: str, params: dict[str, Any], new: Traced) -> Any:
        if op == "getitem":
            return self.apply("setitem", [base, new], params, base.library)
        if op in _SAME:
            return self.apply("copy", [new], {}, base.library)
        if op in _RESHAPES and params.get("memory", "C") == "C":
            return self.apply("reshape", [new], {"shape": base.shape}, base.library)
        if op == "transpose" and params.get("axes") is None:
            return self.apply("transpose", [new], {"axes": None}, base.library)
        places = ops.OPS[op].evaluate(np.arange(np.size(base.value)).reshape(base.shape), **params)
        index = np.unravel_index(np.asarray(places), base.shape)
        return self.apply("setitem", [base, new], {"index": index}, base.library)

    def _shares(self, made: Traced, base: Traced, op: str) -> bool:
        """Whether `made` shows the memory of `base`; a torch tensor of rank 0 does, a numpy number not."""
        replaced = self.trace.nodes[made.id].op != op
        if replaced or op in _SAME or (op == "getitem" and base.library == "torch"):
            return True
        return np.may_share_memory(made.value, base.value)


def _spread(shape: tuple[int, ...]) -> float:
    """How much smaller the weights of many inputs are, so that no softmax behind them saturates."""
    fan = max(shape[0], math.prod(shape[1:])) if len(shape) > 1 else 1
    return math.sqrt(min(1.0, _FEW / fan)) if fan else 1.0


def made_params(made: Traced, machine: Machine) -> dict[str, Any]:
    """The plain parameters that the node of `made` was recorded with."""
    return dict(machine.trace.nodes[made.id].params)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_tensor(v) for v in value)
    if isinstance(value, Traced):
        return not (value.is_python and isinstance(value.value, int))
    return not is_plain(value)


def _library(inputs: Sequence[Any]) -> str:
    found, plainly = "", "python"
    for value in inputs:
        if type(value) is Traced:
            if value.library == matrices.MATRIX:
                return value.library
            found = found or (value.library if value.library != "python" else "")
        elif isinstance(value, list | tuple | np.ndarray | np.generic):
            plainly = "numpy"
    return found or plainly


_MASK = re.compile(r"size of axis is (\d+) but size of corresponding boolean axis is (\d+)")


def _misfit(error: Exception, shapes: list[tuple[int, ...]]) -> str:
    text = str(error).splitlines()[0]
    sizes = _MASK.findall(text)
    if sizes:
        return f"a mask of size ({sizes[0][1]}) and an array of size ({sizes[0][0]}) do not fit"
    if len(shapes) == 2 and any(shapes):
        return f"shapes {shapes[0]} and {shapes[1]} do not fit"
    return text
