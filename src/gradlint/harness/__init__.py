"""The harness: runs the script in a child process and holds its gradients against two witnesses.

A child is started early with `start(options)`: it imports torch meanwhile. It is given its job with
`child.submit(case, spec)` and asked with `child.result()`, or sent away with `child.cancel()`.
"""

from gradlint.harness.parent import Child, start
from gradlint.harness.result import RunResult, Witness

__all__ = ["Child", "RunResult", "Witness", "start"]
