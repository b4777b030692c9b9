"""Data sets of torchvision and loaders of torch: what a loop over mini-batches gets.

A loader gives two batches, each of all that there is: with one, its loop would be none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlint.tracing import data
from gradlint.tracing.leaves import makes
from gradlint.tracing.values import Foreign, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

CHANNELS = {"MNIST": 1, "FashionMNIST": 1, "KMNIST": 1, "QMNIST": 1, "CIFAR10": 3, "SVHN": 3}
"""Data sets of images in ten classes, with their channels."""


@dataclass(frozen=True, slots=True, eq=False)
class Source(Foreign):
    """A data set of torch: something that gives tensors with as many samples each."""

    def tensors(self, m: Calls) -> tuple[Any, ...]:
        """All samples: inputs, targets and whatever else belongs to one."""
        raise NotImplementedError

    def item(self, m: Calls, index: Any) -> Any:
        return tuple(m.index(part, plain(index)) for part in self.tensors(m))


@dataclass(frozen=True, slots=True, eq=False)
class Pictures(Source):
    """A data set of torchvision, its images (n, channels, height, width) and its labels (n,)."""

    key: str
    channels: int

    def tensors(self, m: Calls) -> tuple[Any, ...]:
        images = data.array(m, f"{self.key}.images", 4, "unit", columns=self.channels)
        return self._torch(m, images), self._torch(m, self._labels(m))

    def attribute(self, m: Calls, name: str) -> Any:
        if name in ("data", "train_data", "test_data"):
            rows = f"{self.key}.images"
            return self._torch(m, data.array(m, f"{self.key}.data", 3, "unit", rows=rows))
        if name in ("targets", "train_labels", "test_labels"):
            return self._torch(m, self._labels(m))
        return m.opaque(f"what {name} of this data set is, is not known")

    def _labels(self, m: Calls) -> Any:
        return data.array(m, f"{self.key}.targets", 1, "labels", 10, f"{self.key}.images")

    def _torch(self, m: Calls, value: Any) -> Any:
        return m.view(value, "copy", {}, "torch")


@dataclass(frozen=True, slots=True, eq=False)
class Tensors(Source):
    """`TensorDataset`."""

    parts: tuple[Any, ...]

    def tensors(self, m: Calls) -> tuple[Any, ...]:
        return self.parts


@dataclass(frozen=True, slots=True, eq=False)
class Loader(Foreign):
    """`DataLoader`."""

    source: Source

    def items(self, m: Calls) -> list[Any]:
        return [tuple(_all_of(m, part) for part in self.source.tensors(m)) for _ in range(2)]

    def attribute(self, m: Calls, name: str) -> Any:
        return (
            self.source
            if name == "dataset"
            else m.opaque(f"what {name} of a loader is, is not known")
        )


def _all_of(m: Calls, part: Any) -> Any:
    """A view of all rows of a part, if it is known."""
    return m.index(part, slice(None)) if isinstance(part, Traced) else part


@makes(*(f"torchvision.datasets.{name}" for name in CHANNELS))
def _pictures(m: Calls, *args: Any, **kw: Any) -> Pictures:
    key = data.key_here(m)
    name = next(
        one for one in sorted(CHANNELS, key=len, reverse=True) if one in key.partition("(")[0]
    )
    return Pictures(key, CHANNELS[name])


@makes("torch.utils.data.TensorDataset", "torch.utils.data.dataset.TensorDataset")
def _tensors(m: Calls, *parts: Any) -> Tensors:
    return Tensors(parts)


@makes("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
def _loader(m: Calls, dataset: Any = None, *args: Any, **kw: Any) -> Any:
    if isinstance(dataset, Source):
        return Loader(dataset)
    return m.opaque("what this loader gives is not known")
