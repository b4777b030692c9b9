"""The keys of `[tool.gradlint]` as JSON Schema: one for each option of the command line, and tables."""

from __future__ import annotations

import re
from dataclasses import Field, fields
from typing import Any

import click

from gradlint.health.thresholds import Thresholds
from gradlint.options import parameters

Schema = dict[str, Any]

ONE_CALL = frozenset({"config", "isolated", "show_settings", "stdin_filename", "output", "plot"})
"""Options that are about one call and no project: a file has no key for them."""

_CODES: Schema = {"type": "array", "items": {"type": "string"}}
_PER_FILE: Schema = {
    "type": "object",
    "additionalProperties": _CODES,
    "description": "Codes or families that are never reported of the files that a glob fits.",
    "default": {},
}
_DEFAULT_TOLD = re.compile(r"\s*\[default: [^\]]*\]")


def key_of(name: str) -> str:
    """`fail_on` as it is written in a file: `fail-on`."""
    return name.replace("_", "-")


def keys() -> dict[str, Schema]:
    """The schema of each key."""
    options = (option for option in parameters() if option.name not in ONE_CALL)
    described = {key_of(option.name or ""): _described(option) for option in options}
    described["run"] |= {
        "const": False,
        "$comment": "what is to be executed is said on the command line (--run)",
    }
    return {**described, "per-file-ignores": _PER_FILE, "health": _health()}


def _health() -> Schema:
    """The table of thresholds, a number each."""
    limits = {key_of(one.name): _limit(one) for one in fields(Thresholds)}
    told = "From which numbers on a training is called ill."
    return {"type": "object", "properties": limits, "description": told, "default": {}}


def _limit(one: Field[Any]) -> Schema:
    kind = "integer" if isinstance(one.default, int) else "number"
    return {"type": kind, "minimum": 0, "description": one.metadata["doc"], "default": one.default}


def _described(option: click.Option) -> Schema:
    schema = {"type": "boolean"} if option.is_flag else _typed(option.type)
    if option.multiple:
        schema = {"type": "array", "items": schema}
    help_text = _DEFAULT_TOLD.sub("", option.help or "")
    default = option.to_info_dict()["default"]
    known = {} if default is None else {"default": list(default) if option.multiple else default}
    return {**schema, "description": help_text, **known}


def _typed(kind: click.ParamType[Any]) -> Schema:
    if isinstance(kind, click.Choice):
        return {"type": "string", "enum": list(kind.choices)}
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        return {
            "type": "integer" if isinstance(kind, click.IntRange) else "number",
            **_bounds(kind),
        }
    numbers = {click.INT: "integer", click.FLOAT: "number"}
    return {"type": numbers.get(kind, "string")}


def _bounds(kind: click.IntRange | click.FloatRange) -> Schema:
    low, high = ("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")
    found = {
        low[0 if kind.min_open else 1]: kind.min,
        high[0 if kind.max_open else 1]: kind.max,
    }
    return {word: bound for word, bound in found.items() if bound is not None}
