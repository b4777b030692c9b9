"""Holds a value against the part of JSON Schema that the keys use, and says in one line what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "boolean": ((bool,), "true or false"),
    "string": ((str,), "a string"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "array": ((list,), "a list"),
    "object": ((dict,), "a table"),
}


def problem(value: Any, schema: Mapping[str, Any], key: str) -> str | None:
    """What is wrong with the value of `key`, None if it is as `schema` says."""
    return next(_problems(value, schema, key), None)


def _problems(value: Any, schema: Mapping[str, Any], key: str) -> Iterator[str]:
    types, _ = _TYPES[schema["type"]]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"{key}: expected {_expected(schema)}, not {_told(value)}"
    elif schema.get("const", value) != value:
        yield f"{key}: expected {_told(schema['const'])}, not {_told(value)}; {schema['$comment']}"
    elif value not in schema.get("enum", [value]):
        yield f"{key}: expected {_expected(schema)}, not {_told(value)}{hint(value, schema['enum'])}"
    elif isinstance(value, list):
        yield from (p for item in value for p in _problems(item, schema["items"], key))
    elif isinstance(value, dict):
        yield from _entries(value, schema, key)
    elif isinstance(value, (int, float)) and not _within(value, schema):
        yield f"{key}: expected {_expected(schema)}, not {_told(value)}"


def _entries(table: Mapping[str, Any], schema: Mapping[str, Any], key: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    where = f"{key}." if key else ""
    for name, value in table.items():
        if name in known or others:
            shown = name if name in known else json.dumps(name, ensure_ascii=False)
            yield from _problems(value, known.get(name, others), where + shown)
        else:
            yield f"unknown key {json.dumps(where + name, ensure_ascii=False)}{hint(name, known)}"


def hint(wrong: Any, known: Any) -> str:
    """`; did you mean "select"?`, or nothing where no known word is near."""
    import difflib

    spelt = str(wrong).replace("_", "-").casefold()
    close = difflib.get_close_matches(spelt, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _within(number: float, schema: Mapping[str, Any]) -> bool:
    bounds = (
        number >= schema.get("minimum", number),
        number <= schema.get("maximum", number),
        number > schema.get("exclusiveMinimum", -math.inf),
        number < schema.get("exclusiveMaximum", math.inf),
    )
    return all(bounds)


def _expected(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(_told(word) for word in schema["enum"])
    words = _TYPES[schema["type"]][1]
    if schema["type"] == "array":
        return f"{words} of {_plural(schema['items'])}"
    bounds = (
        ("minimum", "of at least"), ("exclusiveMinimum", "greater than"),
        ("maximum", "of at most"), ("exclusiveMaximum", "less than"),
    )  # fmt: skip
    said = [f"{told} {schema[name]:g}" for name, told in bounds if name in schema]
    return " and ".join([f"{words} {said[0]}", *said[1:]]) if said else words


def _plural(items: Mapping[str, Any]) -> str:
    return {"string": "strings", "integer": "whole numbers", "number": "numbers"}[items["type"]]


def _told(value: Any) -> str:
    """A value as TOML writes it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
