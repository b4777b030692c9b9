"""From a subject to what is known of its gradients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradlint.gradcheck import recording
from gradlint.gradcheck.arrays import as_array, is_number, is_real
from gradlint.gradcheck.assigning import MISSING, assigned, held, tensor_gradients, zeroed
from gradlint.gradcheck.comparing import compared
from gradlint.gradcheck.evaluating import Evaluator, Forward, as_given, cotangents_for
from gradlint.gradcheck.hypotheses import Clues, likely
from gradlint.gradcheck.leaves import Leaf, Path, slots_of
from gradlint.gradcheck.result import GradientCheck, InputCheck
from gradlint.gradcheck.subjects import Subject
from gradlint.gradcheck.truth import Truth, Weighted, columns, truth_of
from gradlint.gradcheck.ways import Way, is_output, ways
from gradlint.judging.compare import compare
from gradlint.model import Agreement


@dataclass(frozen=True, slots=True)
class Limits:
    """How exact, at how many elements of an input, and with which random numbers."""

    tolerance: float
    elements: int
    seed: int


@dataclass(slots=True, eq=False)
class Judge:
    """Checks one subject: calls it, measures what is true, compares."""

    subject: Subject
    again: Callable[[], None]
    limits: Limits
    wrt: Sequence[str] | None
    truths: dict[tuple[Path, bytes], Truth] = field(default_factory=dict)

    def check(self) -> GradientCheck:
        """By the way of calling backward under which all is right, else by the likeliest one."""
        evaluator, done = self._start()
        first: GradientCheck | None = None
        refused: Exception | None = None
        for way in self._ways(done):
            try:
                found = self._by(way, evaluator)
            except Exception as error:
                refused = refused or error
                continue
            if found.is_right and found.inputs:
                return found
            first = first or found
        if first is None:
            raise refused or ValueError(f"{self.subject.title}: there is no way to call backward")
        return first

    def _start(self) -> tuple[Evaluator, Forward]:
        """Float64 if the subject takes it, else the precision that it was given."""
        evaluator = Evaluator.of(self.subject, self.again, double=True)
        try:
            done = evaluator.forward({})
        except Exception:
            evaluator = replace(evaluator, double=False)
            done = evaluator.forward({})
        outs = done.outputs()
        if not outs:
            kind = type(done.returned).__name__
            raise ValueError(f"forward returns no array of real numbers ({kind})")
        twice = evaluator.forward({}).outputs()
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(outs, twice, strict=True)):
            raise ValueError("forward is not deterministic: two calls on the same inputs differ")
        if not all(np.all(np.isfinite(out)) for out in outs):
            raise ValueError("forward returns NaN or infinity: choose other inputs")
        return evaluator, done

    def _ways(self, done: Forward) -> list[Way]:
        if self.subject.function is not None:
            outs = [n for n, part in enumerate(done.parts) if is_output(part)]
            return [Way(tuple(("cotangent", n) for n in outs))]
        if self.subject.backward is None:
            return [Way(())]
        return ways(done.backward, done.returned, list(done.given.arguments))

    def _by(self, way: Way, evaluator: Evaluator) -> GradientCheck:
        done = evaluator.forward({}, recording=True)
        if done.owner is not None:
            for _, slot in held(done.owner):
                zeroed(slot)
        known = {slot.path for slot in slots_of(self.subject.owner)} if done.owner else set()
        cotangents = cotangents_for(done, way, self.limits.seed)
        returned, problems = self._returned(way, evaluator, done, as_given(done, cotangents))
        if problems:
            return GradientCheck(self.subject.title, (), tuple(problems))
        leaves = done.given.leaves()
        claims = list(assigned(returned, leaves, self.wrt))
        checked = [
            *self._rows(claims, evaluator, cotangents, strict=True),
            *self._rows(self._kept(done, known), evaluator, cotangents, strict=False),
        ]
        return GradientCheck(self.subject.title, tuple(checked))

    def _returned(
        self, way: Way, evaluator: Evaluator, done: Forward, cotangents: Mapping[int, Any]
    ) -> tuple[Any, list[str]]:
        """What backward hands out, and what is wrong with that before any number is looked at."""
        if self.subject.function is not None:
            from gradlint.gradcheck.functions import handed_out

            return handed_out(evaluator, done, way, cotangents)
        if self.subject.backward is None and self.subject.owner is None:
            rest = done.parts[1:]
            return (rest[0] if len(rest) == 1 else rest), []
        return evaluator.backward(done, way, cotangents), []

    def _kept(self, done: Forward, known: set[Path]) -> Iterator[tuple[Leaf, Any]]:
        """The gradients that the object keeps, of what it held before it was called."""
        if done.owner is None:
            return
        before = {slot.path: slot for slot in slots_of(self.subject.owner)}
        pairs = [(one, other.get()) for one, other in held(done.owner)]
        pairs += [(one, gradient) for one, gradient in tensor_gradients(done.owner)]
        for slot, gradient in pairs:
            if slot.path not in known or gradient is None or not is_real(before[slot.path].get()):
                continue
            array = as_array(gradient)
            if np.any(array):
                yield Leaf(slot.name, slot.path, as_array(before[slot.path].get())), array

    def _rows(
        self, claims: Any, evaluator: Evaluator, cotangents: Mapping[int, Any], strict: bool
    ) -> Iterator[InputCheck]:
        """Each claim against its truth; what an object holds and nothing depends on is no parameter."""
        claims = list(claims)
        measured = {leaf.path: self._truth(leaf, evaluator, cotangents) for leaf, _ in claims}
        for leaf, got in claims:
            truth = measured[leaf.path]
            if not strict and not truth.scale:
                continue
            case = _Case(self, evaluator, cotangents, leaf, got, truth)
            yield case.row(
                {one.name: measured[one.path].values for one, _ in claims if one is not leaf}
            )

    def _truth(self, leaf: Leaf, evaluator: Evaluator, cotangents: Mapping[int, Any]) -> Truth:
        key = (leaf.path, b"".join(c.tobytes() for c in cotangents.values()))
        if key not in self.truths:
            function = self._weighted(leaf, evaluator, cotangents)
            self.truths[key] = truth_of(function, self.limits.elements, self.limits.seed)
        return self.truths[key]

    def _weighted(
        self, leaf: Leaf, evaluator: Evaluator, cotangents: Mapping[int, Any]
    ) -> Weighted:
        base = evaluator.forward({})
        return Weighted(evaluator, leaf, tuple(base.outputs()), cotangents, base.epsilon)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One gradient that was handed out for one leaf."""

    judge: Judge
    evaluator: Evaluator
    cotangents: Mapping[int, Any]
    leaf: Leaf
    got: Any
    truth: Truth

    def row(self, others: Mapping[str, Any]) -> InputCheck:
        name, truth = self.leaf.name, self.truth
        number = int(truth.known.sum())
        if self.got is MISSING:
            wanted = truth.scale and self.leaf.argument in (self.judge.wrt or ())
            agreement = Agreement.DIFFERENT if wanted else Agreement.UNKNOWN
            return InputCheck(name, agreement, number, likely="no gradient is handed out")
        got = self.got
        if got.size == 1 == truth.values.size:
            got = got.reshape(truth.values.shape)
        if got.shape != truth.values.shape:
            said = likely(self._clues(got, others))
            return InputCheck(name, Agreement.DIFFERENT, number, truth.kinks, likely=said)
        return self._of_one_shape(got, others)

    def _of_one_shape(self, got: Any, others: Mapping[str, Any]) -> InputCheck:
        limits = self.judge.limits
        epsilon = 0.0 if self.evaluator.double else self.evaluator.forward({}).epsilon
        found = compared(got, self.truth, limits.tolerance, epsilon)
        row = InputCheck(
            self.leaf.name, found.agreement, found.number, self.truth.kinks,
            found.scale, found.cosine, found.error, found.worst,
        )  # fmt: skip
        if row.is_right:
            return row
        exact = recording.gradient(self.evaluator, self.leaf, self.cotangents)
        second = Agreement.NOT_RUN if exact is None else compare([(got, exact)]).agreement
        if second is Agreement.EQUAL:
            return replace(row, agreement=Agreement.EQUAL, autograd=second)
        said = likely(self._clues(got, others))
        if said is None and found.worst is None:
            said = (
                "the elements that were sampled are right; others, along random directions, are not"
            )
        return replace(row, autograd=second, likely=said)

    def _clues(self, got: Any, others: Mapping[str, Any]) -> Clues:
        done = self.evaluator.forward({})
        order = [n for n, part in enumerate(done.parts) if is_output(part)]
        outputs = dict(zip(order, done.outputs(), strict=True))
        weights = [self.cotangents.get(n, np.zeros(outputs[n].shape)) for n in order]
        return Clues(
            self.leaf.name, got, self.truth.values, others, dict(_arrays(done)), _numbers(done),
            tuple(outputs[n] for n in self.cotangents), tuple(self.cotangents.values()),
            columns(self.evaluator, self.leaf, weights),
        )  # fmt: skip


def _numbers(done: Forward) -> dict[str, float]:
    """The plain numbers among the arguments."""
    given = done.given.arguments.items()
    return {n: float(x) for n, x in given if isinstance(x, int | float) and not isinstance(x, bool)}


def _arrays(done: Forward) -> Iterator[tuple[str, Any]]:
    """Every array that went in, integers as integers."""
    for leaf in done.given.leaves():
        yield leaf.name, leaf.value
    torch = sys.modules.get("torch")
    for name, value in done.given.arguments.items():
        if torch is not None and isinstance(value, torch.Tensor) and not is_real(value):
            yield name, value.cpu().numpy()
        elif isinstance(value, np.ndarray) and not is_real(value) and value.dtype.kind in "iub":
            yield name, value
        elif isinstance(value, list) and not is_real(value) and not is_number(value):
            array = np.asarray(value, dtype=object)
            if array.size and all(isinstance(x, int) for x in array.ravel()):
                yield name, array.astype(int)
