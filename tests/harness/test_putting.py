"""Real values where the interpreter had made-up ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlint.harness.freezing import OTHER, freeze
from gradlint.harness.putting import Putter
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Opaque, Traced
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import LibraryPath


@pytest.fixture
def putter() -> Putter:
    return Putter(Interpreter(s.Module("x.py", "", ()), Facts()))


def made_up(putter: Putter, value: Any, library: str) -> Traced:
    return putter.machine.leaf(value, library)


def test_an_array_takes_the_place_of_a_smaller_one(putter: Putter) -> None:
    known = made_up(putter, np.zeros((2, 3)), "torch")
    found = putter(known, freeze(np.ones((5, 7), dtype=np.float32)))
    assert (found.library, found.shape, found.value.dtype) == ("torch", (5, 7), np.float64)
    assert putter.leaves == [found.id]


def test_aliases_stay_aliases_and_equal_arrays_stay_two(putter: Putter) -> None:
    shared = np.ones(2)
    real = freeze({"a": shared, "b": shared, "c": np.ones(2)})
    found = putter({}, real)
    assert found["a"] is found["b"]
    assert found["a"] is not found["c"]


def test_a_size_stays_a_plain_integer_and_a_rate_is_traced(putter: Putter) -> None:
    assert putter(7, 64) == 64
    assert type(putter(7, 64)) is int
    rate = putter(made_up(putter, 0.3, "python"), 0.01)
    assert isinstance(rate, Traced)
    assert (rate.value, rate.library) == (0.01, "python")


def test_what_the_interpreter_did_not_know_becomes_known(putter: Putter) -> None:
    found = putter(Opaque("a file is read", s.NOWHERE), freeze(np.arange(4)))
    assert isinstance(found, Traced)
    assert found.value.tolist() == [0, 1, 2, 3]


def test_what_cannot_be_copied_stays_as_the_interpreter_has_it(putter: Putter) -> None:
    module = LibraryPath("numpy")
    assert putter(module, OTHER) is module


def test_unsigned_labels_are_indices_and_not_a_mask(putter: Putter) -> None:
    found = putter(None, freeze(np.array([0, 2, 1], dtype=np.uint8)))
    assert found.value.dtype == np.int64


def test_a_list_that_grew_is_filled_up_and_one_that_holds_itself_ends(putter: Putter) -> None:
    endless: list[Any] = [0.5, 0.25]
    endless.append(endless)
    found = putter([made_up(putter, 0.1, "python")], freeze(endless))
    assert [v.value for v in found[:2]] == [0.5, 0.25]
    assert found[2] is found


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_multiplies_as_one_whatever_it_was_taken_for(putter: Putter) -> None:
    known = made_up(putter, np.zeros((2, 3)), "numpy")
    found = putter(known, freeze(np.asmatrix(np.ones((2, 3)))))
    assert putter.machine.binary("*", found, np.ones((3, 4))).shape == (2, 4)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_an_array_is_multiplied_entry_by_entry_whatever_it_was_taken_for(putter: Putter) -> None:
    known = made_up(putter, np.zeros((2, 2)), "matrix")
    found = putter(known, freeze(np.eye(2) + 1))
    assert putter.machine.binary("*", found, found).value.tolist() == [[4, 1], [1, 4]]
