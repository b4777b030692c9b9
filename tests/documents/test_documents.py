"""Every command in the documents is run, and prints what the document shows; `make docs` renews them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.analysing import report_of

from .console import blocks, replayed
from .gallery import gallery

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_SET_UP = ("pip install ", "make ", "pre-commit ", "git ")
"""What is not run here: it needs the network, or is what other tests do."""

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="the commands are for a shell")


@pytest.mark.parametrize("page", [p for p in PAGES if p.name != "gallery.md"], ids=lambda p: p.name)
def test_the_commands_print_what_is_shown(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("COLUMNS", "100")
    new, differences = replayed(page.read_text(encoding="utf-8"), tmp_path)
    if request.config.getoption("--golden"):
        page.write_text(new, encoding="utf-8")
        return
    assert not differences, "`make docs` renews the documents:\n" + "\n".join(differences)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_is_not_run_is_only_what_sets_up(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.kind in ("sh", "shell", "bash", "text"):
            lines = [line for line in block.body.splitlines() if line.strip()]
            assert all(line.startswith(_SET_UP) for line in lines), lines


def test_the_gallery_is_that_of_the_rules(request: pytest.FixtureRequest) -> None:
    page, new = ROOT / "docs" / "gallery.md", gallery(report_of)
    if request.config.getoption("--golden"):
        page.write_text(new, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == new, "`make docs` renews it"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target
