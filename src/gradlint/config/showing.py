"""What `--show-settings` prints: every setting of a file as TOML, each with where it was said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from gradlint.config.keys import keys
from gradlint.config.resolving import Configuration

_GIVEN, _DEFAULT = "command line", "default"


def shown(configuration: Configuration, paths: Sequence[str]) -> str:
    """The settings of each of `paths`, of the current folder where there are none.

    Raises:
        BadConfiguration: a configuration says what it cannot say.
    """
    return "\n".join("".join(_lines(configuration, path)) for path in paths or ["."])


def _lines(configuration: Configuration, path: str) -> Iterator[str]:
    configuration.settings(path)
    file = configuration.file(path)
    values = configuration.values(file)
    yield f"# {path}: {file.path if file else 'no configuration file'}"
    yield " (excluded)\n" if configuration.excludes(path, os.path.isdir(path)) else "\n"
    for key, schema in keys().items():
        name = key.replace("-", "_")
        value = values.get(name, schema.get("default"))
        origin = _GIVEN if name in configuration.given else file.path if file else ""
        yield _line(key, value, origin if name in values else _DEFAULT)


def _line(key: str, value: Any, origin: str) -> str:
    return f"# {key} is not set\n" if value is None else f"{key} = {_toml(value)}  # {origin}\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml(str(name))} = {_toml(item)}" for name, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
