"""The marks of the fixtures are well formed; what gradlint says of them is tested elsewhere."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# gradlint-fixture:"
FIXTURES = sorted(
    path
    for pattern in ("*.py", "*/**/*.py")
    for path in (ROOT / "fixtures").glob(pattern)
    if path.parent.name == "fixtures" or path.read_text(encoding="utf-8").startswith(HEAD)
)
VERDICTS = {"wrong", "suspect", "correct", "unverified", "not-applicable"}
HEADER = re.compile(r"# gradlint-fixture: verdict=([a-z|-]+)")
NOTES = re.compile(r"# notes: GL\d{3}(, GL\d{3})*")
MARK = re.compile(r"# <- (GL\d{3}(?:\|GL\d{3})*)")
SEVERITY = re.compile(r"^severity: (error|warning|note)$", re.MULTILINE)


def named(path: Path) -> str:
    """What a fixture is called: its file, or its folder and its file."""
    return " ".join(path.relative_to(ROOT / "fixtures").with_suffix("").parts).replace("_", " ")


def parts(path: Path) -> list[Path]:
    """The files of a fixture: the script itself first, then the modules in its folder."""
    top = ROOT / "fixtures"
    if path.parent == top:
        return [path]
    folder = top / path.relative_to(top).parts[0]
    return [path, *(part for part in sorted(folder.rglob("*.py")) if part != path)]


each_fixture = pytest.mark.parametrize(
    "path", [pytest.param(path, id=named(path)) for path in FIXTURES]
)


def verdicts(path: Path) -> list[str]:
    """The verdicts that the first line of a fixture allows, the preferred one first."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    header = HEADER.fullmatch(first)
    assert header, f"the first line of {path.name} is not a fixture header: {first!r}"
    return header[1].split("|")


def arrows(path: Path) -> list[str]:
    """Every comment that looks as if it was meant as a mark."""
    texts = [part.read_text(encoding="utf-8") for part in parts(path)]
    return [
        token.string
        for text in texts
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and "<-" in token.string
    ]


def marked_codes(path: Path) -> set[str]:
    """All codes named by the marks of a fixture."""
    return {code for arrow in arrows(path) for code in re.findall(r"GL\d{3}", arrow)}


def severities() -> dict[str, str]:
    """Code of each rule in the catalogue, with its severity."""
    pages = {page.name[:5]: page.read_text(encoding="utf-8") for page in ROOT.glob("rules/GL*.md")}
    found = {code: SEVERITY.search(text) for code, text in pages.items()}
    return {code: match[1] for code, match in found.items() if match}


@each_fixture
def test_header_names_known_verdicts(path: Path) -> None:
    assert set(verdicts(path)) <= VERDICTS


@each_fixture
def test_marks_are_spelled_so_that_they_are_found(path: Path) -> None:
    assert [arrow for arrow in arrows(path) if not MARK.fullmatch(arrow)] == []


@each_fixture
def test_marks_and_verdict_fit_together(path: Path) -> None:
    expects_findings = bool({"wrong", "suspect"} & set(verdicts(path)))
    assert bool(arrows(path)) == expects_findings


@each_fixture
def test_marks_name_errors_and_warnings_of_the_catalogue(path: Path) -> None:
    known = severities()
    assert [code for code in marked_codes(path) if known.get(code, "note") == "note"] == []


@each_fixture
def test_notes_line_is_the_second_and_well_formed(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines, 1) if line.startswith("# notes:")]
    assert places in ([], [2])
    assert all(NOTES.fullmatch(lines[number - 1]) for number in places)


def test_an_error_is_expected_where_the_verdict_is_only_wrong() -> None:
    known = severities()
    only_wrong = [path for path in FIXTURES if verdicts(path) == ["wrong"]]
    weak = [p.name for p in only_wrong if not {known[c] for c in marked_codes(p)} & {"error"}]
    assert weak == []


def test_there_are_enough_right_and_wrong_scripts() -> None:
    with_findings = [path for path in FIXTURES if arrows(path)]
    assert len(with_findings) >= 28
    assert len(FIXTURES) - len(with_findings) >= 28


def test_every_rule_on_gradients_has_a_fixture() -> None:
    used = {code for path in FIXTURES for code in marked_codes(path)}
    # What only a run sees (GL7) has the examples of its pages, which are run: test_health_pages.py.
    elsewhere = ("GL0", "GL7")
    needed = {c for c, s in severities().items() if s != "note" and not c.startswith(elsewhere)}
    assert needed - used == set()
