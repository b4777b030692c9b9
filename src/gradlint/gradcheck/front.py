"""`check_gradients`, the one function of this package that users call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradlint.gradcheck.comparing import TOLERANCE
from gradlint.gradcheck.judging import Judge, Limits
from gradlint.gradcheck.result import GradientCheck, GradientMismatch
from gradlint.gradcheck.subjects import same_draws, subject_of


def check_gradients(
    forward: Any,
    /,
    *backward_and_inputs: Any,
    wrt: str | Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    elements: int = 500,
    seed: int = 0,
    raises: bool = True,
    **keywords: Any,
) -> GradientCheck:
    """Check a backward pass against central differences, and torch autograd where that can be asked.

    What is checked is one of

    - `check_gradients(forward, backward, *inputs)`: two functions of numpy arrays, torch tensors or lists of
      numbers. `forward` returns its output, or the output and a cache; `backward` takes the gradient from
      upstream, and the cache or the inputs if it asks for them. A loss needs no gradient from upstream.
      `backward` None: `forward` returns the gradients behind its output.
    - `check_gradients(layer, *inputs)`: an object with methods `forward` and `backward`. Gradients that it
      keeps (`self.dW` of `self.W`, `self.grads['W']` of `self.params['W']`) are checked too.
    - `check_gradients(Function, *inputs)`: a `torch.autograd.Function`.

    Further keywords go to `forward`, and to `backward` if it takes them. Integers, masks and strings are no
    inputs that could have a gradient. Everything is called on float64 copies, with the same random draws
    at each call; one random gradient comes from upstream, so that a `dout` that is ignored shows.

    Each element is compared by itself, to `tolerance` relative (1e-5; central differences are right to 1e-9,
    see `gradlint.slopes`); where the forward pass has a kink it is left out. Of inputs with more than
    `elements` elements that many are drawn, and two random directions through all of them are added.
    `wrt` names the inputs that the returned gradients are of, in their order, where that is not clear.

    Returns:
        What was found for each gradient.

    Raises:
        GradientMismatch: a gradient is wrong (unless `raises` is False). It names the input, the worst
            element, scale, sign and cosine, and the likely class of mistake.
        ValueError: forward is not deterministic, or returns nothing that has a gradient.
        TypeError: what is handed in is nothing that can be checked.

    >>> import numpy as np
    >>> x, w = np.ones((5, 3)), np.full((3, 2), 0.5)
    >>> print(check_gradients(lambda x, w: x @ w, lambda dout, x, w: (dout @ w.T, x.T @ dout), x, w))
    <lambda>: the gradient of x is right (15 elements)
    <lambda>: the gradient of w is right (6 elements)
    """
    __tracebackhide__ = True
    subject = subject_of(forward, backward_and_inputs, keywords)
    names = (wrt,) if isinstance(wrt, str) else wrt
    with same_draws() as again:
        check = Judge(subject, again, Limits(tolerance, elements, seed), names).check()
    if raises and not check.is_right:
        raise GradientMismatch(check) from None
    return check
