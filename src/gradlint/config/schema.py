"""The JSON Schema of `[tool.gradlint]`, for editors and for checks of a pyproject.toml."""

from __future__ import annotations

import json

from gradlint.config.keys import keys


def schema() -> str:
    """The JSON Schema (2020-12) of the table, as text; made from the options of the command line."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gradlint settings",
        "description": "The table [tool.gradlint] of a pyproject.toml, or a file given to --config.",
        "type": "object",
        "properties": keys(),
        "additionalProperties": False,
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"
