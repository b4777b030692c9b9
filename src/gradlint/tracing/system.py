"""The script's surroundings: paths, the command line and progress bars, as the interpreter sees them.

The script is walked as if it was called without arguments: options have their defaults, and what is
typed or given on the command line is a number that stands for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradlint.tracing.leaves import makes
from gradlint.tracing.values import Foreign, Instance, UserClass, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

_PATHS: dict[str, Callable[..., Any]] = {
    name: getattr(os.path, name)
    for name in ("join", "dirname", "basename", "abspath", "realpath", "normpath", "split", "splitext")
}  # fmt: skip
_NAMESPACE = UserClass("Namespace", (), {})


@dataclass(slots=True, eq=False)
class Parser(Foreign):
    """An `argparse.ArgumentParser` with the values that its options have if nobody gives any."""

    values: dict[str, Any] = field(default_factory=dict)

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name == "add_argument":
            self.values[_destination(args, kwargs)] = _value(m, args, kwargs)
            return None
        if name == "set_defaults":
            self.values |= kwargs
            return None
        found = Instance(_NAMESPACE, dict(self.values))
        if name == "parse_known_args":
            return found, []
        return found if name == "parse_args" else self


def _register_paths() -> None:
    def register(name: str, function: Callable[..., Any]) -> None:
        @makes(f"os.path.{name}")
        def path(m: Calls, *parts: Any) -> Any:
            words = [plain(part) for part in parts]
            if not all(isinstance(word, str) for word in words):
                return m.opaque(f"the path that os.path.{name} makes is not known")
            return function(*words)

    for name, function in _PATHS.items():
        register(name, function)


_register_paths()


@makes("os.getcwd")
def _working_folder(m: Calls) -> str:
    return os.path.dirname(m.module.path) or "."


@makes("os.path.exists", "os.path.isfile", "os.path.isdir")
def _exists(m: Calls, path: Any) -> bool:
    return False


@makes("os.makedirs", "os.mkdir", "os.chdir", "os.system", "os.remove")
def _nothing(m: Calls, *args: Any, **kw: Any) -> None:
    return None


@makes("sys.path.append", "sys.path.insert", "sys.path.extend")
def _append_path(m: Calls, *args: Any) -> None:
    last = args[-1] if args else None
    for path in last if isinstance(last, list) else [last]:
        if isinstance(path, str):
            m.paths.append(_beside(m.module.path, path))


def _beside(script: str, path: str) -> str:
    """`path` as seen from where `script` is, written relative where the script's own path is."""
    found = os.path.normpath(os.path.join(os.path.dirname(script), path))
    return os.path.relpath(found) if os.path.isabs(found) and not os.path.isabs(script) else found


@makes("tqdm.tqdm", "tqdm.notebook.tqdm", "tqdm.auto.tqdm", "tqdm.tqdm_notebook", "tqdm.tqdm.tqdm")
def _progress(m: Calls, iterable: Any = (), *args: Any, **kw: Any) -> Any:
    return iterable


@makes("tqdm.trange", "tqdm.notebook.trange", "tqdm.auto.trange", "tqdm.tnrange")
def _counted_progress(m: Calls, *args: Any, **kw: Any) -> Any:
    return range(*(int(plain(a)) for a in args))


@makes("argparse.ArgumentParser")
def _parser(m: Calls, *args: Any, **kw: Any) -> Parser:
    return Parser()


def _destination(args: list[Any], kwargs: dict[str, Any]) -> str:
    """The attribute that an option is stored under."""
    names = [name for name in args if isinstance(name, str)]
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    return str(kwargs.get("dest", long.lstrip("-").replace("-", "_")))


def _value(m: Calls, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """The value of an option that nobody gives."""
    action, kind = kwargs.get("action"), getattr(kwargs.get("type"), "path", "")
    if action in ("store_true", "store_false"):
        return action == "store_false"
    if "default" in kwargs or any(isinstance(a, str) and a.startswith("-") for a in args):
        default = kwargs.get("default")
        is_text = isinstance(default, str) and kind in ("builtins.int", "builtins.float")
        return m.call(kwargs["type"], [default], {}, None) if is_text else default
    if isinstance(choices := kwargs.get("choices"), list | tuple) and choices:
        return choices[0]
    given = m.opaque("what is given on the command line", "typed")
    return m.call(kwargs["type"], [given], {}, None) if kind.startswith("builtins.") else given
