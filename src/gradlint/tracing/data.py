"""Data that is not there: files and data sets become made inputs of the kind that they are known to be.

What is not known of them (the number of features, the rank of a file's array) follows from their use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing import absent
from gradlint.tracing.inputs import Form
from gradlint.tracing.leaves import makes, shape_of
from gradlint.tracing.text_files import Fields, Line
from gradlint.tracing.values import Foreign, LibraryPath, Opaque, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

TEXT = (
    "the cat sat on the mat and then the hat sat on the cat; no rat ran to the tin. " * 4
)  # fmt: skip
"""What stands for a text file: a few hundred characters over a small alphabet."""
_SHORT = TEXT[: len(TEXT) // 2]
"""The same where a walk would be too long: what looks at each character comes to its end."""
_CLASSES = {"load_iris": 3, "load_wine": 3, "load_digits": 10, "load_breast_cancer": 2,
            "fetch_openml": 10, "fetch_mldata": 10, "make_moons": 2, "make_circles": 2, "make_blobs": 3,
            "make_classification": 2, "make_gaussian_quantiles": 2}  # fmt: skip
_TUPLES = re.compile(r"sklearn\.datasets\.(?:\w+\.)?(make_\w+)$")
_IMAGES = re.compile(r"(?:^|\.)(mnist|fashion_mnist|cifar10|cifar100|kmnist)\.load_data$")

_NO_DATA = (
    "numpy.", "torch.", "math.", "random.", "builtins.", "matplotlib.", "os.", "sys.", "time.", "logging.",
    "seaborn.", "warnings.", "copy.", "itertools.", "functools.", "collections.", "datetime.", "operator.",
    "typing.", "abc.", "dataclasses.", "enum.", "pathlib.", "re.", "string.", "scipy.optimize.",
    "torchvision.transforms.", "a setting",
)  # fmt: skip
_COMPUTES = re.compile(
    r"grad|backward|backprop|loss|cost|delta|deriv|forward|update|step", re.IGNORECASE
)
_PLAIN = (bool, int, float, complex, str, bytes, range, LibraryPath)


def whole_text(m: Calls) -> str:
    """What a file gives that is read as a whole."""
    return _SHORT if m.facts.tight else TEXT


def key_here(m: Calls) -> str:
    """How the call that is being evaluated is written, with the name that its value gets."""
    node, statement = m.at, m.statement
    m.reads.add(id(node))
    text = " ".join(m.module.excerpt(node.span).split()).replace(":", "")
    match statement:
        case s.Assign(targets=(s.Name(id=name),), value=value) if value is node:
            return f"{text} as {name}"
    return text or "data"


def array(
    m: Calls, key: str, rank: int, filling: str = "normal", below: int = 2, rows: str = "", columns: int = 0
) -> Any:  # fmt: skip
    """The array input `key`, with as many rows as the input `rows`, and `columns` if that is known."""
    inputs = m.facts.inputs
    if key not in inputs.forms:
        inputs.forms[key] = Form("array", rank=rank, filling=filling, below=below)
        if rows:
            inputs.same[f"{key}:0"] = inputs.root(f"{rows}:0")
        if columns:
            inputs.pin(f"{key}:1", columns)
    inputs.asked = True
    return m.input(key)


def unknown(m: Calls, key: str) -> Any:
    """An input of which nothing is known but that it is data."""
    m.facts.inputs.asked = True
    return m.input(key)


def depends_on_parameters(m: Calls, value: Traced) -> bool:
    """Whether a tensor was computed from what is trained: then no library call makes data of it."""
    known = m.facts.parameters
    return any(m.trace.keys.get(node) in known for node in m.trace.ancestors([value.id]))


@dataclass(frozen=True, slots=True, eq=False)
class Bunch(Foreign):
    """A data set of scikit-learn: `.data` (n, features) and `.target` (n,)."""

    key: str
    classes: int

    def attribute(self, m: Calls, name: str) -> Any:
        if name in ("data", "images"):
            return array(m, f"{self.key}.{name}", 2 if name == "data" else 3)
        if name == "target":
            array(m, f"{self.key}.data", 2)
            return self._target(m)
        return m.opaque(f"what {name} of this data set is, is not known")

    def _target(self, m: Calls) -> Any:
        key, rows = f"{self.key}.target", f"{self.key}.data"
        if not self.classes:
            return array(m, key, 1, rows=rows)
        return array(m, key, 1, "labels", self.classes, rows)

    def item(self, m: Calls, index: Any) -> Any:
        return self.attribute(m, str(plain(index)))


def data_set(m: Calls, path: str, kwargs: dict[str, Any]) -> Any:
    """What a function of a data set library gives, None where `path` is none."""
    if _IMAGES.search(path):
        return _images(m, 3 if "mnist" in path else 4)
    if not path.startswith("sklearn.datasets."):
        return None
    name = path.rpartition(".")[2]
    bunch = Bunch(key_here(m), _CLASSES.get(name, 0))
    if _TUPLES.search(path):
        columns = 2 if name in ("make_moons", "make_circles") else 0
        rows = array(m, f"{bunch.key}.data", 2, columns=columns)
        return rows, bunch.attribute(m, "target")
    if plain(kwargs.get("return_X_y", False)) is True:
        return bunch.attribute(m, "data"), bunch.attribute(m, "target")
    return bunch


def _images(m: Calls, rank: int) -> Any:
    """`(x_train, y_train), (x_test, y_test)` of a data set of images."""
    key = key_here(m)
    parts = []
    for part in ("train", "test"):
        x = array(m, f"{key}.x_{part}", rank, "unit")
        parts.append((x, array(m, f"{key}.y_{part}", 1, "labels", 10, f"{key}.x_{part}")))
    return tuple(parts)


def outside(m: Calls, path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a call into a library that gradlint does not know gives: data, if it can be data.

    What is computed from tensors is not: a gradient or a loss that an unknown function computes stays
    unknown, and so does what libraries that gradlint knows have besides.
    """
    found = data_set(m, path, kwargs)
    if found is not None:
        return found
    helped = absent.helper(m, path, args) if not kwargs else None
    if helped is not None:
        return helped
    computed = any(_holds_tensor(value) for value in (*args, *kwargs.values()))
    if computed or path.startswith(_NO_DATA) or _COMPUTES.search(path.rpartition(".")[2]):
        return m.opaque(f"{path}() is not known to gradlint")
    return unknown(m, key_here(m))


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_tensor(part) for part in value)
    if isinstance(value, dict):
        return any(_holds_tensor(part) for part in value.values())
    if isinstance(value, Traced):
        return not value.is_python
    return not (value is None or isinstance(value, _PLAIN))


