"""The backward pass of what is handed the gradients of its outputs, statement by statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradlint.composing.program import Assignment, Program
from gradlint.composing.reversing.reverse import Reverse
from gradlint.composing.target import Underivable
from gradlint.deriving.stepwise import spread
from gradlint.reading import syntax as s


def _is_there(test: s.Expr) -> str | None:
    """The name of which a test asks whether it is not None."""
    match test:
        case s.Compare(
            left=s.Name(id=name), ops=("is not",), comparators=(s.Constant(value=None),)
        ):
            return name
    return None


@dataclass(eq=False)
class Handed(Program):
    """Writes from gradients that are there; `handed` are their names by the node that each is that of."""

    handed: dict[int, str] = field(default_factory=dict)
    outputs: frozenset[int] = frozenset()

    def _new_name(self, node: int) -> str:
        """No tensor that had the name of an output before it gets the name of the gradient of that."""
        found = super()._new_name(node)
        own = self._name_of(self.goal.alike(node))
        if own in self.naming.settled and not self.outputs & self.goal.alike(node):
            return found if node in self.roots else self.naming.before(own or "out")
        return found

    def _wanted(self) -> set[int]:
        same = {n for node in self.handed for n in self.goal.alike(node)}
        return super()._wanted() - (same - set(self.roots))

    def _given(self, nodes: set[int]) -> dict[int, tuple[str, float]]:
        known = {node: (name, 1.0) for node, name in self.handed.items()}
        return spread(self.goal, known) | super()._given(nodes)


@dataclass(eq=False)
class Retraced(Reverse):
    """Takes back the statements of a function; `outputs` are the places that gradients are handed of."""

    outputs: tuple[str, ...] = ()

    def _branches(self, statement: s.If, local: frozenset[str]) -> list[str]:
        """What is only there in a branch gets its zeros there: `if bias is not None`."""
        lines = super()._branches(statement, local)
        name = _is_there(statement.test)
        zeros = [x for x in lines if name is not None and x.endswith(f"zeros_like({name})")]
        rest = [x for x in lines if x not in zeros]
        at = next(k for k, x in enumerate(rest) if x.startswith("if "))
        return [*rest[: at + 1], *(f"    {x}" for x in zeros), *rest[at + 1 :]]

    def lines(self) -> list[str]:
        for place in self.outputs:
            self.live.add(self.gradients.gradient(place))
        found = self._block(self.scopes.block, frozenset())
        missing = [p for p in self.program.goal.parameters if p not in self.gradients.parameters]
        if missing:
            raise Underivable(f"the gradient of {missing[0]} has no short written form")
        return found

    def made(self) -> list[Assignment]:
        return [Assignment(name, "", place) for place, name in self.gradients.parameters.items()]
