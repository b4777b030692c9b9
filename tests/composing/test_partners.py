"""`explain --backward` where nothing trains: functions, layers and torch functions get a backward pass."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradlint
from gradlint import cli
from gradlint.composing.partners import Partner, Refused, partners
from gradlint.composing.partners.proving import first_line
from gradlint.composing.partners.units import all_units
from gradlint.model import Verdict
from gradlint.reading import read_script

from ..analysing import report_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
WRITTEN = {
    "class_activation_objects": 3,
    "class_momentum_velocity_lists": 2,
    "class_named_layers": 2,
    "class_stack_and_criterion": 2,
    "functions_blocks_with_caches": 3,
    "torch_functions_of_broadcast_inputs": 3,
    "uncalled_autograd_contracts_kept": 3,
    "uncalled_autograd_functions": 5,
    "uncalled_batchnorm_zero_term_left_out": 2,
    "uncalled_layer_classes": 5,
    "uncalled_layer_functions": 3,
    "uncalled_lstm_cell": 1,
    "uncalled_network_of_layers": 3,
    "uncalled_norm_conv_pool": 2,
}
"""Right fixtures that only define, or have several layers of one class, with how many backward passes are
written once theirs are gone."""


def _partners(text: str, path: str = "layers.py") -> dict[str, Partner | Refused]:
    module = read_script(textwrap.dedent(text), path).module
    return {one.of: one for one in partners(module)}


def _only(text: str) -> Partner:
    (one,) = _partners(text).values()
    assert isinstance(one, Partner), one
    return one


def _reason(text: str) -> str:
    (one,) = _partners(text).values()
    assert isinstance(one, Refused), one
    return one.reason


def _stripped(text: str, path: str) -> str:
    """`text` without the backward passes of its functions and classes."""
    gone: set[int] = set()
    for unit in all_units(read_script(text, path).module):
        old = None if unit.old is None else unit.old.definition
        if old is not None:
            gone |= set(range(first_line(old), old.span.end_line + 1))
    lines = enumerate(text.splitlines(), 1)
    return "\n".join(line for n, line in lines if n not in gone) + "\n"


def _run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(text, "layers.py", "exec"), names)
    return names


@pytest.mark.parametrize("name", WRITTEN)
def test_right_functions_and_layers_without_their_backward_pass_get_an_equal_one(name: str) -> None:
    path = FIXTURES / f"{name}.py"
    bare = _stripped(path.read_text(encoding="utf-8"), str(path))
    made = [x for x in _partners(bare, str(path)).values() if isinstance(x, Partner)]
    assert len(made) >= WRITTEN[name]


def test_the_partner_takes_the_cache_and_is_right_when_it_is_run() -> None:
    made = _only("""\
        import numpy as np

        def affine_forward(x, w, b):
            out = np.tanh(x @ w + b)
            return out, (x, w, b, out)
        """)
    assert made.lines == (
        "def affine_backward(dout, cache):",
        "    x, w, b, out = cache",
        "    dout_in = dout * (1 - out ** 2)",
        "    db = np.sum(dout_in, axis=0)",
        "    dw = x.T @ dout_in",
        "    dx = dout_in @ w.T",
        "    return dx, dw, db",
    )
    names, rng = _run(made.text), np.random.default_rng(0)
    inputs = [rng.normal(size=shape) for shape in ((6, 4), (4, 3), 3)]
    gradlint.check_gradients(names["affine_forward"], names["affine_backward"], *inputs)
    assert report_of(made.text).verdict is Verdict.CORRECT


def test_loops_are_taken_back_as_loops_and_are_right_at_other_sizes() -> None:
    made = _only("""\
        import numpy as np

        def frames_forward(x, w, b):
            N, T, D = x.shape
            out = np.zeros((N, T, w.shape[1]))
            for t in range(T):
                out[:, t] = np.tanh(x[:, t] @ w + b)
            return out, (x, w, b, out)
        """)
    assert any(line.startswith("    for t in ") for line in made.lines)
    names, rng = _run(made.text), np.random.default_rng(0)
    inputs = [rng.normal(size=shape) for shape in ((3, 5, 4), (4, 2), 2)]
    gradlint.check_gradients(names["frames_forward"], names["frames_backward"], *inputs)


def test_a_layer_keeps_what_it_needs_and_the_gradients_of_what_it_holds() -> None:
    made = _only("""\
        import numpy as np

        class Scale:
            def __init__(self, n):
                self.gain = np.random.randn(n)

            def forward(self, x):
                return x * self.gain
        """)
    assert made.keeping == "self.cache = x"
    assert "    self.dgain = np.sum(dout * x, axis=0)" in made.lines
    names, rng = _run(made.text), np.random.default_rng(0)
    layer, x, dout = names["Scale"](3), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    layer.forward(x)
    assert np.allclose(layer.backward(dout), dout * layer.gain)
    assert np.allclose(layer.dgain, (dout * x).sum(axis=0))


def test_what_is_cleared_by_a_mask_is_cleared_backwards_in_a_copy() -> None:
    made = _only("""\
        import numpy as np

        class ReLU:
            def forward(self, x):
                self.mask = x <= 0
                out = x.copy()
                out[self.mask] = 0
                return out
        """)
    layer, x = _run(made.text)["ReLU"](), np.array([[1.0, -2.0], [-3.0, 4.0]])
    layer.forward(x)
    dout = np.ones((2, 2))
    assert np.array_equal(layer.backward(dout), (x > 0) * 1.0)
    assert np.array_equal(dout, np.ones((2, 2)))


def test_a_torch_function_gets_a_static_method_with_none_for_what_is_no_tensor() -> None:
    made = _only("""\
        import torch

        class Power(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, n):
                ctx.n = n
                return torch.tanh(x) * n
        """)
    assert made.lines[:2] == ("@staticmethod", "def backward(ctx, grad_output):")
    assert made.lines[-1].endswith(", None")
    assert made.keeping == "ctx.save_for_backward(x)"
    assert any("ctx.n" in line for line in made.lines)


def test_numbers_with_a_default_are_taken_and_never_written_as_they_are() -> None:
    made = _only("""\
        import numpy as np

        def norm_forward(x, eps=1e-5):
            std = np.sqrt(np.mean(x ** 2, axis=0) + eps)
            out = x / std
            return out, (x, std)
        """)
    names, x = _run(made.text), np.random.default_rng(0).normal(size=(7, 3))
    gradlint.check_gradients(
        lambda x: names["norm_forward"](x, 0.3),
        lambda dout, cache: names["norm_backward"](dout, cache), x,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            """\
            import numpy as np

            def activation_forward(x, kind):
                if kind == "tanh":
                    out = np.tanh(x)
                else:
                    out = np.maximum(0, x)
                return out, x
            """,
            "goes several ways",
            id="a branch that computes something else",
        ),
        pytest.param(
            """\
            import numpy as np

            def noise_forward(x):
                keep = np.random.rand(*x.shape) > 0.5
                out = x * keep
                return out
            """,
            "drawn at random has to be kept",
            id="a mask that is not kept",
        ),
        pytest.param(
            """\
            import numpy as np

            def last_forward(x):
                out = np.sort(x, axis=0).cumsum(axis=0)
                return out
            """,
            "line 4",
            id="an operation whose derivative is not written",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_reason(text: str, why: str) -> None:
    assert why in _reason(text)


def test_what_has_no_derivative_is_not_spoken_of() -> None:
    found = _partners("def layer_sizes(x, y):\n    return x.shape[0], y.shape[0]\n")
    assert all(isinstance(one, Refused) and one.idle for one in found.values())


def test_the_command_writes_each_and_names_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "layers.py"
    path.write_text(
        "import numpy as np\n\n\ndef square_forward(x):\n    out = x ** 2\n    return out, x\n\n\n"
        "def noise_forward(x):\n    keep = np.random.rand(*x.shape) > 0.5\n    return x * keep\n",
        encoding="utf-8",
    )
    assert cli.run(["explain", str(path), "--backward"]) == 0
    out, err = capsys.readouterr()
    assert "# The backward pass of square_forward (line 4); it belongs behind its end" in out
    assert "def square_backward(dout, x):" in out
    assert "no backward pass is written for noise_forward: " in err and "line 10" in err


def test_a_class_that_is_indented_by_tabs_gets_a_method_that_can_be_pasted() -> None:
    text = "import numpy as np\nclass Double:\n\tdef forward(self, x):\n\t\treturn np.sin(x) * 2\n"
    made = _only(text)
    assert made.indent == "\t"
    assert "\t\tself.cache = x\n" in made.text
    compile(made.text, "layers.py", "exec")


def test_a_wrong_backward_pass_that_is_there_is_written_anew() -> None:
    made = _only("""\
        import numpy as np

        def square_forward(x):
            return x ** 2, x

        def square_backward(dout, x):
            return dout * x
        """)
    assert "return dout * x" not in made.text.replace("    dx = ", "")
    assert report_of(made.text).verdict is Verdict.CORRECT


def test_a_loss_that_is_learnt_as_a_number_is_not_derived_in_its_target() -> None:
    text = """\
    import numpy as np
    class MeanSquare:
        def forward(self, p, t):
            self.d = p - t
            return np.mean(self.d ** 2)
    """
    made = next(iter(_partners(text).values()))
    assert isinstance(made, Refused) or "return dt" not in made.lines[-1]


def test_what_an_old_backward_pass_without_arguments_was_handed_gets_a_name() -> None:
    text = """\
    import numpy as np
    class Half:
        def forward(self, x):
            self.x = x
            return 0.5 * x ** 2
        def backward(self):
            return self.x
    """
    made = next(iter(_partners(text).values()))
    assert isinstance(made, Refused) or made.lines[0] == "def backward(self, dout):"
