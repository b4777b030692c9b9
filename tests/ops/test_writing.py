"""The written VJPs: run as Python they give the VJP, read they look as a user writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradlint.ops import (
    OPS,
    Dialect,
    Op,
    Sample,
    Text,
    Writer,
    as_text,
    vjp,
    write_primal,
    write_vjp,
)
from gradlint.ops.dialect import ONLY_NUMPY, ONLY_TORCH, PRODUCTS, SUMS, TRANSPOSES

NUMPY = Dialect()
TORCH = Dialect("torch", "torch.", "{a}.mm({b})", "{a}.t()", "{a}.sum({options})")
DIALECTS = {"numpy": NUMPY, "torch": TORCH}


def _styles(library: str) -> list[Any]:
    foreign = ONLY_TORCH if library == "numpy" else ONLY_NUMPY
    module = "np." if library == "numpy" else "torch."
    plain = Dialect(library, module)
    columns: dict[str, Any] = {"product": PRODUCTS, "transpose": TRANSPOSES, "total": SUMS}
    return [
        pytest.param(replace(plain, **{column: style}), id=f"{library} writes {style}")
        for column, styles in columns.items()
        for style in styles
        if style not in foreign
    ]


def _written(w: Writer, op: Op, sample: Sample, i: int, g: Text) -> Text | None:
    names = [Text(f"x{k}") for k in range(len(sample.specs))]
    out = op.evaluate(*sample.inputs, **sample.params)
    shapes = [np.shape(x) for x in sample.inputs]
    text = write_vjp(w, op, i, g, Text("out"), names, sample.params, np.shape(out), shapes)
    return None if text is None else w.filled(text, names[i], shapes[i])


def _scope(sample: Sample, out: Any, g: Any, convert: Any) -> dict[str, Any]:
    scope = {f"x{k}": convert(np.asarray(x)) for k, x in enumerate(sample.inputs)}
    return {**scope, "out": convert(np.asarray(out)), "g": convert(np.asarray(g))}


def _assert_runs_as_the_vjp(op: Op, sample: Sample, i: int, dialect: Dialect, unit: bool) -> None:
    out = op.evaluate(*sample.inputs, **sample.params)
    g = np.ones(np.shape(out)) if unit else np.random.default_rng(3).normal(size=np.shape(out))
    text = _written(
        Writer(dialect), op, sample, i, as_text(1) if unit else Text("g", shape=g.shape)
    )
    if text is None:
        pytest.skip("no short expression")
    scope: dict[str, Any] = {"np": np}
    if dialect.library == "torch":
        torch = pytest.importorskip("torch")
        scope = {"torch": torch, **_scope(sample, out, g, torch.tensor)}
    else:
        scope |= _scope(sample, out, g, np.asarray)
    found = np.asarray(eval(text.text, scope))
    expected = vjp(op, i, g, out, sample.inputs, sample.params)
    np.testing.assert_allclose(np.broadcast_to(found, expected.shape), expected, atol=1e-9)


def _cases() -> list[Any]:
    """Every op, sample and input whose VJP has a text, in each library."""
    return [
        pytest.param(op, sample, i, name, id=f"{op.name} sample {n + 1} input {i + 1} in {name}")
        for op in OPS.values()
        for n, sample in enumerate(op.samples)
        for i in range(len(sample.specs))
        for name, dialect in DIALECTS.items()
        if np.asarray(sample.inputs[i]).dtype.kind == "f"
        and _written(Writer(dialect), op, sample, i, Text("g")) is not None
    ]


@pytest.mark.parametrize("unit", [False, True], ids=["with a cotangent", "at the loss itself"])
@pytest.mark.parametrize(("op", "sample", "i", "name"), _cases())
def test_a_written_vjp_runs_as_the_vjp(
    op: Op, sample: Sample, i: int, name: str, unit: bool
) -> None:
    _assert_runs_as_the_vjp(op, sample, i, DIALECTS[name], unit)


@pytest.mark.parametrize("dialect", [*_styles("numpy"), *_styles("torch")])
@pytest.mark.parametrize("name", ["matmul", "dot", "add", "transpose", "softmax", "outer"])
def test_a_written_vjp_runs_in_every_style(name: str, dialect: Dialect) -> None:
    op = OPS[name]
    for sample in op.samples:
        for i in range(len(sample.specs)):
            if _written(Writer(dialect), op, sample, i, Text("g")) is not None:
                _assert_runs_as_the_vjp(op, sample, i, dialect, unit=False)


def _text(
    dialect: Dialect, name: str, i: int, *inputs: Any, g: Any = "g", out: Any = "a", **params: Any
) -> str | None:
    """The written VJP of the op of that name; an input is a pair of a text and its shape."""
    texts = [Text(x) if isinstance(x, str) else as_text(x) for x, _ in inputs]
    shapes = [shape for _, shape in inputs]
    value = OPS[name].evaluate(*(np.full(shape, 0.5) for shape in shapes), **params)
    cotangent = Text(g) if isinstance(g, str) else as_text(g)
    written = write_vjp(
        Writer(dialect), OPS[name], i, cotangent, Text(out), texts, params, np.shape(value), shapes
    )
    return None if written is None else written.text


DOT = Dialect(product="{a}.dot({b})")
X, W, Z = ("x", (3, 4)), ("w2", (4, 5)), ("z", (3, 4))
ERROR = (Text("y_pred") - Text("y"), (3, 4))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(_text(NUMPY, "matmul", 0, X, W), "g @ w2.T", id="left of @"),
        pytest.param(_text(NUMPY, "matmul", 1, X, W), "x.T @ g", id="right of @"),
        pytest.param(_text(TORCH, "matmul", 0, X, W), "g.mm(w2.t())", id="left of mm"),
        pytest.param(_text(TORCH, "matmul", 1, X, W), "x.t().mm(g)", id="right of mm"),
        pytest.param(_text(DOT, "dot", 1, X, W), "x.T.dot(g)", id="right of dot"),
        pytest.param(
            _text(DOT, "dot", 0, X, W, g=2 * ERROR[0]),
            "(2 * (y_pred - y)).dot(w2.T)",
            id="a composite cotangent is put in parentheses",
        ),
        pytest.param(_text(TORCH, "clip", 0, Z, low=0), "g * (z > 0)", id="clamp at zero"),
        pytest.param(_text(NUMPY, "maximum", 0, Z, (0, ())), "g * (z > 0)", id="maximum with zero"),
        pytest.param(_text(NUMPY, "tanh", 0, Z), "g * (1 - a ** 2)", id="tanh by its value"),
        pytest.param(_text(NUMPY, "sigmoid", 0, Z), "g * a * (1 - a)", id="sigmoid by its value"),
        pytest.param(_text(NUMPY, "power", 0, Z, (2, ())), "g * 2 * z", id="a square"),
        pytest.param(
            _text(NUMPY, "power", 0, ERROR, (2, ()), g=1),
            "2 * (y_pred - y)",
            id="a square at the loss drops the factor one",
        ),
        pytest.param(
            _text(NUMPY, "add", 1, X, ("b", (4,))), "np.sum(g, axis=0)", id="a bias is summed"
        ),
        pytest.param(
            _text(TORCH, "add", 1, X, ("b", (1, 4))),
            "g.sum(dim=0, keepdim=True)",
            id="a bias row keeps its axis",
        ),
        pytest.param(
            _text(NUMPY, "mean", 0, ("x", (3,)), g=1), "1 / x.shape[0]", id="a mean over one axis"
        ),
        pytest.param(_text(NUMPY, "mean", 0, X), "g / x.size", id="a mean of a matrix in numpy"),
        pytest.param(_text(TORCH, "mean", 0, X), "g / x.numel()", id="a mean of a matrix in torch"),
        pytest.param(
            _text(NUMPY, "sum", 0, X, axis=1), "g[:, None]", id="a sum over rows is spread again"
        ),
        pytest.param(_text(NUMPY, "sum", 0, X, axis=0), "g", id="a sum over columns broadcasts"),
        pytest.param(_text(NUMPY, "subtract", 1, X, Z), "-g", id="a difference turns the sign"),
        pytest.param(_text(NUMPY, "getitem", 0, X, index=1), None, id="a scatter is not written"),
    ],
)
def test_a_written_vjp_reads_as_a_user_writes(found: str | None, expected: str | None) -> None:
    assert found == expected


def test_a_size_is_written_by_the_scripts_own_name() -> None:
    writer = Writer(size_name={12: "m"}.get)
    text = write_vjp(writer, OPS["mean"], 0, Text("g"), Text("l"), [Text("x")], {}, (), [(3, 4)])
    assert str(text) == "g / m"


def test_primals_are_written_in_the_scripts_library() -> None:
    tanh, mean = OPS["tanh"], OPS["mean"]
    params = {"axis": 0, "keepdims": True}
    assert str(write_primal(Writer(NUMPY), tanh, [Text("a")], {})) == "np.tanh(a)"
    assert str(write_primal(Writer(TORCH), tanh, [Text("a")], {})) == "torch.tanh(a)"
    assert (
        str(write_primal(Writer(NUMPY), mean, [Text("a")], params))
        == "np.mean(a, axis=0, keepdims=True)"
    )
    assert (
        str(write_primal(Writer(TORCH), mean, [Text("a")], params))
        == "torch.mean(a, dim=0, keepdim=True)"
    )
    assert write_primal(Writer(NUMPY), OPS["gelu"], [Text("a")], {}) is None


def _primals() -> list[Any]:
    return [
        pytest.param(op, sample, name, id=f"{op.name} sample {n + 1} in {name}")
        for op in OPS.values()
        for n, sample in enumerate(op.samples)
        for name, dialect in DIALECTS.items()
        if write_primal(Writer(dialect), op, _names(sample), sample.params) is not None
    ]


def _names(sample: Sample) -> list[Text]:
    shapes = [np.shape(x) for x in sample.inputs]
    return [Text(f"x{k}", shape=shape) for k, shape in enumerate(shapes)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("op", "sample", "name"), _primals())
def test_a_written_primal_runs_as_the_op(op: Op, sample: Sample, name: str) -> None:
    text = write_primal(Writer(DIALECTS[name]), op, _names(sample), sample.params)
    assert text is not None
    expected = op.evaluate(*sample.inputs, **sample.params)
    convert: Any = np.asarray
    scope: dict[str, Any] = {"np": np, "slice": slice}
    if name == "torch":
        torch = pytest.importorskip("torch")
        scope, convert = {"torch": torch}, torch.tensor
    found = eval(text.text, {**scope, **_scope(sample, 0.0, 0.0, convert)})
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-9)
