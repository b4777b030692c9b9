"""How large made data are in a run: as the script's own literals say, or as such data usually are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gradlint.harness.job import Job
from gradlint.harness.walks import Trial
from gradlint.tracing.inputs import Inputs
from gradlint.tracing.sizes import own_sizes

ROWS = (256, 2048, 70_000)
"""Samples, fewest first: as many as a script that takes batches or cuts off a test set needs."""
_KNOWN = {
    "mnist": (28, 28), "fashion_mnist": (28, 28), "kmnist": (28, 28), "cifar10": (32, 32, 3),
    "cifar100": (32, 32, 3), "load_iris": (4,), "load_wine": (13,), "load_digits": (64,),
    "load_breast_cancer": (30,), "load_diabetes": (10,), "fetch_california_housing": (8,),
    "load_boston": (13,), "mnist_784": (784,),
    "MNIST": (1, 28, 28), "FashionMNIST": (1, 28, 28), "KMNIST": (1, 28, 28), "QMNIST": (1, 28, 28),
    "CIFAR10": (3, 32, 32), "SVHN": (3, 32, 32),
}  # fmt: skip
"""The shape of one sample of data sets that everybody uses."""
_NAMES = re.compile(r"\b(?:" + "|".join(sorted(_KNOWN, key=len, reverse=True)) + r")\b")


def at_real_sizes(job: Job) -> Inputs:
    """The inputs of `job` at sizes at which its training loop makes a step; the last resort are the
    analysis's own numbers of rows."""
    known = own_sizes(job.module, job.facts.sizes)
    for rows in (*ROWS, None):
        trial = Trial(job, _sized(job.facts.inputs, known, rows))
        if trial.succeeds():
            return trial.facts.inputs
    return _sized(job.facts.inputs, known, ROWS[0])


def _sized(inputs: Inputs, known: Mapping[int, int], rows: int | None) -> Inputs:
    """`inputs` with every axis at its size in a run; `known` are literal sizes by the small ones."""
    made = inputs.copy()
    made.pinned = {}
    for axis in inputs.named():
        root, small = inputs.root(axis), inputs.size(axis)
        if root in made.pinned:
            continue
        own = _own(small, known)
        if own is None:
            free = small >= max(inputs.least, 1)
            first = any(a.endswith(":0") for a in inputs.named() if inputs.root(a) == root)
            own = rows if free and first and rows is not None else small
        made.pinned[root] = own
    for axis, own in _of_known_data(inputs):
        made.same.pop(axis, None)
        made.pinned[axis] = own
    for key, form in made.forms.items():
        if form.filling == "labels":
            made.forms[key] = replace(form, below=_own(form.below, known) or form.below)
    return made


def _own(small: int, known: Mapping[int, int]) -> int | None:
    """The size that a small one stands for, also where it is the product of two that are known."""
    if small in known:
        return known[small]
    return next(
        (known[a] * known[b] for a in known for b in known if a * b == small and a <= b), None
    )


def _of_known_data(inputs: Inputs) -> Iterator[tuple[str, int]]:
    """The axes of data sets whose samples have a known shape."""
    for key, form in inputs.forms.items():
        name = _NAMES.search(key)
        if form.kind == "array" and name is not None:
            shape = _KNOWN[name[0]]
            if form.rank == len(shape) + 1:
                yield from ((f"{key}:{i + 1}", n) for i, n in enumerate(shape))
