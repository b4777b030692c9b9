"""A backward pass with loops: each statement of the forward pass taken back by itself, last one first."""
