"""The pytest plugin: `pytest --gradlint` makes a test of each gradient in scripts and notebooks.

Registered as the entry point `gradlint`. While it is off it adds options and hooks that return at once; what
does the work is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradlint.testing.fixture import Gradlint
    from gradlint.testing.items import Session

_SUFFIXES = (".py", ".ipynb")
_SHARED = "gradlint_shared"
_SESSION, _FOLDER = pytest.StashKey["Session"](), pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch, and what an ini file may say."""
    group = parser.getgroup("gradlint", "gradients written by hand")
    group.addoption(
        "--gradlint",
        action="store_true",
        help="make a test of each gradient that is written by hand",
    )
    parser.addini(
        "gradlint_files",
        "globs of the scripts and notebooks to check below directories",
        type="args",
        default=["*.py", "*.ipynb"],
    )
    parser.addini(
        "gradlint_run",
        "execute the scripts too, so that torch autograd can confirm",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker, so that `-m gradlint` selects these tests."""
    config.addinivalue_line("markers", "gradlint: a gradient that gradlint checks")


def pytest_collection(session: pytest.Session) -> None:
    """A configuration that cannot be read is an error of usage, told before anything is collected."""
    if session.config.getoption("gradlint"):
        from gradlint.config import BadConfiguration

        try:
            _session(session.config).configuration.here()
        except BadConfiguration as error:
            raise pytest.UsageError(f"gradlint: {error}") from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The tests of a script or notebook."""
    config = parent.config
    if not config.getoption("gradlint") or file_path.suffix not in _SUFFIXES:
        return None
    named = parent.session.isinitpath(file_path)
    if named and _is_left_to_us(config, file_path):
        return None
    if not named and not _fits(config, file_path, config.getini("gradlint_files")):
        return None
    return _collector(file_path, parent, named)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """A script that is named and is no test file is not imported, which would execute it."""
    config = parent.config
    if not config.getoption("gradlint") or not parent.session.isinitpath(module_path):
        return None
    if not _is_left_to_us(config, module_path):
        return None
    return _collector(module_path, parent, named=True)


def _is_left_to_us(config: pytest.Config, path: Path) -> bool:
    """Whether pytest would take a file for tests only because it was named."""
    return path.suffix == ".py" and not _fits(config, path, config.getini("python_files"))


def _fits(config: pytest.Config, path: Path, globs: list[str]) -> bool:
    """Globs with a slash fit the path from the root folder, others the name."""
    try:
        whole = path.relative_to(config.rootpath).as_posix()
    except ValueError:
        whole = path.as_posix()
    return any(fnmatch(whole if "/" in glob else path.name, glob) for glob in globs)


def _collector(path: Path, parent: pytest.Collector, named: bool) -> pytest.Collector | None:
    from gradlint.testing.items import GradlintFile

    session = _session(parent.config)
    if session.excludes(path):
        return None
    return GradlintFile.made(parent, path, session, named)


def _session(config: pytest.Config) -> Session:
    if _SESSION not in config.stash:
        from gradlint.testing.items import Session
        from gradlint.testing.once import Once

        shared = getattr(config, "workerinput", {}).get(_SHARED)
        once = Once(Path(shared) if shared else None)
        config.stash[_SESSION] = Session(once, bool(config.getini("gradlint_run")))
    return config.stash[_SESSION]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist starts a worker: all of them share what one has analysed."""
    config = node.config
    if not config.getoption("gradlint"):
        return
    if _FOLDER not in config.stash:
        from tempfile import TemporaryDirectory

        config.stash[_FOLDER] = TemporaryDirectory(prefix="gradlint-")
    node.workerinput[_SHARED] = config.stash[_FOLDER].name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the workers shared."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        folder.cleanup()


@pytest.fixture
def gradlint(request: pytest.FixtureRequest) -> Iterator[Gradlint]:
    """Checks scripts beside the test, and any backward pass: `gradlint.check_script('train.py')`."""
    from gradlint.testing.fixture import Gradlint

    yield Gradlint(_session(request.config), request.path.parent)
