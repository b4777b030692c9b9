"""Straight-line numpy programs made at random: the interpreter leaves the values of the execution."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from .running import DATA, assert_walks_as_it_runs

_UNARY = (
    "np.tanh({})", "np.exp(-np.abs({}))", "-{}", "np.maximum({}, 0.1)", "{} ** 2", "1 / (1 + {} * {})",
    "np.where({} > 0, 1.0, 0.25)", "{} * 2 - 0.5", "np.clip({}, -1, 1)", "{}[::-1]", "{}.copy()",
)  # fmt: skip
_BINARY = ("{} + {}", "{} - {}", "{} * {}", "np.minimum({}, {})", "{} / (2 + {} ** 2)")
_REDUCE = ("{}.sum(axis=0)", "np.mean({}, axis=0)", "{}[1]", "np.max({}, axis=0)", "{}[0] * 2")
_CHANGE = (
    "{0} += 1", "{0} *= {1}", "{0}[0] = 0.5", "{0}[{0} < 0] = 0", "{0} -= {0}.mean()",
    "{0}[1] += {1}[0]",
)  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Lines over matrices `m*` of two rows and three columns and vectors `v*` of three."""
    lines, matrices, vectors = ["m0 = x * 1", "v0 = v * 1"], ["m0"], ["v0"]
    for k in range(1, draw(st.integers(2, 9))):
        kind = draw(st.sampled_from(["unary", "binary", "reduce", "change", "alias", "product"]))
        one, two = draw(st.sampled_from(matrices)), draw(st.sampled_from([*matrices, *vectors]))
        if kind == "change":
            lines.append(
                draw(st.sampled_from(_CHANGE)).format(one, draw(st.sampled_from(matrices)))
            )
        elif kind == "reduce":
            lines.append(f"v{k} = {draw(st.sampled_from(_REDUCE)).format(one)}")
            vectors.append(f"v{k}")
        else:
            lines.append(f"m{k} = {_expression(draw, kind, one, two)}")
            matrices.append(f"m{k}")
    return "\n".join(lines), matrices + vectors


def _expression(draw: st.DrawFn, kind: str, one: str, two: str) -> str:
    if kind == "unary":
        return draw(st.sampled_from(_UNARY)).replace("{}", one)
    if kind == "binary":
        return draw(st.sampled_from(_BINARY)).format(one, two)
    return one if kind == "alias" else f"({one} @ w) @ w.T"


@settings(deadline=None, max_examples=120, derandomize=True, database=None)
@given(programs())
def test_a_random_program_leaves_the_values_of_its_execution(
    program: tuple[str, list[str]],
) -> None:
    text, names = program
    ends = "\n".join(f"end_{name} = {name} * 1" for name in names)
    assert_walks_as_it_runs(f"{DATA}{text}\n{ends}", *(f"end_{name}" for name in names))
