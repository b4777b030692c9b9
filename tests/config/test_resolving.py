"""Which settings hold for which file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.config import BadConfiguration, Configuration
from gradlint.config.showing import shown
from gradlint.files import expand
from gradlint.model import Severity


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, and one in it with its own."""
    (tmp_path / "inner" / "deep").mkdir(parents=True)
    (tmp_path / "plain").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.gradlint]\nfail-on = "error"\nignore = ["GL2"]\nexclude = ["plain/", "*_old.py"]\n'
        '[tool.gradlint.per-file-ignores]\n"course/**" = ["GL1"]\n"a.py" = ["GL301"]\n'
    )
    (tmp_path / "inner" / "pyproject.toml").write_text('[tool.gradlint]\nselect = ["GL3"]\n')
    (tmp_path / "inner" / "deep" / "pyproject.toml").write_text("[tool.black]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_nearest_configuration_wins_and_is_not_mixed_with_those_above() -> None:
    configuration = Configuration()
    assert configuration.settings("b.py").fail_on is Severity.ERROR
    assert not configuration.settings("b.py").selection.wants("GL201", "b.py")
    inner = configuration.settings("inner/deep/b.py")
    assert inner.fail_on is Severity.WARNING
    assert [inner.selection.wants(code, "b.py") for code in ("GL101", "GL201", "GL301")] == [
        False, False, True,
    ]  # fmt: skip


def test_the_command_line_beats_the_file() -> None:
    given = Configuration({"fail_on": "note", "ignore": ("GL101",)}).settings("b.py")
    assert given.fail_on is Severity.NOTE
    assert given.selection.wants("GL201", "b.py") and not given.selection.wants("GL101", "b.py")


def test_select_on_the_command_line_sets_the_selection_of_the_file_aside() -> None:
    assert Configuration({"select": ("GL2",)}).settings("b.py").selection.wants("GL201", "b.py")


def test_isolated_reads_no_file() -> None:
    assert Configuration(isolated=True).settings("b.py").fail_on is Severity.WARNING


def test_a_file_that_is_named_holds_for_every_file(project: Path) -> None:
    (project / "ci.toml").write_text('fail-on = "note"\nexclude = ["inner"]\n')
    configuration = Configuration(config="ci.toml")
    assert configuration.settings("inner/b.py").fail_on is Severity.NOTE
    assert configuration.excludes("inner/b.py") and not configuration.excludes("plain/b.py")


def test_codes_are_ignored_for_the_files_that_a_glob_fits_even_if_selected() -> None:
    configuration = Configuration({"select": ("GL101", "GL301")})
    wanted = {
        path: [
            configuration.settings(path).selection.wants(code, path) for code in ("GL101", "GL301")
        ]
        for path in ("course/week1/b.py", "a.py", "sub/a.py", "b.py")
    }
    assert wanted == {
        "course/week1/b.py": [False, True],
        "a.py": [True, False],
        "sub/a.py": [True, False],
        "b.py": [True, True],
    }


def test_codes_are_ignored_in_modules_that_a_script_imports() -> None:
    selection = Configuration().settings("b.py").selection
    assert selection.wants("GL101", "b.py") and not selection.wants("GL101", "course/layers.py")


@pytest.mark.parametrize(
    ("path", "excluded"),
    [
        pytest.param("plain/b.py", True, id="below a folder that is excluded"),
        pytest.param("net_old.py", True, id="a name that fits"),
        pytest.param("src/net_old.py", True, id="a name that fits further down"),
        pytest.param("net.py", False, id="any other"),
        pytest.param("src/plain.py", False, id="a file where the glob means a folder"),
        pytest.param("inner/net_old.py", False, id="a folder with a configuration of its own"),
        pytest.param("../net_old.py", False, id="outside of the project"),
    ],
)
def test_which_files_are_left_out(path: str, excluded: bool) -> None:
    assert Configuration().excludes(path) is excluded


def test_globs_of_the_command_line_count_from_the_current_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "inner")
    configuration = Configuration({"exclude": ("/b.py",)})
    assert configuration.excludes("b.py") and not configuration.excludes("../b.py")


def test_folders_that_are_left_out_are_not_walked(project: Path) -> None:
    for path in ("plain/a.py", "b.py", "b_old.py", "inner/c.py"):
        (project / path).write_text("")
    targets = expand([".", "plain/a.py"], Configuration().excludes)
    assert [(target.path, target.excluded) for target in targets] == [
        ("b.py", False), ("inner/c.py", False), ("plain/a.py", True),
    ]  # fmt: skip


def test_a_folder_of_which_everything_is_left_out_is_no_problem(project: Path) -> None:
    (project / "src").mkdir()
    (project / "src" / "b_old.py").write_text("")
    assert expand(["src"], Configuration().excludes) == []


@pytest.mark.parametrize(
    "text", ['select = ["GL9"]', 'per-file-ignores = { "zzz.py" = ["GL1011"] }']
)
def test_a_code_that_no_rule_has_is_an_error_of_its_file(project: Path, text: str) -> None:
    (project / "plain" / "pyproject.toml").write_text(f"[tool.gradlint]\n{text}\n")
    with pytest.raises(BadConfiguration, match=r"plain.pyproject\.toml: no rule has the code"):
        Configuration().settings("plain/b.py")


def test_a_code_of_the_command_line_is_not_put_down_to_a_file(project: Path) -> None:
    (project / "plain" / "pyproject.toml").write_text("[tool.gradlint]\nignore = ['GL1']\n")
    with pytest.raises(BadConfiguration, match=r"^no rule has the code 'GL9'"):
        Configuration({"ignore": ["GL9"]}).settings("plain/b.py")


def test_the_settings_are_shown_as_toml_with_where_each_was_said() -> None:
    lines = shown(Configuration({"jobs": 2}), ["plain", "inner/c.py"]).splitlines()
    assert "# plain: pyproject.toml (excluded)" in lines
    assert 'ignore = ["GL2"]  # pyproject.toml' in lines and "jobs = 2  # command line" in lines
    assert "# inner/c.py: inner/pyproject.toml" in lines
    assert 'select = ["GL3"]  # inner/pyproject.toml' in lines
    assert "fix = false  # default" in lines


def test_what_is_shown_can_be_used_as_a_file(project: Path) -> None:
    (project / "again.toml").write_text(shown(Configuration(), ["b.py"]))
    again = Configuration(config="again.toml")
    assert again.settings("course/b.py") == Configuration().settings("course/b.py")
