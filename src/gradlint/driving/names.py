"""What the names of parameters and results say: an upstream gradient, a cache, the gradient of what."""

from __future__ import annotations

import re

from gradlint.claims.names import gradient_of
from gradlint.tracing.guesses import last_name

_COTANGENT = re.compile(
    r"^(d_?(out|y|z|a|l|h|top|next\w*|v(alues)?|output\w*|x|o|s|e|loss\w*)|dl_?d?\w*|d[A-Z]\w*|delta\w*|error\w*|err|"
    r"grad\w*|gradient\w*|upstream\w*|next_?d\w*|\w*_grad(ient)?s?|\w*gradient\w*|g|gy|gout|dprev\w*|prev_grad|"
    r"out_?d\w*|top_diff|residual|dscores|eta|accum_grad|signal)$",
)  # fmt: skip
_CACHE = re.compile(r"cache|ctx|context|memory|saved|store", re.IGNORECASE)
_TARGET = re.compile(
    r"^(y|t|target\w*|labels?|truth|actual|expected|desired|true|ground_?truth|y_?true|y_?train|gt|correct|"
    r"\w*_true|\w*labels?|ys|Y|Y_?true|tgt|answers?|yt|targets_\w+|ytrue|teacher)$"
)
_CARRIED = re.compile(r"^(d\w*_?next\w*|next_?d\w*|grad\w*_next)$", re.IGNORECASE)
_TRAINING = re.compile(r"^(is_?)?train(ing)?(_?(fla?g|mode|phase))?$", re.IGNORECASE)
_GRADIENTS = re.compile(r"grad|delta|nabla|deriv|(^|\.)d[A-Z_]?\w*\[", re.IGNORECASE)
"""What holds gradients under the names of what they are of: `grads['W1']`."""
_OUTPUT = re.compile(
    r"^(y_?pred\w*|pred\w*|y_?hat|scores?|logits?|AL|A\d|out|output|outputs|y|a|h|activation|activated|result|s|sig|o|y_hat|probs?|f)$",
    re.IGNORECASE,
)
_MAIN = {
    "x",
    "input",
    "inputs",
    "in",
    "a",
    "aprev",
    "z",
    "bottom",
    "data",
    "xs",
    "h",
    "prev",
    "previous",
    "layerinput",
}
_SYNONYMS = (
    _MAIN,
    {"w", "weight", "weights", "kernel", "kernels", "filter", "filters", "theta", "wgt"},
    {"b", "bias", "biases", "intercept"},
    {"gamma", "g", "scale"},
    {"beta", "shift"},
)

_COLLECTED = {"grads", "grad", "gradient", "gradients", "dparams", "paramgrads"}
_PARAMETERS = {"params", "parameters", "param"}


def says_cotangent(name: str) -> bool:
    """Whether a parameter of a backward pass is named like a gradient from upstream."""
    return bool(_COTANGENT.match(name))


def says_gradient(key: str) -> bool:
    """Whether a place is named like one that holds gradients: `self.grads[0]`, `self.dW`."""
    return (
        plain(key) in _COLLECTED
        or bool(_GRADIENTS.search(key))
        or gradient_of(last_name(key)) is not None
    )


def says_cache(name: str) -> bool:
    """Whether a value is named like what the forward pass keeps for the backward pass."""
    return bool(_CACHE.search(name))


def says_output(name: str) -> bool:
    """Whether a parameter of a backward pass is named like the output of the forward pass."""
    return bool(_OUTPUT.match(name))


def says_target(name: str) -> bool:
    """Whether a parameter is named like what a prediction is compared with."""
    return bool(_TARGET.match(name))


def says_carried(name: str) -> bool:
    """Whether a parameter is named like the gradient that the next step of time carries back."""
    return bool(_CARRIED.match(name))


def says_main_input(name: str) -> bool:
    """Whether a parameter is named like the main input of a layer: `x`, `input`, `a_prev`."""
    return plain(name) in _MAIN


def says_training(name: str) -> bool:
    """Whether a flag says that a forward pass is one of the training, whose backward pass follows."""
    return bool(_TRAINING.match(name))


def plain(name: str) -> str:
    """A name in lower case without underscores."""
    return last_name(name).replace("_", "").lower()


def index(name: str) -> str:
    """The integer index that a name ends with: `[0]` of `nabla_w[0]`, else nothing."""
    found = re.search(r"(\[-?\d+\])+$", name)
    return found[0] if found else ""


def is_gradient_of(name: str, key: str) -> bool:
    """Whether the name of a result says that it is the gradient of the input `key`: `dW1` of `W1`."""
    wanted = plain(key)
    return index(name) == index(key) and any(plain(of) == wanted for of in _targets(name))


def is_akin(name: str, key: str) -> bool:
    """Whether a result is named like the gradient of such an input: `dx` of `inputs`, `dw` of `weights`."""
    if index(name) != index(key):
        return False
    wanted = plain(key)
    if plain(name) in _COLLECTED and wanted in _PARAMETERS:
        return True
    for of in _targets(name):
        for words in _SYNONYMS:
            if wanted in words and plain(of) in words:
                return True
    return False


def _targets(name: str) -> list[str]:
    bare = last_name(name)
    found = [of for of in (gradient_of(bare), _without_words(bare)) if of]
    holder = name[: name.rfind(bare)]
    return [*found, bare] if _GRADIENTS.search(holder) else found


def _without_words(name: str) -> str | None:
    left = re.sub(
        r"_?(gradients?|grads?|deltas?|deriv(ative)?s?|diff)_?|^d(?=[A-Z_])|^d_?", "", name
    )
    return left if left and left != name else None
