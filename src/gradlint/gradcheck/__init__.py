"""Checks a backward pass that can be called: any numpy or torch pair, a layer, an autograd.Function."""

from gradlint.gradcheck.front import check_gradients
from gradlint.gradcheck.result import GradientCheck, GradientMismatch, InputCheck, Worst

__all__ = ["GradientCheck", "GradientMismatch", "InputCheck", "Worst", "check_gradients"]

GradientMismatch.__module__ = "gradlint"  # what a traceback shows is where users know it from
