"""Calls of library functions and of the methods of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.ops.copies import kind_of
from gradlint.reading import syntax as s
from gradlint.tracing import builtin, data, leaves, matrices
from gradlint.tracing.calls import Calls
from gradlint.tracing.values import (
    Opaque,
    Traced,
    plain,
)


class LibraryCalls(Calls):
    """Evaluates what is called by the path of a library, and by a name on a tensor."""

    def written(self, target: Traced, made: Traced) -> None:
        """Put what a method or an `out=` gives into its target, and note it."""
        raise NotImplementedError

    def library_call(
        self, path: str, args: list[Any], kwargs: dict[str, Any], node: s.Call | None
    ) -> Any:
        self.used_arguments(path, args, kwargs)
        if path.startswith("builtins."):
            unknown = next((a for a in args if isinstance(a, Opaque)), None)
            if unknown is not None and path.removeprefix("builtins.") in builtin.OF_KNOWN:
                return unknown
            function = builtin.find(path.removeprefix("builtins.")) or leaves.maker(path)
            return function(self, *args, **kwargs) if function is not None else None
        maker = leaves.maker(path)
        if maker is not None:
            if matrices.among((*args, *kwargs.values())) and not matrices.understood(path):
                return self.opaque(f"what {path} makes of an np.matrix is not read")
            made = maker(self, *args, **kwargs)
            if isinstance(made, Traced) and path.startswith("torch"):
                made.library = "torch"
            return made
        for value in (*args, *kwargs.values()):
            if isinstance(value, Opaque):
                return value
        spelling = ops.lookup(path)
        if spelling is not None:
            library = "torch" if path.startswith("torch") else None
            return self._bound(
                spelling.bind(args, kwargs, is_array),
                library or matrices.result_library(path, args) or _scalar_library(path, args),
            )
        return data.outside(self, path, args, kwargs)

    def _bound(self, bound: ops.Bound, library: str | None) -> Any:
        """Evaluate a bound library call: in place, into `out`, with one result or several."""
        inputs, name = list(bound.inputs), bound.op.name
        first = inputs[0] if inputs else None
        if bound.parts:
            return tuple(self._bound(part, library) for part in bound.parts)
        if bound.cuts is not None and isinstance(first, Traced):
            params = {k: plain(v) for k, v in bound.params.items()}
            return self._equal_parts(first, bound.cuts, params)
        if bound.result == "values_indices":
            indices = self.apply(bound.indices or "argmax", inputs, bound.params, library)
            return self.apply(name, inputs, bound.params, library), indices
        if name == "reshape" and isinstance(first, Traced):
            first = inputs[0] = data.fitted(self, first, bound.params.get("shape"))
        target = first if bound.in_place else bound.out
        shared = bound.op.view and not bound.copies and len(inputs) == 1
        if shared and isinstance(first, Traced) and not first.is_python:
            kept = library if matrices.is_matrix(first) else None
            made = self.view(first, name, bound.params, kept)
        else:
            made = self.apply(name, inputs, bound.params, library)
        if isinstance(target, Traced) and isinstance(made, Traced):
            self.written(target, made)
            return target
        if bound.result == "rows" and isinstance(made, Traced):
            return tuple(self.items(made) or ())
        return made

    def _equal_parts(
        self, whole: Traced, cuts: Callable[..., list[object]], params: dict[str, Any]
    ) -> Any:
        """The parts of an array; made inputs are as long as it takes to make all parts equal."""
        count, axis = params.get("chunks") or params.get("sections"), params.get("axis", 0)
        inside = isinstance(count, int) and -len(whole.shape) <= axis < len(whole.shape)
        if inside and count == 0:
            return self.opaque("an array is split into no parts at all", "shape")
        if inside and whole.shape[axis] % count:
            self.misfit("split", (whole.id,), params, "the parts are not equal")
        indices = cuts(whole.shape, **params)
        return [self.view(whole, "getitem", {"index": index}) for index in indices]

    # Methods of tensors

    def method_of_tensor(
        self, tensor: Traced, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        self.refresh(tensor)
        self.used_axes(kwargs)
        self.used_by_method(name, args)
        special = getattr(self, f"tensor_{name}", None)
        if special is not None:
            return special(tensor, *args, **kwargs)
        torch = tensor.library == "torch"
        path = f"torch.Tensor.{name}" if torch else f"numpy.ndarray.{name}"
        maker = leaves.maker(path)
        if maker is not None:
            return maker(self, tensor, *args, **kwargs)
        spelling = ops.lookup(path)
        if spelling is not None:
            library = matrices.result_library(path, (tensor, *args)) or tensor.library
            return self._bound(spelling.bind([tensor, *args], kwargs, is_array), library)
        return self.opaque(f".{name}() of a tensor is not known to gradlint")

    def tensor_item(self, tensor: Traced) -> Any:
        return self.apply("copy", [self.scalar(tensor)], {}, "python")

    def tensor_size(self, tensor: Traced, dim: Any = None) -> Any:
        return tensor.shape if dim is None else tensor.shape[plain(dim)]

    def tensor_dim(self, tensor: Traced) -> Any:
        return len(tensor.shape)

    def tensor_numel(self, tensor: Traced) -> Any:
        return int(np.size(tensor.value))

    tensor_nelement = tensor_numel

    def tensor_tolist(self, tensor: Traced) -> Any:
        if matrices.is_matrix(tensor):
            return [self.items(row) for row in self.items(matrices.array_of(self, tensor)) or []]
        return self.items(tensor) if tensor.shape else self.tensor_item(tensor)

    def tensor_backward(self, tensor: Traced, *args: Any, **kw: Any) -> None:
        self.opaque("gradients by torch's autograd", "autograd")

    def tensor_zero_(self, tensor: Traced) -> Any:
        return self.tensor_fill(tensor, 0.0)

    def tensor_fill(self, tensor: Traced, value: Any) -> Any:
        if isinstance(value, Opaque):
            return value
        self.write(tensor, self.leaf(np.full(tensor.shape, plain(value)), tensor.library))
        return tensor

    tensor_fill_ = tensor_fill

    def tensor_numpy(self, tensor: Traced, **kw: Any) -> Any:
        return self.view(tensor, "copy", {}, "numpy")

    def _passed(self, tensor: Traced, *args: Any, **kw: Any) -> Any:
        return tensor

    tensor_cuda = tensor_cpu = tensor_contiguous = _passed
    tensor_to_numpy = tensor_toarray = tensor_todense = _passed
    tensor_requires_grad_ = tensor_retain_grad = tensor_detach_ = _passed

    def tensor_to(self, tensor: Traced, *args: Any, **kw: Any) -> Any:
        """A tensor moved to a device, or cast to a dtype or to that of another tensor."""
        like = next((a for a in args if isinstance(a, Traced) and not a.is_python), None)
        args = tuple(a for a in args if not isinstance(plain(a), int))
        told = like.value.dtype if like is not None else (*args, kw.get("dtype"))
        kind = kind_of(told)
        return self.apply("copy", [tensor], {"dtype": kind}, tensor.library) if kind else tensor


def is_array(value: object) -> bool:
    """Whether an argument is a tensor, where a library overloads on that."""
    return isinstance(value, np.ndarray) or (isinstance(value, Traced) and not value.is_python)


def _scalar_library(path: str, args: list[Any]) -> str | None:
    if path.startswith("math."):
        return "python"
    return "numpy" if all(not isinstance(a, Traced) or a.is_python for a in args) else None
