"""What a backward pass needs of the forward pass: what it is given, and what it computes again."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence

from gradlint.composing.partners.units import Unit
from gradlint.composing.reversing.scopes import changes, words
from gradlint.composing.target import Underivable
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_DRAWS = re.compile(r"rand|bernoulli|dropout|normal\(|multinomial|permutation|shuffle|choice\(")


def locals_of(unit: Unit) -> set[str]:
    """The parameters of a function and all names that it binds."""
    bound = {name for one in unit.definition.body for name in changes(one)}
    return bound | {p.name for p in unit.function.params} | _inner(unit)


def _inner(unit: Unit) -> set[str]:
    found = (n for n in descend(unit.definition.body) if isinstance(n, s.For))
    return {n.id for one in found for n in descend((one.target,)) if isinstance(n, s.Name)}


def needed(lines: Sequence[str], unit: Unit, made: Collection[str]) -> set[str]:
    """The names of the function that `lines` read and do not make."""
    return (words(lines) & locals_of(unit)) - set(made) - bound_in(lines)


def bound_in(lines: Sequence[str]) -> set[str]:
    """The names that lines of code bind."""
    found: set[str] = set()
    for line in lines:
        plain = line.strip()
        if loop := re.match(r"for (.+?) in ", plain):
            found |= set(re.findall(r"\w+", loop[1]))
        elif (made := re.match(r"([\w, ]+?) = ", plain)) is not None:
            found |= set(re.findall(r"\w+", made[1]))
    return found


def reused(lines: Sequence[str], module: s.Module, unit: Unit, given: Collection[str]) -> list[str]:
    """`lines` with the names `given` where these say again how the forward pass made what they hold."""
    found = list(lines)
    for target, value in _calls(unit):
        if target.id in given and unit_binds(unit, target.id) == 1:
            text = module.excerpt(value.span)
            found = [line.replace(text, target.id) for line in found]
    return found


def by_attributes(lines: Sequence[str], unit: Unit) -> list[str]:
    """`lines` with `self.x` for an `x` that the forward pass keeps there: `self.x = x`."""
    found = list(lines)
    for node in descend(_keeper(unit)) if unit.method else ():
        match node:
            case s.Assign(
                targets=(s.Attribute(value=s.Name(id=this), attr=kept),), value=s.Name(id=name)
            ):
                if this == unit.this and unit_binds(unit, name) < 2:
                    word = rf"(?<![\w.]){name}\b(?! ?=[^=])"
                    found = [re.sub(word, f"{this}.{kept}", line) for line in found]
    return found


def _calls(unit: Unit) -> Iterator[tuple[s.Name, s.Call]]:
    """The names of the forward pass that are given what a call returns."""
    for node in descend(unit.definition.body):
        match node:
            case s.Assign(targets=(s.Sequence(elements=names),), value=s.Sequence(elements=values)):
                pairs = list(zip(names, values, strict=False))
            case s.Assign(targets=(name,), value=value):
                pairs = [(name, value)]
            case _:
                continue
        for one, made in pairs:
            if isinstance(one, s.Name) and isinstance(made, s.Call):
                yield one, made


def unit_binds(unit: Unit, name: str) -> int:
    """How many statements bind or change a name."""
    return sum(
        name in changes(n) for n in descend(unit.definition.body)
        if isinstance(n, s.Assign | s.AugAssign | s.For)
    )  # fmt: skip


def again(
    module: s.Module, unit: Unit, wanted: Collection[str], given: Collection[str]
) -> list[str]:
    """The statements of the forward pass that make the names `wanted` from those `given`.

    Raises:
        Underivable: they need what is not given, or draw at random.
    """
    body = unit.definition.body[:-1]
    own, open_names = locals_of(unit), set(wanted) - set(given)
    while True:
        chosen = [one for one in body if changes(one) & open_names]
        texts = [_text_of(module, one) for one in chosen]
        more = (words([line for text in texts for line in text]) & own) - set(given)
        if more <= open_names:
            break
        open_names |= more
    made = {name for one in chosen for name in changes(one)} | _inner(unit)
    missing = sorted(open_names - made)
    if missing:
        raise Underivable(
            f"{unit.told} does not keep {missing[0]} for its backward pass ({unit.definition.span.told})"
        )
    for one, text in zip(chosen, texts, strict=True):
        if any(_DRAWS.search(line) for line in text):
            raise Underivable(f"what is drawn at random has to be kept ({one.span.told})")
    return [line for text in texts for line in text]


def _text_of(module: s.Module, statement: s.Stmt) -> list[str]:
    span = statement.span
    lines = module.text.splitlines()[span.line - 1 : span.end_line]
    return textwrap.dedent("\n".join(lines)).splitlines()


def _keeper(unit: Unit) -> s.Block:
    """The body of the method that keeps what the backward pass needs."""
    body = (unit.set_up or unit.function).body
    return body if isinstance(body, tuple) else ()
