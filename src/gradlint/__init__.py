"""gradlint: finds the wrong line in a backward pass written by hand."""

__version__ = "0.1.0"
