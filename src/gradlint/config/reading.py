"""Finding and reading configuration files: `[tool.gradlint]` of a pyproject.toml, or a file named."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradlint.config.keys import keys
from gradlint.config.validity import problem

PYPROJECT = "pyproject.toml"


class BadConfiguration(Exception):
    """A configuration file cannot be read or says what it cannot say; the message names file and key."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says: values by key, checked. Globs in it count from `folder`, an absolute path."""

    path: str
    folder: str
    table: Mapping[str, Any] = field(hash=False)


def in_folder(folder: str) -> ConfigFile | None:
    """The table in the pyproject.toml of `folder`, an absolute path; None where there is none.

    Raises:
        BadConfiguration: that file is no TOML, or its table is not as the schema says.
    """
    path = os.path.join(folder, PYPROJECT)
    if not os.path.isfile(path):
        return None
    shown = _shown(path)
    text = _text(shown)
    if "gradlint" not in text:
        return None
    table = _ours(_parsed(text, shown))
    return None if table is None else ConfigFile(shown, folder, _checked(table, shown))


def named(path: str) -> ConfigFile:
    """The file that the user named: a pyproject.toml, or a TOML file that is all gradlint's.

    Raises:
        BadConfiguration: it cannot be read, is no TOML, or is not as the schema says.
    """
    whole = _parsed(_text(path), path)
    ours = _ours(whole)
    if ours is None and os.path.basename(path) == PYPROJECT:
        raise BadConfiguration(f"{path}: there is no [tool.gradlint] in it")
    return ConfigFile(path, os.getcwd(), _checked(whole if ours is None else ours, path))


def _ours(whole: Mapping[str, Any]) -> Any:
    tools = whole.get("tool")
    return tools.get("gradlint") if isinstance(tools, dict) else None


def _shown(path: str) -> str:
    """The path from the current folder where it lies below."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path
    return path if relative.startswith(os.pardir) else relative


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadConfiguration(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadConfiguration(f"{path}: not UTF-8, as TOML must be") from None


def _parsed(text: str, path: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"{path}: not valid TOML: {error}") from None
    return found


def _checked(table: Any, path: str) -> Mapping[str, Any]:
    wrong = problem(table, {"type": "object", "properties": keys()}, "")
    if wrong is not None:
        raise BadConfiguration(f"{path}: [tool.gradlint] {wrong.removeprefix(': ')}")
    checked: Mapping[str, Any] = table
    return checked
