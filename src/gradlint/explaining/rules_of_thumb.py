"""What each operation does to a gradient on its way back, in a sentence."""

from __future__ import annotations

_PRODUCT = (
    "a matrix product gives each factor the gradient of the product times the other factor, "
    "transposed, on the side where that factor stands"
)
_SUM = "a sum gives every entry that was added up the gradient of the total"
_MEAN = "a mean gives every entry the gradient divided by how many entries there are"
_PASS = "a sum hands its gradient to both sides as it is"
_GATE = "the gradient passes where the input was above the threshold and is 0 elsewhere"
_SHAPE = "entries only change places, so the gradient takes them back"

_RULES = {
    "matmul": _PRODUCT,
    "dot": _PRODUCT,
    "sum": _SUM,
    "mean": _MEAN,
    "add": _PASS,
    "relu": _GATE,
    "clip": _GATE,
    "maximum": _GATE,
    "transpose": _SHAPE,
    "reshape": _SHAPE,
    "multiply": "a product gives each factor the gradient times the other factor",
    "divide": "a quotient x / y gives x the gradient / y, and y the gradient times -x / y ** 2",
    "power": "a power x ** n gives the gradient times n * x ** (n - 1)",
    "square": "a square gives the gradient times 2 * x",
    "sigmoid": "a sigmoid s gives the gradient times s * (1 - s)",
    "tanh": "a tanh t gives the gradient times 1 - t ** 2",
    "exp": "exp gives the gradient times its own value",
    "sin": "sin(x) gives the gradient times cos(x)",
    "cos": "cos(x) gives the gradient times -sin(x)",
    "log": "log(x) gives the gradient divided by x",
    "sqrt": "a root r gives the gradient divided by 2 * r",
    "abs": "an absolute value gives the gradient times the sign of x",
    "softmax": "a softmax mixes a whole row: p * (g - sum(g * p))",
    "leaky_relu": "the gradient passes where the input was above 0, and is scaled by the slope elsewhere",
    "getitem": "only the entries that were picked get a gradient, the others 0",
}


def under_logarithm(activation: str) -> str:
    """What a softmax or sigmoid and the logarithm of a cross-entropy come to together."""
    return (
        f"its logarithm gives {activation} the gradient divided by {activation}, which the slope of "
        f"{activation} takes back: what is left is {activation} minus what it should be"
    )


BROADCAST = "it is added in many places (broadcast), so its gradient is the sum of theirs"


def rule_of(op: str, argnum: int, is_broadcast: bool) -> str | None:
    """The sentence for an operation, seen from its input `argnum`; None where there is none."""
    if op == "subtract":
        rule = (
            "a difference hands its gradient on as it is"
            if argnum == 0
            else "a minus turns the sign"
        )
    elif op == "negative":
        rule = "a minus turns the sign"
    else:
        rule = _RULES.get(op, "")
    if is_broadcast and op in ("add", "subtract", "multiply", "divide"):
        spread = (
            BROADCAST if op in ("add", "subtract") else "where it was broadcast, that is summed"
        )
        return spread if op in ("add", "subtract") else f"{rule}; {spread}"
    return rule or None
