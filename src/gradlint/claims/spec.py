"""Which loss is meant, in whatever trace of the module."""

from __future__ import annotations

from dataclasses import dataclass

from gradlint.model import Span
from gradlint.tracing.facts import SiteKey


@dataclass(frozen=True, slots=True)
class LossSpec:
    """A loss: `family` is "written", "sum of" or "mean of" (what is written, made a number), or the
    name of an inferred one; `sites` are the nodes that it is made of, `name` what a reader calls it.
    An inferred one is multiplied by `times` and divided by how many entries its error has along `share`;
    `decays` are the places of parameters whose gradients have weight decay beside it, `shrinks` those
    whose gradients have the slope of an absolute value.
    """

    family: str
    sites: tuple[SiteKey, ...]
    name: str
    span: Span
    named: bool = False
    times: float = 1.0
    share: str = ""
    decays: tuple[str, ...] = ()
    shrinks: tuple[str, ...] = ()

    @property
    def penalised(self) -> set[str]:
        """The places of the parameters whose gradients have a penalty that no loss says."""
        return {*self.decays, *self.shrinks}

    @property
    def is_written(self) -> bool:
        return self.family in ("written", "sum of", "mean of")
