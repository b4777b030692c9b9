"""A function told to do the wrong thing: `layer_backward(dA, cache, "sigmoid")` of a layer with a relu."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene


@proposes
def other_choice(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Another of the texts that the function around a suspect statement is told apart by."""
    for function in _around(scene, statement):
        texts = list(_choices(function))
        for call in _calls(scene, function.name) if len(texts) > 1 else ():
            for argument in call.args:
                old = argument.value
                if not isinstance(old, s.Constant) or old.value not in texts:
                    continue
                for text in texts:
                    if text != old.value:
                        said = (
                            f"{function.name}() is asked for {old.value!r} where {text!r} belongs"
                        )
                        swaps = ((old, s.Constant(text)),)
                        yield Candidate("GL105", old.span, said, 0.9, swaps)


def _around(scene: Scene, statement: s.Stmt) -> Iterator[s.FunctionDef]:
    for node in descend(scene.module.everything):
        if isinstance(node, s.FunctionDef) and any(n is statement for n in descend(node.body)):
            yield node


def _choices(function: s.FunctionDef) -> Iterator[str]:
    """The texts that a function compares its arguments with."""
    own = {param.name for param in function.params}
    seen: set[str] = set()
    for node in descend(function.body):
        match node:
            case s.Compare(
                left=s.Name(id=name), ops=("==",), comparators=(s.Constant(value=str() as text),)
            ):
                if name in own and text not in seen:
                    seen.add(text)
                    yield text


def _calls(scene: Scene, name: str) -> Iterator[s.Call]:
    for node in descend(scene.module.everything):
        if isinstance(node, s.Call) and isinstance(node.func, s.Name) and node.func.id == name:
            yield node
