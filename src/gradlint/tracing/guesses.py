"""What the name of an input says about it, where its first use leaves that open."""

from __future__ import annotations

import re

from gradlint.tracing.inputs import Form

_SHARE = re.compile(r"keep|drop|^p$|prob$|momentum|beta_?[12]?$|rho|decay|moving", re.IGNORECASE)
_TINY = re.compile(r"^eps|epsilon", re.IGNORECASE)
_RATE = re.compile(
    r"^(lr|eta|alpha|gamma|lam|lamb|lambd|lambda_?|reg|mu|l1|l2|c|delta|margin|slope|step|lmbda|lmbd)$|"
    r"learn\w*rate|_lr$|_?rate$|weight_decay|regulari[sz]|reg_|scale$|temperature|temp$|"
    r"smooth(ing)?$", re.IGNORECASE,
)  # fmt: skip
_COUNT = re.compile(
    r"^(n|m|k|t|d|h|v|seq|num|nb|size|dim|units|hidden|epochs?|iters?|steps|stride|pad(ding)?|groups|f)$|"
    r"(^|_)(n|num|nb|size|dim|count|length|len|epochs?|iter\w*|units|neurons|nodes|hidden|classes|"
    r"features|inputs?_?n|channels|width|height|stride|padding|pad|steps|samples|rows|cols|columns)s?(_|\d|$)|"
    r"(size|dim|dims|count|nodes|units|neurons|classes|channels|epochs|iterations|iters)$", re.IGNORECASE,
)  # fmt: skip
_SHAPE = re.compile(
    r"(dims?|shape|sizes?|layers?)(_?list)?$|units|neurons|nodes|architecture", re.IGNORECASE
)
_SMALL = (
    (re.compile(r"strides?(_|$)|_s$|stride", re.IGNORECASE), 2),
    (re.compile(r"pad", re.IGNORECASE), 1),
    (
        re.compile(
            r"(kernel|pool(ing)?|filter|window)_?(size|h|w|height|width|shape|dim)?$|k_?size|^f$",
            re.IGNORECASE,
        ),
        2,
    ),
    (re.compile(r"epoch|iter|steps|verbose|print|log|seed", re.IGNORECASE), 2),
)
"""Counts that are not the size of an axis: strides, padding, windows, rounds."""
_WINDOW = re.compile(r"(kernel|pool|filter|window)_(h|w|height|width)$", re.IGNORECASE)
_VECTOR = re.compile(
    r"^(b|b\d+|bias(es)?\d*|beta\d*|gamma\d*|b_?[a-z]{1,2}|[a-z]*bias|mean|var|running_\w+)$",
    re.IGNORECASE,
)
_PICKLED = re.compile(r"^(?:\w+ = )?(?:c?_?[pP]ickle|pkl|joblib|dill)\.loads?\(")
_TARGET = re.compile(
    r"(y|t|y_?true|targets?(_?\w+)?|labels?|desired|expected|truth)$", re.IGNORECASE
)
_IGNORED = re.compile(r"ignore_?(index|idx|label|lb|value)$|(label|lb)_ignore$", re.IGNORECASE)
"""The label that is left out; no made label is it."""
_LIST = re.compile(
    r"(cache|caches|layers|sizes|layer_dims|dims|weights|biases|shape|params|parameters|hidden_layers|"
    r"saved_tensors|states|layer_sizes|architecture|memory|pool(ing)?(_?size)?|kernel_?size|k_?size|strides?|"
    r"pad(ding|s)?|window(_?size)?|filter_?size|modules|blocks|list)$", re.IGNORECASE,
)  # fmt: skip


def last_name(key: str) -> str:
    """`W1` of `self.W1`, `params['W1']` and `W1`."""
    found = re.findall(r"[^\W\d]\w*", key)
    return found[-1].strip("_") if found else key


def says_count(key: str) -> bool:
    """Whether an input is named like a number of things."""
    return bool(_COUNT.search(last_name(key)))


def says_target(key: str) -> bool:
    """Whether an input is named like what the outputs of a network are compared with."""
    return bool(_TARGET.match(last_name(key)))


def says_rate(key: str) -> bool:
    """Whether an input is named like a rate or the share that an average keeps."""
    name = last_name(key)
    return bool(_SHARE.search(name) or _RATE.search(name))


def says_list(key: str) -> bool:
    """Whether an input is named like a collection of several things."""
    return bool(_LIST.search(last_name(key)))


def says_vector(key: str) -> bool:
    """Whether an input is named like a bias, or what else has one entry for each feature."""
    return bool(_VECTOR.match(last_name(key)))


def is_pickled(key: str) -> bool:
    """Whether an input was written by Python itself, so that it may be any object."""
    return bool(_PICKLED.search(key))


def says_parameter(key: str) -> bool:
    """Whether an input is named like a parameter of a layer: weights, a bias, something on `self`."""
    name = last_name(key)
    return key.startswith("self.") or name[:1] in ("w", "W") or says_vector(key)


def count(key: str) -> Form:
    """The form of an input that is a number of things: the size of an axis, or one that stays small."""
    name = last_name(key)
    return next((Form("count", value=n) for says, n in _SMALL if says.search(name)), Form("count"))


def operand(key: str) -> Form:
    """The form of an input that is calculated with: by its name a number, a count or an array."""
    name = last_name(key)
    if is_item(key):
        if _SHAPE.search(name) or (says_list(key) and count(key).value is not None):
            return count(key)
    else:
        if _TINY.search(name):
            return Form("number", value=1e-3)
        if _SHARE.search(name) and not _VECTOR.match(name):
            return Form("number", value=0.7)
        if _RATE.search(name) and not _VECTOR.match(name):
            return Form("number", value=0.3)
        if _IGNORED.search(name):
            return Form("count", value=-100)
        if _WINDOW.search(name):
            return count(key)
        if _COUNT.search(name) and (len(name) > 1 or name in "nmk"):
            return count(key)
    return array(key)


_LAYER = re.compile(r"(layer|module|block|stage)s?$", re.IGNORECASE)


def is_layer(key: str) -> bool:
    """Whether an input is an item of a list of layers: `layers[0]`."""
    return is_item(key) and bool(_LAYER.search(last_name(key)))


def is_item(key: str) -> bool:
    """Whether an input is an item of a list: `sizes[0]`."""
    return key.endswith("]") and not key.endswith("']")


def array(key: str) -> Form:
    """The form of an input that is an array: a bias is a vector, anything else a matrix."""
    return Form("array", rank=1 if _VECTOR.match(last_name(key)) else 2)


def number(key: str) -> Form:
    """The form of an input that is one number."""
    name = last_name(key)
    if _TINY.search(name):
        return Form("number", value=1e-3)
    return Form("number", value=0.7 if _SHARE.search(name) else 0.3)
