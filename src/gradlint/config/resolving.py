"""Which settings hold for which file: the nearest configuration wins, the command line over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from gradlint.config.patterns import Patterns
from gradlint.config.reading import BadConfiguration, ConfigFile, in_folder, named
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity
from gradlint.selection import Selection, UnknownCode, checked_prefixes, make_selection
from gradlint.settings import Settings

_SELECTING = ("select", "extend_select", "ignore")


class Configuration:
    """The settings of every file of one call. `given` is what the command line says, by option name.

    Raises:
        BadConfiguration: the file named `config` cannot be used.
    """

    def __init__(
        self,
        given: Mapping[str, Any] | None = None,
        config: str | None = None,
        isolated: bool = False,
    ) -> None:
        self.given = dict(given or {})
        self._named = None if config is None or isolated else named(config)
        self._isolated = isolated
        self._found: dict[str, ConfigFile | None] = {}
        self._settings: dict[ConfigFile | None, Settings] = {}
        self._excluded: dict[ConfigFile | None, Patterns] = {}

    def here(self) -> Settings:
        """The settings of the current folder, which decide what concerns a whole call."""
        return self._of_file(self._nearest(os.getcwd()))

    def settings(self, path: str) -> Settings:
        """The settings of the file at `path`.

        Raises:
            BadConfiguration: its configuration says what it cannot say.
        """
        return self._of_file(self.file(path))

    def file(self, path: str) -> ConfigFile | None:
        """The configuration file that counts for `path`, a file or a folder."""
        place = os.path.abspath(path)
        return self._nearest(place if os.path.isdir(place) else os.path.dirname(place))

    def excludes(self, path: str, is_folder: bool = False) -> bool:
        """Whether `exclude` leaves out the file or folder at `path`."""
        file = self._nearest(os.path.dirname(os.path.abspath(path)))
        if file not in self._excluded:
            self._excluded[file] = self._exclude(file)
        return self._excluded[file].fit(path, is_folder)

    def values(self, file: ConfigFile | None) -> dict[str, Any]:
        """What is said, by option name: by the command line, and by `file` where that is silent."""
        said = {} if file is None else file.table
        values = {key.replace("-", "_"): value for key, value in said.items()}
        if "select" in self.given:
            values = {name: value for name, value in values.items() if name not in _SELECTING}
        if self.given.get("fix") or self.given.get("diff"):
            values |= {"fix": False, "diff": False}
        return {**values, **self.given}

    def _nearest(self, folder: str) -> ConfigFile | None:
        """The file that is named, or the nearest in or above `folder`, an absolute path."""
        if self._named is not None or self._isolated:
            return self._named
        if folder not in self._found:
            above = os.path.dirname(folder)
            found = in_folder(folder)
            self._found[folder] = found if found or above == folder else self._nearest(above)
        return self._found[folder]

    def _exclude(self, file: ConfigFile | None) -> Patterns:
        values = self.values(file)
        folder = file.folder if file and "exclude" not in self.given else os.getcwd()
        return Patterns(folder, tuple(values.get("exclude", ())))

    def _of_file(self, file: ConfigFile | None) -> Settings:
        if file not in self._settings:
            self._settings[file] = self._made(file)
        return self._settings[file]

    def _made(self, file: ConfigFile | None) -> Settings:
        values = self.values(file)
        _selection(self.given, None)
        try:
            selection = replace(_selection(values, file), per_file=_per_file(file))
        except UnknownCode as error:
            raise _said_by(file, error) from None
        known = {field.name for field in fields(Settings)}
        kept = {name: value for name, value in values.items() if name in known}
        fail_on = Severity(values.get("fail_on", Settings().fail_on))
        limits = {key.replace("-", "_"): x for key, x in values.get("health", {}).items()}
        made = {"selection": selection, "fail_on": fail_on, "health": Thresholds(**limits)}
        return Settings(**{**kept, **made})


def _selection(values: Mapping[str, Any], file: ConfigFile | None) -> Selection:
    """The codes that `values` choose.

    Raises:
        BadConfiguration: one that no rule has, said by `file`.
    """
    try:
        return make_selection(*(values.get(n, ()) for n in ("select", "ignore", "extend_select")))
    except UnknownCode as error:
        raise _said_by(file, error) from None


def _per_file(file: ConfigFile | None) -> tuple[tuple[Patterns, tuple[str, ...]], ...]:
    """What `per-file-ignores` leaves out of which files."""
    if file is None:
        return ()
    listed = file.table.get("per-file-ignores", {}).items()
    return tuple((Patterns(file.folder, (g,)), checked_prefixes(codes)) for g, codes in listed)


def _said_by(file: ConfigFile | None, error: Exception) -> BadConfiguration:
    return BadConfiguration(str(error) if file is None else f"{file.path}: {error}")
