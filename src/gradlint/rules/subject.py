"""All that the rules look at: one script, explored, judged and searched for repairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gradlint.claims.optimisers import began
from gradlint.deriving import Derivation
from gradlint.judging import Case, Judgement
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair import Repair
from gradlint.repair.suspicion import right_cotangents
from gradlint.tracing import Exploration, Trace, retrace


@dataclass(frozen=True, eq=False)
class Subject:
    """`judgement` is that of the loss chosen, `judged` those of all losses that were considered.

    `first` is the number of its first claim among those of all subjects of the script; `elsewhere` are the
    statements whose steps are claims of others; `opposed`: some of these are steps of the same round, along
    another loss, so that neither has to fall; `derived` remembers the gradients that were written down, by
    the number of their claim.
    """

    module: s.Module
    explored: Exploration
    case: Case
    judgement: Judgement | None
    judged: list[Judgement]
    repairs: list[Repair] = field(default_factory=list)
    first: int = 0
    elsewhere: frozenset[int] = frozenset()
    opposed: bool = False
    derived: dict[int, Derivation | None] = field(default_factory=dict)

    @cached_property
    def mended(self) -> Trace:
        """The trace at the first point with all repairs in place."""
        if not self.repairs:
            return self.case.trace
        overrides = {k: v for r in self.repairs for k, v in r.candidate.overrides.items()}
        return retrace(self.module, self.case.facts, 0, overrides).trace

    @property
    def wrong(self) -> list[int]:
        """The claims that are not right even up to a constant of their own."""
        if self.judgement is None:
            return []
        return [i for i, c in enumerate(self.judgement.comparisons) if c.is_wrong]

    @property
    def denied(self) -> s.Assert | None:
        """An assertion of the script's own that fails for made inputs at which a gradient is not right."""
        trace = self.case.trace
        fits = self.judgement is None or self.judgement.consistent
        return next(iter(trace.denied), None) if trace.inputs and not fits else None

    @property
    def certain(self) -> bool:
        """Whether the loss is certain: written, or pinned down by claims that fit it.

        An inferred loss is pinned down by a claim that fits it, or by a repair that makes two or more
        claims fit it at once.
        """
        if self.judgement is None:
            return False
        if self.judgement.spec.is_written and self.judgement.spec.named:
            return True
        fits = self.judgement.right > 0
        mended = bool(self.repairs) and self.repairs[-1].complete
        return fits or (mended and len(self.judgement.comparisons) > 1)

    def first_backward_line(self, default: Span, of: Sequence[int] = ()) -> Span:
        """The first line that computes for the steps and not for the loss: usually the first delta.

        With `of`, the first on the way to these claims whose value is no true cotangent either; if there
        is one, of code that made no true cotangent elsewhere: a helper that two layers call; and one
        that carries on what is handed back, since what is computed beside it is the forward pass again.
        """
        if self.judgement is None:
            return default
        point = self.case.points[0]
        frozen, trace = point.frozen, point.trace
        behind = frozen.ancestors([self.judgement.truths[0].loss])
        forward = {frozen.keys[n][0] for n in behind if n in frozen.keys}
        claims = [point.claims[i] for i in of] if of else point.claims
        ends = [n for c in claims for u in c.updates for n in u.made_of]
        start = min((c.root for c in point.claims), default=0)
        right = right_cotangents(trace, self.judgement.truths[0], ends) if of else set[int]()
        known = set(trace.ancestors(right))
        proven = self._of_helpers(known, default)
        above = trace.ancestors(ends, since=max(start, began(trace)))
        made = [
            node for node in sorted(above)
            if node not in known and trace.keys.get(node, (0,))[0] not in forward and self._is_written(node)
        ]  # fmt: skip
        made = [node for node in made if id(trace.nodes[node].expr) not in proven] or made
        if of:
            made = self._carrying(made, right)
        expr = trace.nodes[made[0]].expr if made else None
        return default if expr is None else self.line(expr.span)

    def _is_written(self, node: int) -> bool:
        """Whether an operation stands in the script: not what a drive does with what comes back."""
        made = self.case.trace.nodes[node]
        return bool(made.inputs) and made.expr is not None and made.expr.span.line > 0

    def _carrying(self, made: list[int], right: set[int]) -> list[int]:
        """Of `made` what carries true cotangents on; of a slope, which is handed none, what is made last."""
        objective = self.case.trace.objective
        pairs = () if objective is None else objective.outputs
        handed = {cotangent for _, cotangent in pairs if cotangent is not None}
        carried = self.case.trace.descendants(right | handed)
        return [node for node in made if node in carried] or (made[-1:] if handed else made)

    def _of_helpers(self, nodes: Iterable[int], at: Span) -> set[int]:
        """The expressions, by identity, of `nodes` that stand in other functions than the one around `at`."""
        defined = (n.span for n in descend(self.module.everything) if isinstance(n, s.FunctionDef))
        others = [one for one in defined if not one.line <= at.line <= one.end_line]
        exprs = {id(e): e.span for n in nodes if (e := self.case.trace.nodes[n].expr) is not None}
        return {
            key for key, span in exprs.items()
            if span.file != at.file or any(o.line <= span.line <= o.end_line for o in others)
        }  # fmt: skip

    def line_of(self, i: int) -> Span:
        """The whole of the line that makes the gradient of claim `i`."""
        claim = self.case.claims[i]
        return self.line(Span(claim.line, 1, claim.line, 1, file=claim.file))

    def line(self, at: Span) -> Span:
        """The whole of the first line of `at`, from its first character that is no blank."""
        number, lines = at.line, self.module.text_of(at.file).splitlines()
        text = lines[number - 1] if 0 < number <= len(lines) else ""
        code = text.split(" #")[0].rstrip()
        start = len(text) - len(text.lstrip()) + 1
        return Span(number, start, number, max(len(code), start) + 1, file=at.file)
