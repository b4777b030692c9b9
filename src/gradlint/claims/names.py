"""What the names of variables say: this is a loss, this is a learning rate, this is a gradient of that."""

from __future__ import annotations

import re

_LOSS = re.compile(
    r"(^|_)(loss|losses|cost|costs|error|err|errors|mse|sse|rss|nll|bce|xent|objective|obj|"
    r"kosten|verlust|fehler|perte|co[uû]t|erreur|perda|custo|erro|p[eé]rdida|costo|errore|j)(_|\d|$)"
    r"|loss|cost(?!om)|损失|误差|代价|コスト|損失|誤差|потер|ошибк",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"(^|_)(lr|alpha|eta|rate|learn\w*|lear\w*rate|step|stepsize|step_size|epsilon|eps|l_rate|a|mu|"
    r"gamma|taxa|lrate)(_|\d|$)|learning|step_?size|rate$",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"^(y|t|target|targets|label|labels|y_true|y_train|ys|y_data|train_y)$", re.IGNORECASE
)
_DATA = re.compile(
    r"^(x|xs|x_?i|x_?b|inputs?|input_data|data|images?|features|x_train|train_x|x_batch|batch|inp"
    r"|[ax]_?prev|a_?0|prev|h_?prev|h_?0|embeddings?)$",
    re.IGNORECASE,
)
_GRADIENT = (
    re.compile(
        r"^(?:gradient|grad|delta|nabla|dloss|d_l|dl|dj|de|d|g)_?(?:d_?)?(?P<of>.+)$", re.IGNORECASE
    ),
    re.compile(r"^(?P<of>.+?)_(?:d|grad|grads|gradient|delta|deriv|derivative)$", re.IGNORECASE),
)


def last_part(place: str) -> str:
    """`W1` of `self.W1` and of `params['W1']`; `weights` of `weights[0]`."""
    found = re.findall(r"[^\W\d]\w*", place)
    return found[-1] if found else place


def says_loss(place: str) -> bool:
    """Whether a place is named like a loss."""
    return bool(_LOSS.search(last_part(place)))


def says_rate(place: str) -> bool:
    """Whether a place is named like a learning rate."""
    return bool(_RATE.search(last_part(place)))


def says_target(place: str) -> bool:
    """Whether a place is named like the target of a regression or classification."""
    return bool(_TARGET.match(last_part(place)))


def says_data(place: str) -> bool:
    """Whether a place is named like the input of a layer, whose gradient nothing has to step along."""
    return bool(_DATA.match(last_part(place)))


def gradient_of(place: str) -> str | None:
    """The name whose gradient a name says to be: `w1` for `grad_w1`, `dw1`, `w1_grad`."""
    name = last_part(place)
    for pattern in _GRADIENT:
        found = pattern.match(name)
        if found and len(found["of"]) > 0:
            return found["of"]
    return None
