"""Why something could not be evaluated, in words for the author of the script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gradlint.tracing.trace import Opaque


class NotKnown(TypeError):
    """A function needs a value that is not known; `value` says why."""

    def __init__(self, value: Opaque) -> None:
        super().__init__(value.reason)
        self.value = value


_OURS = re.compile(
    r"'(?:gradlint\.[\w.]+\.)?(Opaque|Unknown|Traced|LibraryPath|Foreign|UserModule|UserFunction|UserClass|"
    r"Instance|Parent|BoundMethod|Native|Generator|Shape|MadeMapping|StandIn|Filling|Deque|Frame|Cells|File|"
    r"Scaler|Encoder|Bunch|Source|Pictures|Tensors|Loader|Parser)'"
)
"""Types of the interpreter's own, as Python's messages name them."""
_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")


def unknown_in(values: Iterable[Any]) -> Opaque | None:
    """The first value that is not known, also inside a tuple or list (a shape)."""
    for value in values:
        if isinstance(value, Opaque):
            return value
        if isinstance(value, list | tuple) and (found := unknown_in(value)) is not None:
            return found
    return None


def told(error: Exception) -> str:
    """The first line of what Python says, without the names of what stands in for the script's values."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    if _OURS.search(line) is None:
        return line
    attribute = _ATTRIBUTE.search(line)
    return f".{attribute[1]} is not known here" if attribute else "these values are not followed"
