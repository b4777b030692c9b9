"""Variants of a drive: other values, ranks and sizes of its inputs, tried before what it calls is accused."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from itertools import combinations

from gradlint.claims.names import says_data
from gradlint.driving import asked as asks
from gradlint.driving.layers import LayerDrive
from gradlint.driving.loss_layers import LossLayerDrive
from gradlint.driving.losses import TARGETS, LossDrive, LossPairDrive
from gradlint.driving.names import says_target
from gradlint.driving.pairs import PairDrive
from gradlint.driving.roots import RootDrive
from gradlint.reading import syntax as s
from gradlint.tracing import Driven, Trace
from gradlint.tracing.guesses import array, last_name, number, says_rate
from gradlint.tracing.inputs import Form, Inputs, says_weight

NUMBER = Form("number", value=0.3)
"""What a bias of a single unit is given."""

_AIMED = LayerDrive | LossDrive | LossLayerDrive | LossPairDrive | PairDrive | RootDrive
"""Drives whose targets may be of other kinds."""


def variants(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same drive with other values in its targets, where it has targets whose use leaves that open."""
    drive = way.drive
    open_targets = (
        form.kind == "array" and form.filling in ("normal", "unit") and says_target(last_name(key))
        for key, form in inputs.forms.items()
    )
    if isinstance(drive, _AIMED) and any(open_targets):
        for filling in TARGETS:
            yield replace(way, drive=replace(drive, target=filling))


def of_one_sample(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same layer with vectors, where its code makes matrices of them: `np.asmatrix(dz)`."""
    promotes = any(word in way.text for word in ("asmatrix", "atleast_2d"))
    data = [
        key for key, form in inputs.forms.items()
        if form.kind == "array" and form.rank == 2 and not says_weight(key)
    ]  # fmt: skip
    if isinstance(way.drive, LayerDrive | PairDrive) and promotes and data:
        vectors = {key: replace(inputs.forms[key], rank=1) for key in data}
        yield replace(way, supposed={**way.supposed, **vectors})


def of_one_item(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same drive of a loss with one label where labels pick items: `vectors[word]`, word by word."""
    if isinstance(way.drive, LossDrive):
        for key, form in inputs.forms.items():
            if form.kind == "array" and form.filling == "labels" and form.rank == 1:
                yield replace(way, supposed={**way.supposed, key: replace(form, rank=0)})


def of_numbers(way: Driven, inputs: Inputs, numbers: Set[str]) -> Iterator[Driven]:
    """The same drive with a number for each parameter whose gradient is one: `dw = np.mean(error * x)`.

    Only where weights have such a gradient: for a bias alone it is a sum over too many axes.
    """
    given = {key for key in numbers if key in inputs.forms and inputs.forms[key].rank}
    weights = any(array(key).rank > 1 for key in given)
    if weights and isinstance(way.drive, LossDrive | LossPairDrive | RootDrive):
        yield replace(way, supposed={**way.supposed, **dict.fromkeys(given, NUMBER)})


def of_rates(way: Driven, inputs: Inputs, learnt: Set[str]) -> Iterator[Driven]:
    """The same drive with a number for what is named like a vector or a rate and learns nothing: `beta`."""
    given = [
        key for key, form in inputs.forms.items()
        if form.kind == "array" and form.rank and says_rate(key) and key not in learnt
    ]  # fmt: skip
    if given:
        yield replace(way, supposed={**way.supposed, **{key: number(key) for key in given}})


def of_one_unit(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same drive of a loss with one unit where it has one layer: its bias a number, its weights a vector.

    Weights that are called `W` are a matrix.
    """
    arrays = [key for key, form in inputs.forms.items() if form.kind == "array"]
    learnt = [key for key in arrays if not (says_data(key) or says_target(last_name(key)))]
    biases = [key for key in learnt if array(key).rank == 1]
    one_layer = len(learnt) == 2 and len(biases) == 1
    if not isinstance(way.drive, LossDrive | RootDrive):
        return
    if one_layer:
        yield replace(way, supposed={**way.supposed, biases[0]: NUMBER})
    elif len(learnt) == 1 and array(learnt[0]).rank == 2 and learnt[0].islower():
        yield replace(way, supposed={**way.supposed, learnt[0]: Form("array", rank=1)})


def of_more_axes(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same layer with a third and a fourth axis in what was taken for a matrix: sequences, images.

    `np.sum(dout, axis=(0, 1))` is the gradient of a bias then, and a number for a matrix.
    """
    data = [key for key, form in inputs.forms.items() if _is_data(key, form) and form.rank == 2]
    if 0 < len(data) < 3 and isinstance(way.drive, LayerDrive | PairDrive):
        for rank in (3, 4):
            more = {key: replace(inputs.forms[key], rank=rank) for key in data}
            yield replace(way, supposed={**way.supposed, **more})


def of_one_output(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same layer with one of two counts at 1, where it only ran because both were made the same.

    `np.sum(x * dz, axis=0)` is the gradient of the weights of a single output.
    """
    counts = [key for key, form in inputs.forms.items() if form.kind == "count" and not form.value]
    if not isinstance(way.drive, LayerDrive):
        return
    for pair in combinations(counts, 2):
        if inputs.root(pair[0]) == inputs.root(pair[1]):
            for key in reversed(pair):
                yield replace(way, supposed={**way.supposed, key: Form("count", value=1)})


def of_square_images(way: Driven, inputs: Inputs) -> Iterator[Driven]:
    """The same layer with images that are as high as they are wide, as nearly all are."""
    images = [key for key, form in inputs.forms.items() if _is_data(key, form) and form.rank == 4]
    if images and isinstance(way.drive, LayerDrive | PairDrive):
        forms = {**way.supposed, **{key: inputs.forms[key] for key in images}}
        square = {f"{key}:{i + 1}": f"{key}:{i}" for key in images if (i := _height(inputs, key))}
        yield replace(way, supposed=forms, square=square)


def at_defaults(way: Driven, inputs: Inputs, trace: Trace) -> Iterator[Driven]:
    """The same drive with nothing for the numbers that are nothing where nobody gives them: penalties.

    Only for those of which the objective of `trace` is not made: their loss is written in another
    function, and nothing here holds their slopes.
    """
    objective = [] if trace.objective is None else [trace.objective.node]
    known = {trace.inputs[n] for n in trace.ancestors(objective) if n in trace.inputs}
    options = {
        p.name: 0
        for f in asks.functions_of(way) for p in f.params
        if isinstance(p.default, s.Constant) and type(p.default.value) in (int, float)
        and p.default.value == 0 and p.name not in known
        and p.name in inputs.forms and inputs.forms[p.name].kind == "number"
    }  # fmt: skip
    if options:
        yield replace(way, options={**way.options, **options})


def left_at_nothing(way: Driven) -> list[str]:
    """The options that a way has nothing for."""
    return [name for name, value in way.options.items() if type(value) is int and value == 0]


def _height(inputs: Inputs, key: str) -> int:
    """The axis of the height of images: the channels, whose number others share, are behind or before it."""
    others = {inputs.root(axis) for axis in inputs.named() if not axis.startswith(f"{key}:")}
    shared = [inputs.root(f"{key}:{axis}") in others for axis in (1, 3)]
    return 1 if shared == [False, True] else 2


def _is_data(key: str, form: Form) -> bool:
    return form.kind == "array" and form.filling == "normal" and not says_weight(key)
