"""What a running torch script calls its tensors, and where they come from in its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from gradlint.claims.names import says_rate
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

START = Span(1, 1, 1, 1)


def user_frame(frame: FrameType | None, path: str) -> FrameType | None:
    """The nearest frame of the script at `path`."""
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    return frame


def scopes(frame: FrameType | None, path: str) -> Iterator[Mapping[str, Any]]:
    """The variables that the script can see, module first, then of its running functions, inside out."""
    frames = []
    while (frame := user_frame(frame, path)) is not None:
        frames.append(frame)
        frame = frame.f_back
    if frames:
        yield frames[-1].f_globals
    for each in frames:
        yield each.f_locals
        owner = each.f_locals.get("self")
        if owner is not None and hasattr(owner, "__dict__"):
            yield {f"self.{name}": value for name, value in vars(owner).items()}


def names_of(torch: Any, scope: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """The identity and the name of each tensor in `scope`, also in networks, lists and dicts."""
    for name, value in list(scope.items()):
        if name.startswith("__"):
            continue
        if isinstance(value, torch.Tensor):
            yield id(value), name
        elif isinstance(value, torch.nn.Module):
            yield from ((id(p), f"{name}.{inner}") for inner, p in value.named_parameters())
        elif isinstance(value, list | tuple) and len(value) <= 64:
            yield from names_of(torch, {f"{name}[{i}]": v for i, v in enumerate(value)})
        elif isinstance(value, dict) and len(value) <= 64:
            yield from names_of(torch, {f"{name}[{k!r}]": v for k, v in value.items()})


class Text:
    """Where names stand in the text of a script."""

    def __init__(self, module: s.Module) -> None:
        self.module = module
        self.made: dict[str, Span] = {}
        for node in descend(module.body):
            if isinstance(node, s.Assign):
                for target in node.targets:
                    self._note(target, node.span)

    def _note(self, target: s.Expr, span: Span) -> None:
        match target:
            case s.Name(id=name):
                self.made.setdefault(name, span)
            case s.Attribute(value=s.Name(id="self"), attr=name):
                self.made.setdefault(f".{name}", span)
            case s.Sequence(elements=elements):
                for element in elements:
                    self._note(element, span)

    def span_of(self, name: str) -> Span | None:
        """Where the tensor `name` is made: `model.fc1.weight` where `self.fc1` is."""
        first, *rest = name.partition("[")[0].split(".")
        for part in rest[:1] if first != "self" else rest[:2]:
            if f".{part}" in self.made:
                return self.made[f".{part}"]
        return self.made.get(first)

    def line(self, number: int) -> Span:
        """The whole of a line."""
        lines = self.module.text.splitlines()
        text = lines[number - 1] if 0 < number <= len(lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Span(number, start, number, max(len(text.rstrip()), start) + 1)

    def rate(self, scope: Mapping[str, Any], value: float) -> tuple[str, Span] | None:
        """The variable of the script that holds the learning rate `value`."""
        for name, found in scope.items():
            same = isinstance(found, float | int) and abs(found - value) <= 1e-3 * value
            if same and says_rate(name) and name in self.made:
                return name, self.made[name]
        return None
