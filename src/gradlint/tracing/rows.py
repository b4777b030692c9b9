"""What a loop runs over, taken item by item: the walk makes few of the rounds of a long loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload


class Rows(Sequence[Any]):
    """`count` items, each given by `item(index)` when it is asked for."""

    def __init__(self, count: int, item: Callable[[int], Any]) -> None:
        self._count = count
        self._item = item

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        places = range(self._count)[index]
        return self._item(places) if isinstance(places, int) else [self._item(i) for i in places]


def turned(items: Sequence[Any], first: int) -> Sequence[Any]:
    """The same items from `first` on, those before it at the end."""
    return Rows(len(items), lambda i: items[(first + i) % len(items)])
