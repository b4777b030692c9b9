"""The codes that name a family of mistakes; one edit may be read as more than one mistake."""

from __future__ import annotations

_TENSOR = {"GL101", "GL106", "GL111", "GL303", "GL305", "GL201", "GL105", "GL104"}
_SCALE = {"GL103", "GL107", "GL113", "GL204", "GL203", "GL201", "GL202"}
_SLOPE = {"GL104", "GL105", "GL106", "GL111", "GL201"}
_SIGN = {"GL102", "GL301", "GL105", "GL203", "GL201"}
_PRODUCT = {"GL109", "GL110", "GL112", "GL107", "GL101", "GL114"}

CODES: dict[str, set[str]] = {
    "wrong tensor": _TENSOR,
    "copied line": _TENSOR | {"GL103", "GL107"},
    "mean or sum": _SCALE,
    "stray factor": _SCALE,
    "constant changed": _SCALE | _SLOPE | {"GL102", "GL301", "GL114", "GL101"},
    "factor dropped": _SCALE | _SLOPE | _TENSOR | {"GL305", "GL118"},
    "activation derivative dropped": _SLOPE,
    "derivative formula": _SLOPE | {"GL114"},
    "before or after activation": _SLOPE | {"GL101"},
    "mask": {"GL111", "GL104", "GL105", "GL101", "GL102"},
    "bias reduction": {"GL107", "GL103", "GL601"},
    "= for +=": {"GL108", "GL304", "GL101", "GL203"},
    "sign": _SIGN,
    "+ for -": _SIGN | {"GL101", "GL114"},
    "matmul or *": _PRODUCT,
    "operands swapped": _PRODUCT,
    "transpose": _PRODUCT,
    "brackets lost": _SLOPE | _SCALE | {"GL114"},
    "delta of another loss": {"GL201", "GL104", "GL105"},
    "regularisation": {"GL202", "GL203", "GL204"},
    "carry dropped": {"GL101", "GL108"},
    "term dropped": {"GL101", "GL108", "GL105", "GL201"},
    "wrong cache": _TENSOR | {"GL114"},
    "stale cache": _TENSOR | {"GL302", "GL117"},
    "mask drawn again": {"GL116", "GL101", "GL111"},
    "alias": {"GL119", "GL503", "GL101", "GL105", "GL302"},
    "duplicate index": {"GL115", "GL108", "GL101"},
    "convolution": {"GL101", "GL112", "GL109", "GL114"},
    "index": {"GL101", "GL111", "GL303", "GL105"},
    "time index": {"GL101", "GL303", "GL117", "GL108"},
    "gradient of another parameter": {"GL303", "GL101", "GL305"},
    "step lost": {"GL305", "GL303", "GL203", "GL108", "GL304"},
    "line deleted": {
        "GL101",
        "GL103",
        "GL104",
        "GL107",
        "GL108",
        "GL111",
        "GL201",
        "GL203",
        "GL303",
        "GL304",
    },
    "line doubled": _SCALE | {"GL104", "GL105", "GL108"},
    "update before use": {"GL302"},
}