def fitted(m: Calls, value: Traced, shape: Any) -> Traced:
    """Data that are to be reshaped, as many as the new shape takes: how many there are is not known."""
    parts = shape if isinstance(shape, tuple | list) else (shape,)
    fixed = [part for part in parts if plain(part) != -1]
    if not m.facts.inputs.least or not all(_is_count(p) for p in fixed):
        return value
    taken, held = int(np.prod([plain(p) for p in fixed])), int(np.size(value.value))
    if taken == held or (len(fixed) < len(parts) and taken and held % taken == 0):
        return value
    if not _is_data(m, value):
        return value
    size = int(np.prod(shape_of(m, fixed)))
    whole = size if len(fixed) == len(parts) else size * max(value.shape[0], 1)
    return m.leaf(np.resize(np.asarray(value.value), whole), value.library)


def _is_count(value: Any) -> bool:
    return isinstance(plain(value), int) and plain(value) > 0


def _is_data(m: Calls, value: Traced) -> bool:
    """Whether a tensor was made from made inputs and numbers alone."""
    leaves = [n for n in m.trace.ancestors([value.id]) if m.trace.nodes[n].is_leaf]
    return any(n in m.trace.inputs for n in leaves) and all(
        n in m.trace.inputs or np.size(m.trace.value(n)) == 1 for n in leaves
    )


@dataclass(frozen=True, slots=True, eq=False)
class File(Foreign):
    """An open file: a text where it is read as one, lines of numbers where it is read line by line."""

    key: str

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name == "read":
            return whole_text(m)
        if name == "readline":
            return (self.items(m) or [TEXT])[0]
        if name in ("readlines", "splitlines", "xreadlines"):
            return self.items(m) or m.opaque("what this file holds is not known")
        return None if name in ("close", "write", "flush", "writelines", "seek") else self

    def items(self, m: Calls) -> Any:
        rows = self.rows(m)
        return None if rows is None else [Line.of(row) for row in rows]

    def rows(self, m: Calls) -> list[Traced] | None:
        """The numbers of each line, None where the file was thought to be no table.

        Raises:
            Misfit: likewise, where the walk learns.
        """
        made = array(m, self.key, 2)
        if not isinstance(made, Traced) or len(made.shape) != 2:
            m.misfit("rank", (), {"rank": 2}, "lines of a file are rows of a table")
            return None
        return [row for row in m.items(made) or [] if isinstance(row, Traced)]


