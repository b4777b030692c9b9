"""The picture of what the runs saw: loss, gradients layer by layer, error against autograd.

matplotlib is imported here and nowhere else, when a picture was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlint.health.record import Health, Number
from gradlint.model import Agreement, FileReport, Gradient

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg", ".pdf")
MISSING = "matplotlib is not installed: pip install 'gradlint[plot]'"
_WIDTH, _HEIGHT = 4.6, 3.4
"""Inches of one panel."""
_GOOD, _BAD, _LINE = "#3a7d44", "#c0392b", "#2c3e50"
_NAMED = 10
"""Parameters up to which each has its name in the legend."""
_FLOOR = 1e-17
"""Where an error of exactly 0 is drawn on a logarithmic axis."""


class NoPicture(Exception):
    """No picture can be drawn; the message says why."""


def expect_drawable(path: Path) -> None:
    """Make sure that a picture can be drawn to `path`, before anything is run for it.

    Raises:
        NoPicture: its name ends in no format that is known, or matplotlib is not installed.
    """
    if path.suffix.lower() not in FORMATS:
        raise NoPicture(f"cannot draw to {path}: its name must end in {', '.join(FORMATS)}")
    if find_spec("matplotlib") is None:
        raise NoPicture(MISSING)


def draw(reports: Sequence[FileReport], path: Path) -> None:
    """Draw a row of panels for each training that was watched.

    Raises:
        NoPicture: there was none.
        OSError: `path` cannot be written.
    """
    rows = [(report, health) for report in reports for health in report.run.health]
    if not rows:
        raise NoPicture("nothing to draw: the run watched no training")
    from matplotlib.figure import Figure

    figure = Figure((3 * _WIDTH, len(rows) * _HEIGHT), layout="constrained")
    panels = figure.subplots(len(rows), 3, squeeze=False)
    for (report, health), (loss, norms, errors) in zip(rows, panels, strict=True):
        _draw_loss(loss, report, health)
        _draw_norms(norms, health)
        _draw_errors(errors, [g for g in report.gradients if g.max_relative_error is not None])
    figure.savefig(path, dpi=110)


def _draw_loss(axes: Axes, report: FileReport, health: Health) -> None:
    axes.plot(range(len(health.losses)), _holed(health.losses), color=_LINE, marker=_dots(health))
    lost = [step for step, loss in enumerate(health.losses) if loss is None]
    if health.not_finite is not None and lost:
        axes.axvline(health.not_finite.step, color=_BAD, linestyle=":")
        axes.annotate("not finite", (health.not_finite.step, 0.9), xycoords=("data", "axes fraction"),
                      color=_BAD, ha="right", rotation=90, va="top")  # fmt: skip
    _logarithmic(axes, [x for x in health.losses if x is not None])
    _whole_steps(axes)
    axes.set(title=f"{Path(report.path).name}: {health.loss}", xlabel="step", ylabel=health.loss)


def _draw_norms(axes: Axes, health: Health) -> None:
    import matplotlib

    colours = matplotlib.colormaps["viridis"]
    count = max(len(health.parameters) - 1, 1)
    for number, parameter in enumerate(health.parameters):
        steps = [look.step for look in parameter.looks]
        norms = _holed([look.gradient for look in parameter.looks])
        axes.plot(
            steps, norms, label=parameter.name, color=colours(0.9 * number / count), marker="."
        )
    found = [look.gradient for p in health.parameters for look in p.looks if look.gradient]
    _logarithmic(axes, [x for x in found if x is not None])
    axes.set(title="norm of the gradient, by parameter", xlabel="step")
    _whole_steps(axes)
    silent = _silent_from(health)
    if silent is not None:
        axes.text(0.5, 0.5, f"exactly 0 from step {silent}", ha="center", transform=axes.transAxes)
    if 0 < len(health.parameters) <= _NAMED:
        axes.legend(fontsize="small", framealpha=0.6)


def _draw_errors(axes: Axes, gradients: Sequence[Gradient]) -> None:
    axes.set(title="error against autograd, by gradient", xlabel="relative error")
    if not gradients:
        axes.text(0.5, 0.5, "no gradient was confirmed", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    names = [g.name for g in gradients]
    errors = [max(g.max_relative_error or 0.0, _FLOOR) for g in gradients]
    right = (Agreement.EQUAL, Agreement.SCALED)
    colours = [_GOOD if g.autograd in right else _BAD for g in gradients]
    places = range(len(names))
    axes.barh(places, errors, left=_FLOOR, color=colours)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(_FLOOR, max(10.0, *errors))


def _silent_from(health: Health) -> int | None:
    """The step from which on all gradients are exactly 0, which a logarithmic axis cannot show."""
    silent = None
    for step in reversed(health.looked):
        norms = [x.gradient for p in health.parameters for x in p.looks if x.step == step]
        if any(norms) or not norms:
            break
        silent = step
    return silent


def _whole_steps(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _holed(numbers: Sequence[Number]) -> list[float]:
    """The numbers with a gap where there is none."""
    return [float("nan") if x is None else x for x in numbers]


def _dots(health: Health) -> str | None:
    return "." if len(health.losses) <= 60 else None


def _logarithmic(axes: Any, numbers: Sequence[float]) -> None:
    """A logarithmic axis where the numbers are positive and far apart."""
    if numbers and min(numbers) > 0 and max(numbers) > 20 * min(numbers):
        axes.set_yscale("log")
