"""Reading and writing entries. The index is a parameter; a write gives a new array, as in SSA form.

Where several writes meet in one entry (`setitem` with a repeated index) the last one wins, and it
alone has a cotangent.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, Sample, sample
from gradlint.ops.registry import define, step
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.spelling import Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def plain_index(index: Any) -> Any:
    """`index` with lists made arrays, as numpy wants them inside a tuple."""
    if isinstance(index, tuple):
        return tuple(np.asarray(i) if isinstance(i, (list, range)) else i for i in index)
    return np.asarray(index) if isinstance(index, (list, range)) else index


def _torch_index(T: Any, index: Any) -> Any:
    index = plain_index(index)
    if isinstance(index, tuple):
        return tuple(_torch_index(T, i) for i in index)
    return T.as_tensor(index) if isinstance(index, np.ndarray) else index


def index_text(index: Any) -> str:
    """An index as Python writes it; raises Unwritable where it holds an array."""
    if isinstance(index, tuple):
        return ", ".join(map(index_text, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        ends = [index.start, index.stop] + ([index.step] if index.step is not None else [])
        return ":".join("" if end is None else str(end) for end in ends)
    if index is Ellipsis:
        return "..."
    if index is None or isinstance(index, (int, np.integer)):
        return str(index)
    raise Unwritable("an index that is an array")


def scattered(g: Any, shape: Any, index: Any) -> Array:
    result = np.zeros(shape)
    np.add.at(result, plain_index(index), g)
    return result


MASK = np.array([True, False, True])
ROWS = np.array([2, 0, 2, 1])
define(
    "getitem",
    lambda x, index: np.asarray(x)[plain_index(index)],
    lambda g, out, x, index: scattered(g, np.shape(x), index),
    torch=lambda T, x, index: x[_torch_index(T, index)],
    primal=lambda w, x, index: Text(f"{x.at_least(6)}[{index_text(index)}]"),
    linear=True,
    view=True,
    samples=(
        sample((3, 4), index=1),
        sample((3, 4), index=(slice(None), 2)),
        sample((3, 4), index=(slice(1, None), None, -1)),
        sample((3, 4), index=(Ellipsis, 0)),
        sample((3, 4), index=MASK),
        sample((3, 4), index=ROWS),
        sample((4, 5), index=(range(4), np.array([2, 0, 2, 1]))),
        sample((3, 4), index=(np.arange(12) % 3 == 0).reshape(3, 4)),
    ),
)


def assigned(x: Any, value: Any, index: Any) -> Array:
    result = np.array(x, dtype=np.result_type(x, value) if np.size(value) else None)
    slot = plain_index(index)
    result[slot] = np.reshape(value, ()) if _is_number(result[slot], value) else value
    return result


def _is_number(slot: Any, value: Any) -> bool:
    """Whether an array of one entry is written into one entry: numpy before 2.4 takes it for a number."""
    return np.ndim(slot) == 0 and np.ndim(value) > 0 and np.size(value) == 1


def _set_base(g: Any, out: Any, x: Any, value: Any, index: Any) -> Array:
    return assigned(g, 0, index)


def _set_value(g: Any, out: Any, x: Any, value: Any, index: Any) -> Array:
    places = np.arange(np.size(x)).reshape(np.shape(x))
    taken = places[plain_index(index)]
    winners = np.full(np.size(x), -1)
    winners[np.ravel(taken)] = np.arange(np.size(taken))
    wins = (winners[np.ravel(taken)] == np.arange(np.size(taken))).reshape(np.shape(taken))
    made = np.asarray(g[plain_index(index)] * wins)
    return (
        np.reshape(made, np.shape(value))
        if _is_number(made, value)
        else unbroadcast(made, np.shape(value))
    )


def _torch_set(T: Any, x: Any, value: Any, index: Any) -> Any:
    result = x.clone()
    result[_torch_index(T, index)] = value
    return result


def _write_set_value(w: Writer, g: Text, out: Text, x: Text, value: Text, index: Any) -> Text:
    part = np.zeros(w.shape_out)[plain_index(index)].shape
    if part != w.shape_in(1):
        raise Unwritable("a value that is broadcast when it is stored")
    if g.shape == ():
        return g
    return Text(f"{g.at_least(6)}[{index_text(index)}]", shape=part)


def _whole(spelling: str) -> Spell:
    """A method that overwrites all of its receiver with a value."""
    return Spell(spelling, {"index": Ellipsis}, in_place=True)


define(
    "setitem",
    assigned,
    _set_base,
    _set_value,
    torch=_torch_set,
    spellings=(
        _whole("Tensor.copy_(x, src)"),
        _whole("Tensor.fill_(x, value)"),
        _whole("Tensor.zero_(x, @value=0.0)"),
        _whole("ndarray.fill(a, value)"),
    ),
    write=(None, _write_set_value),
    linear=True,
    samples=(
        sample((3, 4), (4,), index=1),
        sample((3, 4), (3,), index=(slice(None), 2)),
        sample((3, 4), 0.0, index=MASK),
        sample((3, 4), (1, 4), index=slice(0, 2)),
        sample((3, 4), (2, 4), index=np.array([2, 0])),
        sample((3, 4), (3, 4), index=Ellipsis),
        sample((3, 4), 0.5, index=Ellipsis),
    ),
)
define(
    "scatter_add",
    lambda x, value, index: np.asarray(x) + scattered(value, np.shape(x), index),
    lambda g, out, x, value, index: g,
    lambda g, out, x, value, index: unbroadcast(g[plain_index(index)], np.shape(value)),
    torch=lambda T, x, value, index: T.index_put(
        x,
        tuple(T.as_tensor(i) for i in (index if isinstance(index, tuple) else (index,))),
        value,
        accumulate=True,
    ),
    spellings=(Spell("np.add.at(a, $indices:index, b)", in_place=True),),
    linear=True,
    samples=(
        sample((3, 4), (4, 4), index=ROWS),
        sample((3, 4), (4,), index=(ROWS, np.array([0, 1, 0, 3]))),
    ),
)


def _write_kept(w: Writer, g: Text, out: Text, x: Text, mask: Text, value: Text) -> Text:
    return w.unbroadcast(w.where(mask, 0, g), out, 0)


define(
    "masked_fill",
    lambda x, mask, value: np.where(mask, value, x),
    lambda g, out, x, mask, value: unbroadcast(np.where(mask, 0, g), np.shape(x)),
    None,
    lambda g, out, x, mask, value: unbroadcast(np.where(mask, g, 0), np.shape(value)),
    torch=lambda T, x, mask, value: T.where(T.as_tensor(mask) != 0, value, x),
    spellings=("torch.masked_fill(input, mask, value)", "Tensor.masked_fill(x, mask, value)"),
    write=(_write_kept,),
    linear=True,
    samples=(Sample(((4, 3), MASK, 0.5)), Sample(((4, 3), MASK, ()))),
)
define(
    "masked_select",
    lambda x, mask: np.asarray(x)[np.broadcast_to(np.asarray(mask, bool), np.shape(x))],
    lambda g, out, x, mask: scattered(
        g, np.shape(x), np.broadcast_to(np.asarray(mask, bool), np.shape(x))
    ),
    None,
    torch=lambda T, x, mask: T.masked_select(x, T.as_tensor(mask)),
    spellings=("torch.masked_select(input, mask)", "Tensor.masked_select(x, mask)"),
    linear=True,
    samples=(Sample(((4, 3), MASK)),),
)
step(
    "one_hot",
    lambda index, classes=-1: np.eye(_classes(index, classes))[np.asarray(index, dtype=int)],
    torch=lambda T, index, classes=-1: T.nn.functional.one_hot(index.long(), classes),
    spellings=("F.one_hot(tensor, num_classes:classes=-1)",),
    samples=(Sample((ROWS,)), Sample((ROWS,), {"classes": 5})),
)


def _classes(index: Any, classes: Any) -> int:
    return int(classes) if int(classes) > 0 else int(np.max(index)) + 1