@makes("builtins.open", "io.open", "codecs.open", "gzip.open")
def _open(m: Calls, *args: Any, **kw: Any) -> File:
    return File(key_here(m))


@makes("csv.reader")
def _reader(m: Calls, lines: Any = None, *args: Any, **kw: Any) -> Any:
    if isinstance(lines, File):
        return [Fields.of(row) for row in lines.rows(m) or []]
    found = lines if isinstance(lines, Opaque) else m.items(lines)
    if isinstance(found, list) and all(isinstance(line, Line) for line in found):
        return [Fields.of(line.row) for line in found]
    return m.opaque("what this reader reads is not known")


@makes("numpy.loadtxt", "numpy.genfromtxt", "numpy.recfromcsv")
def _table(m: Calls, *args: Any, **kw: Any) -> Any:
    return unknown(m, key_here(m)) if "unpack" in kw else array(m, key_here(m), 2)


@makes("numpy.load",
       "pickle.load", "pickle.loads", "cPickle.load", "_pickle.load", "joblib.load", "torch.load",
       "scipy.io.loadmat", "h5py.File", "json.load", "dill.load")  # fmt: skip
def _loaded(m: Calls, *args: Any, **kw: Any) -> Any:
    return unknown(m, key_here(m))


@makes("sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split")
def _split(m: Calls, *arrays: Any, **kw: Any) -> Any:
    parts: list[Any] = []
    for value in arrays:
        whole = m.operand(value)
        if not isinstance(whole, Traced) or not whole.shape:
            parts += [whole, whole]
            continue
        cut = whole.shape[0] - max(whole.shape[0] // 4, 1)
        parts += [m.index(whole, slice(None, cut)), m.index(whole, slice(cut, None))]
    return parts


class Scaler(Foreign):
    """A preprocessor that keeps the shape of what it is given."""

    __slots__ = ()

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name in ("fit_transform", "transform", "inverse_transform") and args:
            return scaled(m, args[0])
        return self if name == "fit" else m.opaque(f".{name}() is not known here")


@makes("sklearn.preprocessing.scale", "sklearn.preprocessing.normalize",
       "sklearn.preprocessing.minmax_scale", "sklearn.utils.shuffle")  # fmt: skip
def scaled(m: Calls, *values: Any, **kw: Any) -> Any:
    """Each of `values` at another scale: data where it is data."""
    found = [_scaled(m, m.operand(value)) for value in values]
    return found[0] if len(found) == 1 else found


def _scaled(m: Calls, value: Any) -> Any:
    if isinstance(value, Traced) and not depends_on_parameters(m, value):
        return m.apply("copy", [value], {}, value.library)
    return value if isinstance(value, Opaque) else m.opaque("what is scaled here is no data")


@makes(*(f"sklearn.preprocessing.{name}" for name in (
    "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Normalizer")))  # fmt: skip
def _scaler(m: Calls, *args: Any, **kw: Any) -> Scaler:
    return Scaler()


class Encoder(Foreign):
    """A preprocessor that makes rows of zeros with a single one of labels."""

    __slots__ = ()

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name in ("fit_transform", "transform") and args:
            return one_hot(m, args[0])
        return self if name == "fit" else m.opaque(f".{name}() is not known here")


@makes("sklearn.preprocessing.OneHotEncoder", "sklearn.preprocessing.LabelBinarizer")
def _encoder(m: Calls, *args: Any, **kw: Any) -> Encoder:
    return Encoder()


@makes("keras.utils.to_categorical", "keras.utils.np_utils.to_categorical", "pandas.get_dummies",
       "tensorflow.keras.utils.to_categorical", "keras.utils.np_utils.to_categorical",
       "sklearn.preprocessing.label_binarize")  # fmt: skip
def one_hot(m: Calls, labels: Any, classes: Any = None, **kw: Any) -> Any:
    """Rows of zeros with a single one, as many as there are labels."""
    labels = m.operand(labels)
    if not isinstance(labels, Traced) or not labels.shape:
        return labels
    key, inputs = key_here(m), m.facts.inputs
    inputs.same.pop(f"{key}:0", None)
    inputs.pinned[f"{key}:0"] = labels.shape[0]
    classes = plain(kw.get("num_classes", kw.get("nb_classes", classes)))
    return array(m, key, 2, "one-hot rows", columns=classes if isinstance(classes, int) else 0)
