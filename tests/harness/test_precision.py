"""TF32 and non-determinism on CUDA, with a stand-in for torch: most machines have no such device."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gradlint.harness.precision import exact, uses_tf32


def _torch(matmul: bool, cudnn: bool) -> Any:
    made = SimpleNamespace(strict=(False, False))
    made.backends = SimpleNamespace(
        cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=matmul)),
        cudnn=SimpleNamespace(allow_tf32=cudnn),
    )
    made.are_deterministic_algorithms_enabled = lambda: made.strict[0]
    made.is_deterministic_algorithms_warn_only_enabled = lambda: made.strict[1]
    made.use_deterministic_algorithms = lambda on, warn_only: setattr(
        made, "strict", (on, warn_only)
    )
    return made


@pytest.mark.parametrize(
    ("matmul", "cudnn", "device", "expected"),
    [(True, False, "cuda", True), (False, True, "cuda", False),
     (True, True, "cpu", False)],
)  # fmt: skip
def test_tf32_is_known_where_it_is_in_use(
    matmul: bool, cudnn: bool, device: str, expected: bool
) -> None:
    assert uses_tf32(_torch(matmul, cudnn), device) is expected


def test_convolutions_are_computed_in_it_unless_somebody_says_no() -> None:
    text = "y = torch.nn.functional.conv2d(x, w)"
    assert uses_tf32(_torch(False, True), "cuda", text)
    assert not uses_tf32(_torch(False, False), "cuda", text)


def test_the_truth_is_computed_without_it_and_what_the_script_set_comes_back() -> None:
    torch = _torch(True, True)
    with exact(torch, "cuda"):
        assert not uses_tf32(torch, "cuda")
        assert torch.strict == (True, True)
    assert uses_tf32(torch, "cuda")
    assert torch.strict == (False, False)


class _Newer:
    """A part of torch whose precision was set by the newer name: the older cannot be read then."""

    fp32_precision = "tf32"

    @property
    def allow_tf32(self) -> bool:
        raise RuntimeError("a mix of the legacy and new APIs")


def test_a_script_that_sets_its_precision_by_the_newer_name_is_understood() -> None:
    torch = _torch(False, True)
    torch.backends.cuda.matmul = _Newer()
    assert uses_tf32(torch, "cuda")
    with exact(torch, "cuda"):
        assert torch.backends.cuda.matmul.fp32_precision == "ieee"
        assert torch.backends.cudnn.allow_tf32 is False
    assert torch.backends.cuda.matmul.fp32_precision == "tf32"
    assert torch.backends.cudnn.allow_tf32 is True


def test_on_the_cpu_nothing_is_touched() -> None:
    with exact(None, "cpu"):
        pass
