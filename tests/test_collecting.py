"""Looking for cycles less often, and as before afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gradlint.collecting import rarely


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_cycles_are_collected_rarely_and_then_as_before() -> None:
    gc.set_threshold(700, 10, 10)
    with rarely():
        assert gc.get_threshold()[0] > 700
    assert gc.get_threshold() == (700, 10, 10)


def test_it_is_as_before_after_an_error_too() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(ZeroDivisionError), rarely():
        raise ZeroDivisionError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [(0, 10, 10), (1_000_000, 10, 10)])
def test_who_collects_more_rarely_still_is_left_alone(chosen: tuple[int, int, int]) -> None:
    gc.set_threshold(*chosen)
    with rarely():
        assert gc.get_threshold() == chosen
