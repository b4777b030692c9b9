"""The picture of a training: what is drawn, and what is said where nothing can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gradlint.cli import run
from gradlint.model import Run
from gradlint.reports.picture import NoPicture, draw, expect_drawable

from . import samples

matplotlib = pytest.importorskip("matplotlib", reason="drawing needs matplotlib")

SCRIPT = "import numpy as np\nprint(np.zeros(3))\n"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        pytest.param("p.png", b"\x89PNG", id="png"),
        pytest.param("p.svg", b"<?xml", id="svg"),
        pytest.param("p.PDF", b"%PDF", id="pdf, in capitals"),
    ],
)
def test_the_format_is_that_of_the_name(name: str, begins: bytes, tmp_path: Path) -> None:
    draw([samples.WRONG], tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_losses_parameters_and_gradients_have_their_names_in_it(tmp_path: Path) -> None:
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        draw([samples.WRONG], tmp_path / "p.svg")
    text = (tmp_path / "p.svg").read_text(encoding="utf-8")
    for word in ("three_layer.py: loss", "w1", "grad_w_mid", "exactly 0 from step 1"):
        assert word in text


def test_a_training_without_confirmed_gradients_is_drawn_all_the_same(tmp_path: Path) -> None:
    draw([replace(samples.WRONG, gradients=())], tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 1000


def test_where_no_training_was_watched_nothing_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(NoPicture, match="watched no training"):
        draw([replace(samples.WRONG, run=Run())], tmp_path / "p.png")
    assert not (tmp_path / "p.png").exists()


def test_a_missing_matplotlib_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gradlint.reports.picture.find_spec", lambda name: None)
    with pytest.raises(NoPicture, match=r"pip install 'gradlint\[plot\]'"):
        expect_drawable(tmp_path / "p.png")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert run([str(script), "--plot", str(tmp_path / "p.png")]) == 2
    assert "gradlint[plot]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--plot", "p.bmp"], ".png, .svg, .pdf", id="a format that is not known"),
        pytest.param(["--plot", "p.png", "--no-run"], "leave out --no-run", id="nothing is run"),
        pytest.param(["--plot", "missing/p.png"], "no directory missing", id="no such folder"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_before_anything_runs(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    assert run(["script.py", *options]) == 2
    assert said in capsys.readouterr().err
