"""The losses of torch.nn.functional between scores and classes.

A loss with class indices is the loss with probabilities that are one on the class: weights, ignored
indices and label smoothing only change those probabilities and the number that the mean divides by.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops import special
from gradlint.ops.losses import REDUCED, by_old_flags, reduced
from gradlint.ops.op import Array, Sample, sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer

CLASSES = np.array([2, 0, 3])


def _class_axis(x: Any) -> int:
    return 0 if np.ndim(x) == 1 else 1


def _probabilities(
    x: Any, target: Any, weight: Any, ignore_index: int, label_smoothing: float
) -> tuple[Array, Any]:
    """The weight of each class in each sample's loss, and the number that the mean divides by."""
    axis, classes = _class_axis(x), np.shape(x)[_class_axis(x)]
    indices = np.ndim(target) == np.ndim(x) - 1
    valid = np.asarray(target) != ignore_index if indices else True
    if indices:
        chosen = np.where(valid, target, 0).astype(int)
        target = np.moveaxis(np.eye(classes)[chosen], -1, axis)
    each = np.ones(classes) if weight is None else np.asarray(weight, dtype=float)
    each = each.reshape([classes if a == axis else 1 for a in range(np.ndim(x))])
    smooth = target * (1 - label_smoothing) + label_smoothing / classes
    keep = np.expand_dims(valid, axis) if indices else 1.0
    total = np.sum(target * each * keep) if indices else np.size(x) / classes
    return smooth * each * keep, total


def _class_loss(logs: Any, wanted: Array, total: Any, reduction: str) -> Any:
    each = -np.sum(wanted * logs, axis=_class_axis(logs))
    return np.sum(each) / total if reduction == "mean" else reduced(each, reduction)


def _class_share(g: Any, x: Any, total: Any, reduction: str) -> Any:
    if reduction == "mean":
        return np.divide(g, total)
    return g if reduction == "sum" else np.expand_dims(g, _class_axis(x))


def _cross_entropy(
    x: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    wanted, total = _probabilities(x, target, weight, ignore_index, label_smoothing)
    return _class_loss(special.log_softmax(x, _class_axis(x)), wanted, total, reduction)


def _cross_entropy_x(
    g: Any,
    out: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    axis = _class_axis(x)
    wanted, total = _probabilities(x, target, weight, ignore_index, label_smoothing)
    pull = special.softmax(x, axis) * wanted.sum(axis, keepdims=True) - wanted
    return _class_share(g, x, total, reduction) * pull


def _cross_entropy_target(
    g: Any,
    out: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    if np.ndim(target) != np.ndim(x):
        return np.zeros(np.shape(target))
    axis = _class_axis(x)
    shape = [-1 if a == axis else 1 for a in range(np.ndim(x))]
    logs = special.log_softmax(x, axis)
    logs = logs if weight is None else logs * np.reshape(weight, shape)
    total = np.size(x) / np.shape(x)[axis]
    return _class_share(g, x, total, reduction) * -(1 - label_smoothing) * logs


def _write_cross_entropy(
    w: Writer,
    g: Text,
    out: Text,
    x: Text,
    target: Text,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Text:
    options = weight is not None or label_smoothing or ignore_index != -100
    ranks = [len(shape) for shape in w.in_shapes]
    if options or reduction == "none" or ranks != [2, 1] or w.dialect.library != "torch":
        raise Unwritable("a cross-entropy with options, or of probabilities")
    module, classes = w.dialect.module, w.size(w.shape_in(0)[1]).text
    chosen = Text(f"{module}nn.functional.one_hot({target.text}, {classes})", shape=w.shape_in(0))
    pull = Text(f"{module}softmax({x.text}, dim=1)", shape=w.shape_in(0)) - chosen
    return g * pull / (w.count(x, 0) if reduction == "mean" else 1)


def _torch_target(T: Any, x: Any, target: Any) -> Any:
    target = T.as_tensor(target)
    return target.long() if target.dim() == x.dim() - 1 else target


def _torch_weight(T: Any, x: Any, weight: Any) -> Any:
    return None if weight is None else T.as_tensor(weight, dtype=x.dtype)


define(
    "cross_entropy",
    _cross_entropy,
    _cross_entropy_x,
    _cross_entropy_target,
    torch=lambda T, x, target, weight=None, **p: T.nn.functional.cross_entropy(
        x, _torch_target(T, x, target), weight=_torch_weight(T, x, weight), **p
    ),
    spellings=(
        Spell(
            "F.cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, "
            "reduce=None, reduction='mean', label_smoothing=0.0)",
            adapt=by_old_flags,
        ),
    ),
    write=(_write_cross_entropy,),
    samples=(
        *(Sample(((3, 4), CLASSES), {"reduction": how}) for how in REDUCED),
        Sample(((3, 4), CLASSES), {"weight": [0.5, 1.0, 2.0, 3.0], "label_smoothing": 0.1}),
        Sample(((3, 4), np.array([2, 3, 1])), {"ignore_index": 3}),
        Sample(((4,), np.array(2))),
        Sample(((2, 3, 4), np.array([[0, 2, 1, 2], [1, 1, 0, 2]]))),
        *(sample((3, 4), (3, 4), low=0.1, reduction=how) for how in REDUCED),
    ),
)


def _nll(
    x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    wanted, total = _probabilities(x, target, weight, ignore_index, 0.0)
    return _class_loss(x, wanted, total, reduction)


def _nll_x(
    g: Any,
    out: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    wanted, total = _probabilities(x, target, weight, ignore_index, 0.0)
    return -_class_share(g, x, total, reduction) * wanted


define(
    "nll_loss",
    _nll,
    _nll_x,
    None,
    torch=lambda T, x, target, weight=None, **p: T.nn.functional.nll_loss(
        x, _torch_target(T, x, target), weight=_torch_weight(T, x, weight), **p
    ),
    spellings=(
        Spell(
            "F.nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, "
            "reduce=None, reduction='mean')",
            adapt=by_old_flags,
        ),
    ),
    samples=(
        *(Sample(((3, 4), CLASSES), {"reduction": how}) for how in REDUCED),
        Sample(((3, 4), np.array([2, -100, 1])), {"weight": [0.5, 1.0, 2.0, 3.0]}),
    ),
)
