"""What a function that nothing calls takes: ranks, sizes and kinds, learnt from its body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.driving import drives
from gradlint.reading import read_module
from gradlint.tracing import explore
from gradlint.tracing.inputs import Form, Inputs, drawn

from ..analysing import report_of


def inputs_of(params: str, body: str, library: str = "import numpy as np") -> Inputs:
    """What was found out about the parameters of a forward pass with the lines `body`."""
    lines = "\n    ".join(body.split("; "))
    text = f"{library}\ndef f_forward({params}):\n    {lines}\ndef f_backward(dout):\n    return dout\n"
    module = read_module(text, "script.py")
    ways = next(drives(module, explore(module).trace.called))
    return explore(ways[0]).facts.inputs


@pytest.mark.parametrize(
    ("params", "body", "ranks"),
    [
        ("x, w", "return x @ w", {"x": 2, "w": 2}),
        ("x, w, b", "return x @ w + b", {"x": 2, "w": 2, "b": 1}),
        ("x", "n, c, h, w = x.shape; return x.sum(axis=(2, 3))", {"x": 4}),
        ("x", "n, t, d = x.shape; return x * 2.0", {"x": 3}),
        ("x", "return x.transpose(0, 3, 1, 2) * 2.0", {"x": 4}),
        ("x", "return x[:, :, 0] * 2.0", {"x": 3}),
        ("x", "return np.sum(x, axis=2)", {"x": 3}),
        ("q, k", "return np.einsum('bid,bjd->bij', q, k)", {"q": 3, "k": 3}),
        ("x", "return np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), 'constant')", {"x": 4}),
    ],
)
def test_ranks_follow_from_use(params: str, body: str, ranks: dict[str, int]) -> None:
    found = inputs_of(params, body)
    assert {key: found.forms[key].rank for key in ranks} == ranks


def test_sizes_are_the_same_only_where_they_must_be() -> None:
    found = inputs_of("x, w, b", "return x @ w + b")
    (n, d), (inner, m) = found.shape("x"), found.shape("w")
    assert inner == d and found.shape("b") == (m,)
    assert len({n, d, m}) == 3


def test_labels_are_integers_below_the_number_of_classes() -> None:
    found = inputs_of("x, y", "return -np.log(np.abs(x[np.arange(x.shape[0]), y])).sum()")
    assert found.forms["y"].filling == "labels"
    assert found.shape("y") == found.shape("x")[:1]
    assert found.forms["y"].below <= found.shape("x")[1]


@pytest.mark.parametrize("gates", [3, 4])
def test_an_axis_that_is_cut_into_gates_holds_a_whole_number_of_them(gates: int) -> None:
    cut = "; ".join(f"g{i} = a[:, {i} * H:{i + 1} * H]" for i in range(gates))
    total = " + ".join(f"g{i} * h" for i in range(gates))
    found = inputs_of("x, h, w", f"H = h.shape[1]; a = x @ w; {cut}; return {total}")
    assert found.shape("w")[1] == gates * found.shape("h")[1]


def test_what_is_changed_in_place_keeps_its_shape() -> None:
    found = inputs_of("X, y", "w = np.zeros(X.shape[1]); w += X.T @ (X @ w - y); return w * 1.0")
    assert found.shape("y") == found.shape("X")[:1]


def test_mappings_and_numbers_are_told_apart() -> None:
    found = inputs_of("x, params, eps", "return x @ params['W'] / (params['s'] + eps)")
    assert found.forms["params"].kind == "mapping"
    assert found.forms["eps"].kind == "number"
    assert found.shape("params['W']")[0] == found.shape("x")[1]


def test_torch_functions_are_given_tensors_that_fit() -> None:
    text = """
    import torch

    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return x.mm(w)

        @staticmethod
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            return g.mm(w.t()), x.t().mm(g)
    """
    assert report_of(text).verdict.value == "correct"


_STEPS = ("a = a @ {}", "a = a + {}", "a = a * {}", "a = a.reshape({}.shape)", "a = a[{}]",
          "a = a.sum(axis=2)", "a = a[:, {}]",
          "a = np.dot({}, a)", "a = a.T", "a = np.concatenate([a, {}])")  # fmt: skip


@settings(deadline=None, max_examples=25, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(_STEPS), st.sampled_from("xyzb")), min_size=1, max_size=4)
)
def test_the_search_for_inputs_ends_for_any_body(steps: list[tuple[str, str]]) -> None:
    body = "; ".join(["a = x", *(step.format(name) for step, name in steps), "return a * 2.0"])
    found = inputs_of("x, y, z, b", body)
    again = inputs_of("x, y, z, b", body)
    assert found.forms == again.forms


@pytest.mark.parametrize(
    ("params", "body", "key", "kind"),
    [
        ("rows, w", "return rows @ w", "rows", "array"),
        ("rows", "off = rows <= 0; out = rows.copy(); return out * 2.0", "rows", "array"),
        ("a, hidden_list", "n = [1] + hidden_list + [2]; return a * 2.0", "hidden_list", "list"),
        ("p, t", "n = p.shape[0]; return -np.log(p[np.arange(n), t] ** 2)", "t", "array"),
        ("x, s", "rng = np.random.default_rng(s); return x * rng.normal()", "s", "count"),
    ],
)
def test_a_use_overrules_what_a_name_says(params: str, body: str, key: str, kind: str) -> None:
    assert inputs_of(params, body).forms[key].kind == kind


def test_what_is_a_number_in_fact_has_one_column() -> None:
    body = "s = X @ v; q = np.zeros((2, 2)); q[0, 0] = np.dot(s.T, X[:, 0]); return s"
    assert inputs_of("X, v", body).shape("v")[1] == 1


def test_an_image_has_the_size_that_is_written_where_the_weights_ask_for_it() -> None:
    body = "w = np.ones((12 * 12, 4)); size = (1, 12, 12); n, c, h, k = x.shape; return x.reshape(n, -1) @ w"
    assert inputs_of("x", body).shape("x")[1:] == (1, 12, 12)


def test_a_target_of_one_row_is_yes_for_some_samples_and_no_for_others() -> None:
    form = Form("array", 2, "one-hot columns")
    for seed in range(3):
        assert set(drawn("Y", form, (1, 6), seed).ravel()) == {0.0, 1.0}


def test_an_assertion_of_sizes_says_which_are_the_same() -> None:
    found = inputs_of("x, w", "out = x @ w; assert out.shape == (x.shape[0], 1); return out")
    assert found.shape("w")[1] == 1 and found.shape("x")[0] > 1


@pytest.mark.parametrize(
    ("cut", "parts"), [("np.split(x, 2, axis=1)", 2), ("np.split(x @ w, 4, 1)", 4)]
)
def test_what_is_cut_into_equal_parts_is_as_long_as_they_are(cut: str, parts: int) -> None:
    names = ", ".join(f"a{i}" for i in range(parts))
    found = inputs_of("x, w", f"{names} = {cut}; return a0 * a1 + w.sum()")
    assert found.shape("w" if "w" in cut else "x")[1] % parts == 0


def test_a_letter_of_a_sum_of_products_has_one_size() -> None:
    found = inputs_of("q, k", "return np.einsum('bid, bjd -> bij', q, k)")
    (batch, rows, width), other = found.shape("q"), found.shape("k")
    assert (other[0], other[2]) == (batch, width) and other[1] != rows
