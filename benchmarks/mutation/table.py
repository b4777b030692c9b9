"""What was found out, as tables of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from mutation.sampling import Sampled
from mutation.scoring import Score


def tables(found: Sampled) -> str:
    """The table by class, and the right scripts and what became of the mutants in words."""
    by_family: dict[str, list[Score]] = defaultdict(list)
    for one in found.scores:
        by_family[one.family].append(one)
    rows = [_row(family, scores) for family, scores in sorted(by_family.items())]
    head = ("class", "n", "caught", "right line", "right class", "verified fix", "fix holds")
    lines = [_line(head), _line("---" for _ in head), *map(_line, rows)]
    lines.append(_line(f"**{cell}**" for cell in _row("all", found.scores)))
    return "\n".join([*lines, "", *_words(found)])


def _row(name: str, scores: list[Score]) -> tuple[str, ...]:
    n = len(scores)
    caught, line, kind, fixed = (
        _share(sum(getattr(s, field) for s in scores), n)
        for field in ("caught", "on_line", "in_class", "fixed")
    )
    held = [s.fix_holds for s in scores if s.fix_holds is not None]
    return name, str(n), caught, line, kind, fixed, _share(sum(held), len(held))


def _share(some: int, of: int) -> str:
    return f"{100 * some / of:.0f} %" if of else "-"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _words(found: Sampled) -> list[str]:
    alarms = {name: said for name, said in found.alarms.items() if said}
    verdicts = Counter(found.verdicts.values())
    drawn = ", ".join(f"{count} {name.lower()}" for name, count in sorted(found.truths.items()))
    missed = Counter(s.verdict for s in found.scores if not s.caught)
    return [
        f"Right scripts: {len(found.verdicts)} ({_counted(verdicts)}); false alarms: {len(alarms)}.",
        *(f"- {name}: {' '.join(said)}" for name, said in sorted(alarms.items())),
        f"Without a known truth, not broken: {', '.join(found.unplanned) or 'none'}.",
        f"Mutants drawn: {drawn}. Wrong but not caught: {_counted(missed)}.",
        f"Right line by an equivalent place: {sum(s.elsewhere for s in found.scores)}.",
        f"Mutants that change no step: {found.silent} checked, {len(found.accused)} accused.",
    ]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none"
