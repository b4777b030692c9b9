"""The catalogue: the loader, and that every page has the form that people and tests rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint import catalogue
from gradlint.catalogue import SECTIONS, CatalogueError, parse_page, sections
from gradlint.model import Severity
from gradlint.rules.naming import NAMES

PAGE = """\
---
code: GL101
name: wrong-tensor
severity: error
summary: "A tensor of another layer: it happens."
---

# wrong-tensor (GL101)

## What it does
Finds it.

## Example
```python
## not a heading
x = 1
y = w1  # <- GL101
```
```python
second = 1
```

## Use instead
```python
y = w2
```
"""


def test_a_page_is_read_into_a_rule() -> None:
    rule = parse_page(PAGE)
    assert (rule.code, rule.name, rule.severity) == ("GL101", "wrong-tensor", Severity.ERROR)
    assert rule.summary == "A tensor of another layer: it happens."
    assert rule.page.startswith("# wrong-tensor (GL101)\n")
    assert rule.wrong == "## not a heading\nx = 1\ny = w1  # <- GL101\n"
    assert (rule.right, rule.marked_lines()) == ("y = w2\n", (3,))


def test_a_rule_that_no_text_raises_has_no_examples() -> None:
    rule = parse_page(PAGE.replace("```python", "```text"))
    assert (rule.wrong, rule.right, rule.marked_lines()) == (None, None, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("# wrong-tensor\n", "front matter", id="no front matter"),
        pytest.param(PAGE.replace("summary", "sumary"), "summary", id="a key missing"),
        pytest.param(PAGE.replace(": error", ": fatal"), "fatal", id="no such severity"),
    ],
)
def test_a_malformed_page_is_refused(text: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        parse_page(text)


def test_a_code_is_found_in_any_case_and_by_name() -> None:
    by_code = catalogue.find("gl101")
    assert by_code is not None and by_code is catalogue.find("Wrong-Tensor")
    assert catalogue.find("GL1") is None


def test_pages_are_there_and_every_code_and_name_is_one_of_a_kind() -> None:
    rules = catalogue.load()
    assert len(rules) == len(catalogue.pages()) == len({rule.name for rule in rules.values()})
    assert {"GL001", "GL002", "GL101", "GL301", "GL601"} <= set(rules)


def _pages() -> list[Path]:
    """None where the catalogue is missing: the test above says so better than collecting can."""
    try:
        return catalogue.pages()
    except CatalogueError:
        return []


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in _pages()])
def test_the_page_has_the_form_of_the_catalogue(path: Path) -> None:
    rule = parse_page(path.read_text(encoding="utf-8"))
    assert path.stem == f"{rule.code}-{rule.name}"
    assert rule.page.startswith(f"# {rule.name} ({rule.code})\n")
    assert tuple(sections(rule.page)) == SECTIONS
    assert all(sections(rule.page).values()), "a section is empty"
    if rule.wrong is not None:
        assert len(rule.marked_lines()) == 1
        assert rule.right is not None and "# <-" not in rule.right


def test_every_code_that_is_raised_has_a_page_of_its_name_and_no_page_is_left_over() -> None:
    assert {code: rule.name for code, rule in catalogue.load().items()} == NAMES
