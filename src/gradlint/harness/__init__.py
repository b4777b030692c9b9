"""The harness: runs the script in a child process and holds its gradients against two witnesses.

    child = harness.start(options)                  # early: it imports torch meanwhile
    child.submit(module, facts, spec, trace, claims)
    result = child.result()                         # or child.cancel()
"""

from gradlint.harness.parent import Child, start
from gradlint.harness.result import RunResult, Witness

__all__ = ["Child", "RunResult", "Witness", "start"]
