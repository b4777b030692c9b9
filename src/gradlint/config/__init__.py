"""The settings of each file: defaults, the nearest `[tool.gradlint]`, and the command line over both."""

from gradlint.config.reading import BadConfiguration
from gradlint.config.resolving import Configuration

__all__ = ["BadConfiguration", "Configuration"]
