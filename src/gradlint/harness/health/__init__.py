"""Watching the health of a training in the child: what to look at, the numbers, the step size."""
