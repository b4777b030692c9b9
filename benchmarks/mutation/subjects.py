"""The right scripts that are broken: the fixtures that are marked correct, and those in `scripts/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mutation.truth import Plan, plan_for

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "fixtures"
_LOSSES = {
    "numpy_gradient_accumulation": "np.sum((X @ W + b - y) ** 2)",
    "python_regression_points": "compute_error_for_line_given_points(b, m, points)",
    "python_minimum_of_function": "f(x)",
    "class_weight_lists": "sum(np.sum((self.predict(x) - y) ** 2) for x, y in pairs[:size])",
    "class_costs_with_decay": (
        "self.cost.value(self.run(x), want) + 0.5 * decay / n * sum(np.sum(w**2) for w in self.w)"
    ),
    "class_named_layers": "model.loss(x, onehot)",
    "class_xor_target_minus_output": "np.sum((self.y - self.forward()) ** 2)",
    "functions_batch_generator": "cross_entropy(sigmoid(xb @ theta['w'] + theta['b']), yb)",
}
"""The loss at the head of a round, for scripts that keep none in a variable."""


@dataclass(frozen=True)
class Subject:
    """A right script; `driver` is what is put behind it to run functions that nothing calls."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def driver(self) -> str:
        path = HERE / "scripts" / "drivers" / self.path.name
        return "\n" + path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def asked(self) -> str | None:
        """The loss at the head of a round, where the script keeps none in a variable."""
        return _LOSSES.get(self.name)

    def plan(self) -> Plan | None:
        """How its truth is found; None where it runs but no loss is found that it descends."""
        try:
            return plan_for(self.text, self.driver, self.asked)
        except Exception:
            return None


def subjects() -> Iterator[Subject]:
    """Every right script, in the order of the names."""
    for path in sorted([*FIXTURES.glob("*.py"), *(HERE / "scripts").glob("*.py")]):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        if path.parent != FIXTURES or "verdict=correct" in first:
            yield Subject(path)
