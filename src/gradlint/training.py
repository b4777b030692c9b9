"""Whether a script trains by torch's own autograd: then a run can say how its training fares."""

from __future__ import annotations

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def trains_by_autograd(module: s.Module) -> bool:
    """Whether `module` imports torch and calls a `.backward()` that it does not define."""
    if "torch" not in module.text or module.python2:
        return False
    nodes = list(descend(module.body))
    own = {node.name for node in nodes if isinstance(node, s.FunctionDef)}
    return (
        any(
            isinstance(node, s.Call)
            and isinstance(node.func, s.Attribute)
            and node.func.attr == "backward"
            and len(node.args) <= 1
            for node in nodes
        )
        and "backward" not in own
    )
