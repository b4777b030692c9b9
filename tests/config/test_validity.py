"""What is said of a configuration that is wrong, and that the published schema agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gradlint.config import BadConfiguration
from gradlint.config.keys import ONE_CALL, keys
from gradlint.config.reading import in_folder, named
from gradlint.config.schema import schema
from gradlint.config.validity import problem
from gradlint.health import Thresholds
from gradlint.options import parameters
from gradlint.settings import Settings

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key misspelt": (
        {"selct": ["GL1"]},
        'unknown key "selct"; did you mean "select"?',
    ),
    "an underscore in a key": ({"fail_on": "note"}, 'did you mean "fail-on"?'),
    "a key like no other": ({"zzz": 1}, 'unknown key "zzz"'),
    "a word that is no choice": (
        {"fail-on": "warn"},
        'fail-on: expected one of "error", "warning", "note", not "warn"; did you mean "warning"?',
    ),
    "a string for a list": (
        {"select": "GL1"},
        'select: expected a list of strings, not "GL1"',
    ),
    "a number in a list": ({"exclude": [1]}, "exclude: expected a string, not 1"),
    "true for a number": ({"timeout": True}, "timeout: expected a number greater than 0, not true"),
    "a number out of bounds": ({"timeout": 0}, "timeout: expected a number greater than 0, not 0"),
    "a fraction for a number of files": (
        {"jobs": 1.5},
        "jobs: expected a whole number of at least",
    ),
    "a table for a word": ({"device": {}}, 'device: expected one of "cpu", "cuda", "auto", not {}'),
    "codes for a file that are no list": (
        {"per-file-ignores": {"a.py": "GL1"}},
        'per-file-ignores."a.py": expected a list of strings, not "GL1"',
    ),
    "asking for scripts to be run": (
        {"run": True},
        "what is to be executed is said on the command",
    ),
}
RIGHT: dict[str, dict[str, Any]] = {
    "nothing at all": {},
    "never to run": {"run": False},
    "a whole number for seconds": {"timeout": 5},
    "lists and tables": {
        "select": ["GL1"], "exclude": ["a/", "!b.py"], "per-file-ignores": {"x/*.py": ["GL101"]},
    },
}  # fmt: skip


def _written(table: dict[str, Any], folder: Path) -> str:
    """`table` as [tool.gradlint] of a pyproject.toml in `folder`."""
    lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
    (folder / "pyproject.toml").write_text("[tool.gradlint]\n" + "\n".join(lines))
    return str(folder)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}" = {_toml(item)}' for name, item in value.items()) + "}"
    return json.dumps(value)


@pytest.mark.parametrize(("table", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_its_key_in_one_line(
    tmp_path: Path, table: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadConfiguration) as refused:
        in_folder(_written(table, tmp_path))
    told = str(refused.value)
    assert message in told and "pyproject.toml: [tool.gradlint] " in told and "\n" not in told


@pytest.mark.parametrize("table", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_is_taken(tmp_path: Path, table: dict[str, Any]) -> None:
    found = in_folder(_written(table, tmp_path))
    assert found is not None and found.table == table


@pytest.mark.parametrize("table", [table for table, _ in WRONG.values()], ids=WRONG.keys())
def test_the_published_schema_refuses_the_same(table: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(table, json.loads(schema()))


@pytest.mark.parametrize("table", RIGHT.values(), ids=RIGHT.keys())
def test_the_published_schema_takes_the_same(table: dict[str, Any]) -> None:
    described = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(table, described)


def test_every_option_of_the_command_line_has_its_key_and_its_description() -> None:
    names = {(option.name or "").replace("_", "-") for option in parameters()}
    assert names - {name.replace("_", "-") for name in ONE_CALL} == keys().keys() - {
        "per-file-ignores",
        "health",
    }
    assert all(len(described["description"]) > 10 for described in keys().values())


def test_the_defaults_of_the_options_are_those_of_the_settings() -> None:
    settings = Settings()
    for option in parameters():
        default = option.to_info_dict()["default"]
        name = option.name or ""
        if default is not None and hasattr(settings, name):
            assert getattr(settings, name) == default, name


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"[tool.gradlint]\nselect = [", "not valid TOML", id="no TOML"),
        pytest.param(b"# gradlint \xff\n", "not UTF-8", id="no UTF-8"),
        pytest.param(b"[tool]\ngradlint = 3\n", "expected a table, not 3", id="no table"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)
    with pytest.raises(BadConfiguration, match=message):
        in_folder(str(tmp_path))


def test_a_project_of_others_may_be_as_broken_as_it_likes(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.black\n")
    assert in_folder(str(tmp_path)) is None


def test_a_file_that_is_named_may_hold_nothing_but_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "strict.toml"
    path.write_text('fail-on = "note"\n')
    assert named(str(path)).table == {"fail-on": "note"}


@pytest.mark.parametrize("name", ["pyproject.toml", "missing.toml"])
def test_a_file_that_is_named_and_says_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.black]\n")
    with pytest.raises(BadConfiguration, match=name):
        named(str(tmp_path / name))


def test_every_threshold_of_health_has_its_key_and_its_description() -> None:
    limits = keys()["health"]["properties"]
    assert set(limits) == {name.replace("_", "-") for name in Thresholds.__dataclass_fields__}
    assert all(limit["description"] for limit in limits.values())


def test_a_threshold_that_is_no_number_is_refused() -> None:
    wrong = problem({"dead-units": "half"}, keys()["health"], "health")
    assert wrong == 'health.dead-units: expected a number of at least 0, not "half"'
