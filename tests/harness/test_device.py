"""Scripts that ask for CUDA, with and without one."""

from __future__ import annotations

import pytest

from gradlint.harness.device import NoDevice, resolve_device
from gradlint.model import Agreement
from tests.harness import scripts
from tests.harness.conftest import Confirm

torch = pytest.importorskip("torch")
HAS_CUDA = torch.cuda.is_available()
without_cuda = pytest.mark.skipif(HAS_CUDA, reason="this machine has CUDA")
with_cuda = pytest.mark.skipif(not HAS_CUDA, reason="torch sees no CUDA device")

DEVICES = [
    pytest.param("x = torch.randn(20, 3, device='cuda:0')", id="a factory's keyword"),
    pytest.param("x = torch.randn(20, 3).cuda()", id="a method"),
    pytest.param("x = torch.randn(20, 3).to(torch.device('cuda'))", id="a device object"),
    pytest.param("x = torch.randn(20, 3).to(0)  # cuda", id="a number"),
    pytest.param("torch.set_default_device('cuda'); x = torch.randn(20, 3)", id="the default"),
    pytest.param("x = torch.randn(20, 3).type(torch.cuda.FloatTensor)", id="a tensor type"),
    pytest.param(
        "x = torch.randn(20, 3); torch.cuda.synchronize(); x = x.to('cuda')", id="a string"
    ),
]


@without_cuda
@pytest.mark.parametrize("line", DEVICES)
def test_a_cuda_script_runs_on_the_cpu_and_says_so(confirm: Confirm, line: str) -> None:
    result = confirm(scripts.TORCH.replace("x = torch.randn(20, 3)", line))
    assert (result.status, result.device) == ("ok", "cpu")
    assert result.detail == "cuda is not available: ran on cpu"
    assert {w.autograd for w in result.witnesses} == {Agreement.EQUAL}


def test_a_script_that_asks_first_gets_no_note(confirm: Confirm) -> None:
    line = "x = torch.randn(20, 3).to('cuda' if torch.cuda.is_available() else 'cpu')"
    result = confirm(scripts.TORCH.replace("x = torch.randn(20, 3)", line))
    assert result.status == "ok"
    assert result.detail is None


@without_cuda
def test_cuda_by_name_is_refused_where_there_is_none(confirm: Confirm) -> None:
    result = confirm(scripts.TORCH, device="cuda")
    assert result.refused
    assert result.detail == (
        "--device cuda: torch sees no CUDA device on this machine; use --device cpu"
    )


@with_cuda
def test_a_cuda_script_runs_on_cuda(confirm: Confirm) -> None:
    result = confirm(scripts.TORCH.replace("(20, 3)", "(20, 3, device='cuda')"), device="cuda")
    assert (result.status, result.device) == ("ok", "cuda")


@pytest.mark.parametrize(
    "name, text, expected",
    [
        pytest.param("cpu", "import torch", "cpu", id="cpu is cpu"),
        pytest.param("auto", "import numpy", "cpu", id="a numpy script needs no CUDA"),
        pytest.param("auto", "import torch", "cuda", id="a torch script takes what is there"),
        pytest.param("cuda", "import numpy", "cuda", id="CUDA by name"),
    ],
)
def test_the_device_that_a_name_stands_for(name: str, text: str, expected: str) -> None:
    assert resolve_device(_Torch(True), name, text) == expected


def test_auto_is_the_cpu_without_cuda() -> None:
    assert resolve_device(_Torch(False), "auto", "import torch") == "cpu"
    with pytest.raises(NoDevice):
        resolve_device(_Torch(False), "cuda", "import torch")


class _Torch:
    """As much of torch as says whether there is CUDA."""

    def __init__(self, available: bool) -> None:
        self.cuda = self
        self.available = available

    def is_available(self) -> bool:
        return self.available
