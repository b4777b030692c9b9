"""How many threads the linear algebra of this process and of the child may use."""

from __future__ import annotations

import os

ONE_EACH = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Three small steps, or a walk over small arrays, gain nothing from threads, and lose a factor of 80
(measured: a product of 64 by 1000 and 1000 by 100) where the machine has fewer cores to spare than it
says. Also, sums then do not depend on how many cores there are. What the user has set is left."""


def use_one() -> None:
    """Ask for one thread; of use only before numpy is imported, which reads it then."""
    for name, number in ONE_EACH.items():
        os.environ.setdefault(name, number)
