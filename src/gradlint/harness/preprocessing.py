"""The few functions of data libraries that change given data, for runs where the libraries are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradlint.harness.stand_in import Anything


class Scaler:
    """`StandardScaler` and its like: what it was fitted to becomes centred, of spread one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.mean: Any = 0.0
        self.spread: Any = 1.0

    def fit(self, x: Any, *_: Any) -> Scaler:
        x = np.asarray(x, dtype=float)
        self.mean, self.spread = self._fitted(x)
        self.spread = np.where(self.spread == 0, 1.0, self.spread)
        return self

    def _fitted(self, x: Any) -> tuple[Any, Any]:
        return x.mean(axis=0), x.std(axis=0)

    def transform(self, x: Any) -> Any:
        return (np.asarray(x, dtype=float) - self.mean) / self.spread

    def inverse_transform(self, x: Any) -> Any:
        return np.asarray(x) * self.spread + self.mean

    def fit_transform(self, x: Any, *_: Any) -> Any:
        return self.fit(x).transform(x)


class MinMaxScaler(Scaler):
    """What it was fitted to comes to lie between 0 and 1."""

    def _fitted(self, x: Any) -> tuple[Any, Any]:
        return x.min(axis=0), x.max(axis=0) - x.min(axis=0)


class OneHot:
    """`OneHotEncoder` and `LabelBinarizer`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def fit(self, *_: Any) -> OneHot:
        return self

    def transform(self, labels: Any) -> Any:
        return one_hot(labels)

    fit_transform = transform


class Dense(np.ndarray[Any, Any]):
    """An array that may be asked to be one, as a sparse matrix is."""

    def toarray(self) -> Any:
        return np.asarray(self)

    todense = toarray


def one_hot(labels: Any, num_classes: int | None = None, **kwargs: Any) -> Any:
    """A row of zeros with a single one for each label."""
    labels = np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1)
    return np.eye(num_classes or int(labels.max()) + 1)[labels].view(Dense)


def split(
    *arrays: Any, test_size: float = 0.25, train_size: float = 0.0, **kwargs: Any
) -> list[Any]:
    """A first part and a rest of each array, in their order: made data need no shuffling."""
    return list(_parts(arrays, test_size if not train_size else 1.0 - train_size))


def _parts(arrays: tuple[Any, ...], size: float) -> Iterator[Any]:
    for array in arrays:
        array = np.asarray(array)
        rest = size if isinstance(size, int) else max(int(len(array) * size), 1)
        rest = rest if rest < len(array) else max(len(array) // 4, 1)
        yield array[: len(array) - rest]
        yield array[len(array) - rest :]


def _unchanged(*arrays: Any, **kwargs: Any) -> Any:
    return arrays[0] if len(arrays) == 1 else list(arrays)


class Progress:
    """`tqdm`: iterates, and shows nothing."""

    def __init__(self, of: Any = (), *args: Any, **kwargs: Any) -> None:
        self.of = of

    def __iter__(self) -> Iterator[Any]:
        return iter(self.of)

    def __len__(self) -> int:
        return len(self.of)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return Anything()


def _range(*bounds: int, **kwargs: Any) -> Progress:
    return Progress(range(*bounds))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "train_test_split": split, "shuffle": _unchanged,
    "scale": lambda x, **kwargs: Scaler().fit_transform(x),
    "minmax_scale": lambda x, **kwargs: MinMaxScaler().fit_transform(x),
    "StandardScaler": Scaler, "RobustScaler": Scaler, "MinMaxScaler": MinMaxScaler,
    "MaxAbsScaler": MinMaxScaler, "OneHotEncoder": OneHot, "LabelBinarizer": OneHot,
    "to_categorical": one_hot, "label_binarize": one_hot, "get_dummies": one_hot,
    "tqdm": Progress, "trange": _range, "tqdm_notebook": Progress,
}  # fmt: skip
"""By their names, which are the same wherever in a library they stand."""
