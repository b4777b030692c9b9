"""Copies of the script's values: independent of it, and with its aliases."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.harness.freezing import OTHER, Array, Freezer, Record, freeze


def test_a_copy_does_not_follow_changes_in_place() -> None:
    array = np.zeros(3)
    copy = freeze({"w": [array]})
    array += 1
    assert copy["w"][0].value.tolist() == [0, 0, 0]


def test_two_names_of_one_array_are_two_names_of_one_copy() -> None:
    array, equal = np.zeros(3), np.zeros(3)
    copy = freeze([array, array, equal])
    assert copy[0] is copy[1]
    assert copy[0] is not copy[2]


def test_an_array_that_did_not_change_is_not_copied_again() -> None:
    data, weights = np.ones(3), np.ones(3)
    first = Freezer()
    before = first.names({"data": data, "weights": weights})
    weights += 1
    after = Freezer(first).names({"data": data, "weights": weights})
    assert after["data"] is before["data"]
    assert after["weights"].value.tolist() == [2, 2, 2]
    assert before["weights"].value.tolist() == [1, 1, 1]


def test_modules_functions_and_open_files_are_left_out() -> None:
    names = Freezer().names({"np": np, "f": len, "x": 1, "__name__": "__main__"})
    assert names == {"x": 1}


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[object] = [1]
    endless.append(endless)
    copy = freeze(endless)
    assert copy[1] is copy


def test_a_huge_container_is_cut_and_not_copied_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradlint.harness.freezing.MOST_ITEMS", 10)
    assert freeze([[1, 2], list(range(100))]) == [[1, 2], OTHER]


def test_a_tensor_becomes_an_array_that_knows_its_precision() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True)
    copy = freeze(tensor)
    assert isinstance(copy, Array)
    assert (copy.dtype, copy.library, copy.value.shape) == ("bfloat16", "torch", (2, 3))


def test_an_object_of_the_script_is_copied_by_its_attributes() -> None:
    kind = type("Net", (), {"__module__": "__main__"})
    net = kind()
    net.w, net.me = np.ones(2), net
    copy = freeze(net)
    assert isinstance(copy, Record)
    assert copy.cls == "Net"
    assert copy.attributes["w"].value.tolist() == [1, 1]
    assert copy.attributes["me"] is copy


def test_a_tensor_that_numpy_cannot_hold_is_left_out() -> None:
    torch = pytest.importorskip("torch")
    held = freeze([torch.eye(2).to_sparse(), torch.empty(2, device="meta"), torch.ones(2)])
    assert held[:2] == [OTHER, OTHER]
    assert held[2].value.tolist() == [1, 1]
