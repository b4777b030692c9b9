"""Tables of pandas: a frame is a made array of rank 2, a column one of rank 1 with as many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlint.tracing import data
from gradlint.tracing.leaves import makes
from gradlint.tracing.values import BoundMethod, Foreign, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

SAME_ROWS = {"drop", "fillna", "copy", "reset_index", "rename", "sample", "astype", "replace", "dropna",
              "head", "tail", "sort_values", "assign"}  # fmt: skip
SILENT = {"info", "describe", "hist", "plot", "to_csv"}


@dataclass(frozen=True, slots=True, eq=False)
class Frame(Foreign):
    """A `pandas.DataFrame`; `rows` is the input whose rows it has, `columns` their number if known."""

    key: str
    rows: str = ""
    columns: int = 0

    def operand(self, m: Calls) -> Any:
        return data.array(m, self.key, 2, rows=self.rows, columns=self.columns)

    def attribute(self, m: Calls, name: str) -> Any:
        if name == "values":
            return self.operand(m)
        if name in ("iloc", "loc", "ix"):
            return Cells(self, by_name=name != "iloc")
        if name in SAME_ROWS | SILENT | {"to_numpy", "as_matrix", "pop"}:
            return BoundMethod(self, name)
        if name in ("columns", "index", "dtypes"):
            return m.opaque(f"what {name} this table has is not known")
        return m.attribute(self.operand(m), name)

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name in ("to_numpy", "as_matrix"):
            return self.operand(m)
        if name == "pop" and args:
            return self.item(m, args[0])
        if name == "drop":
            return self._named(m, f"{self.key} less {plain(args[0]) if args else kwargs}", 0)
        return self if name in SAME_ROWS else None

    def item(self, m: Calls, index: Any) -> Any:
        index = plain(index)
        if isinstance(index, str):
            self.operand(m)
            return data.array(m, f"{self.key}[{index!r}]", 1, rows=self.rows or self.key)
        if isinstance(index, list) and index and all(isinstance(name, str) for name in index):
            return self._named(m, f"{self.key}[{', '.join(index)}]", len(index))
        return m.item(self.operand(m), index)

    def _named(self, m: Calls, key: str, columns: int) -> Frame:
        self.operand(m)
        return Frame(key.replace(":", ""), self.rows or self.key, columns)


@dataclass(frozen=True, slots=True, eq=False)
class Cells(Foreign):
    """What `.iloc` and `.loc` of a frame give: its rows and columns by number or name."""

    frame: Frame
    by_name: bool

    def item(self, m: Calls, index: Any) -> Any:
        whole = index if isinstance(index, tuple) else (index,)
        if self.by_name and len(whole) == 2 and isinstance(plain(whole[1]), str | list):
            return self.frame.item(m, whole[1])
        return m.item(self.frame.operand(m), index)


@makes("pandas.read_csv", "pandas.read_table", "pandas.read_excel", "pandas.read_json",
       "pandas.read_pickle", "pandas.read_parquet", "seaborn.load_dataset")  # fmt: skip
def _frame(m: Calls, *args: Any, **kw: Any) -> Frame:
    return Frame(data.key_here(m))


@makes("pandas.DataFrame", "pandas.Series")
def _wrapped(m: Calls, values: Any = None, *args: Any, **kw: Any) -> Any:
    if isinstance(values, Traced):
        return values
    return m.opaque("a table that is made by hand is not followed")
