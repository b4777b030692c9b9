"""What a run of the script said, as values that travel between processes as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from gradlint.health import Health
from gradlint.model import Agreement, OwnCall, Run


@dataclass(frozen=True, slots=True)
class Witness:
    """What autograd and central differences say of the gradient that really moved `place`.

    `max_relative_error` (in the norm, the largest over the steps), `cosine` (the smallest) and
    `scale` hold the gradient that the script computed against autograd's. `detail` says why a
    comparison was not made; `number` is that of the claim among all of the script's,
    `kinks` counts the items that were left out since they depend on a slope at a kink.
    """

    place: str
    autograd: Agreement = Agreement.NOT_RUN
    finite_difference: Agreement = Agreement.NOT_RUN
    max_relative_error: float | None = None
    cosine: float | None = None
    scale: float | None = None
    detail: str | None = None
    number: int = 0
    kinks: int = 0


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. `witnesses` are in the order of the claims of the jobs, or empty.

    `status` is ok, failed, timeout or not-run; `losses` are the values of the loss at the observed
    steps; `refused` says that what the user asked for (a device) is not there: an error of usage;
    `unguarded` are the guards that this system does not have, `health` is what was seen of each training;
    `called` counts what was called with made inputs, `own` are calls of the script's own that were held too.
    """

    status: str = "not-run"
    device: str | None = None
    iterations: int = 0
    detail: str | None = None
    witnesses: tuple[Witness, ...] = ()
    losses: tuple[float, ...] = ()
    refused: bool = False
    unguarded: tuple[str, ...] = ()
    health: tuple[Health, ...] = ()
    called: int = 0
    own: tuple[OwnCall, ...] = ()

    @property
    def run(self) -> Run:
        """The part of the result that reports show of the run itself."""
        return Run(
            self.status, self.device, self.iterations, self.detail, self.refused, self.unguarded,
            self.health, self.called, self.own,
        )  # fmt: skip

    def to_json(self) -> str:
        """The result as text; numbers that JSON does not know become null."""
        return json.dumps(_finite(asdict(self)), allow_nan=False)

    @staticmethod
    def from_json(text: str) -> RunResult:
        """The inverse of `to_json`. Raises ValueError where the text is no result."""
        try:
            found = json.loads(text)
            witnesses = tuple(_witness(w) for w in found.pop("witnesses"))
            losses = tuple(math.nan if x is None else float(x) for x in found.pop("losses"))
            unguarded = tuple(found.pop("unguarded", ()))
            health = tuple(map(Health.of, found.pop("health")))
            own = tuple(OwnCall(**call) for call in found.pop("own", ()))
            return RunResult(
                **found, witnesses=witnesses, losses=losses, unguarded=unguarded, health=health, own=own
            )  # fmt: skip
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no result of a run: {error}") from None


def _witness(found: dict[str, Any]) -> Witness:
    for name in ("autograd", "finite_difference"):
        found[name] = Agreement(found[name])
    return Witness(**found)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value.value if isinstance(value, Agreement) else value
