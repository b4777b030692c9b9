"""A finding for each edit that was proved: where, what, why, and the text to write."""

from __future__ import annotations

from collections.abc import Sequence

from gradlint.judging.groups import reference_group
from gradlint.model import Edit, Finding, Fix, Severity, Span
from gradlint.reading import syntax as s
from gradlint.reading.writing import level, write
from gradlint.repair import Repair
from gradlint.rules import conventions
from gradlint.rules.coincidence import coincidence
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.penalties import data_term_sentence
from gradlint.rules.reasons import reason_for
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven

Swap = tuple[object, object]

_BUT_DECAY = "every gradient is right with it, but for a regularisation that the loss does not have"


def findings(subject: Subject) -> list[Finding]:
    """One finding for each repair, nearest the loss first."""
    complete = bool(subject.repairs) and subject.repairs[-1].complete
    return [
        _finding(subject, repair, complete, swaps) for repair in subject.repairs
        for swaps in _by_line(repair.candidate.swaps)
    ]  # fmt: skip


def _by_line(swaps: Sequence[Swap]) -> list[list[Swap]]:
    """The swaps that stand in one line together, since none of them makes sense alone."""
    found: dict[object, list[Swap]] = {}
    for swap in swaps:
        node = swap[0]
        at = (node.span.file, node.span.cell, node.span.line) if isinstance(node, s.Node) else swap
        found.setdefault(at, []).append(swap)
    return list(found.values())


def _finding(subject: Subject, repair: Repair, complete: bool, swaps: Sequence[Swap]) -> Finding:
    candidate, code = repair.candidate, _code(subject, repair)
    edits = tuple(edit for swap in swaps for edit in edits_for(subject.module, *swap))
    several, first = len(candidate.swaps) > 1, swaps[0][0]
    span = first.span if several and isinstance(first, s.Node) else candidate.span
    message = _sentence(candidate.said)
    if code == "GL204" and candidate.code != code:
        message = _data_term(subject) + f" {message}"
    reason = reason_for(subject, repair)
    if reason:
        message += f" {_sentence(reason)}"
    luck = coincidence(subject.explored)
    if luck and code in ("GL101", "GL110", "GL112", "GL303"):
        message += f" The line only runs because {luck}."
    certain = subject.certain and (complete or bool(repair.mended)) and _is_known(subject, code)
    grounds = _BUT_DECAY if _penalised(subject) else None
    fix = Fix(_told(subject, edits), edits, complete, grounds) if edits else None
    severity = severity_of(code, certain)
    if conventions.takes_mean_late(subject):
        severity, fix = conventions.severity(subject), None
        message += " That is right where the gradient of the loss leaves this division out."
    elif conventions.is_likelihood(subject):
        severity, fix = Severity.WARNING, None
        message += " Or the loss lacks its minus: it is the logarithm of a likelihood."
    elif conventions.is_constant(subject):
        severity = Severity.WARNING
    return Finding(
        code, NAMES[code], severity, span, message,
        expected=_line_after(subject, edits), fix=fix,
        about=tuple(subject.case.claims[i].place for i in repair.mended),
    )  # fmt: skip


def _is_known(subject: Subject, code: str) -> bool:
    """Whether a repair says that its line is wrong: what is derived fits whatever it is taken for.

    Of a function that nothing calls, another gradient must be right to say what it is called with.
    """
    if code != "GL199" or not isinstance(subject.module, Driven):
        return True
    judgement = subject.judgement
    return judgement is not None and judgement.right > 0 and not subject.case.trace.failures


def _code(subject: Subject, repair: Repair) -> str:
    """The rule of a repair: a factor of the whole data term is a matter of two terms."""
    judgement, code = subject.judgement, repair.candidate.code
    if judgement is None or code in ("GL108", "GL203"):
        return code
    was = judgement.comparisons
    scaled = all(c.is_right for c in was) and any(c.is_penalised for c in was)
    level = scaled and len(reference_group(was)) == len(was) and repair.complete
    return "GL204" if level and not any(c.is_penalised for c in repair.comparisons) else code


def _data_term(subject: Subject) -> str:
    judgement = subject.judgement
    scales = [] if judgement is None else [c.scale for c in judgement.comparisons if c.scale]
    return data_term_sentence(subject, scales[0]) if scales else ""


def _penalised(subject: Subject) -> bool:
    """Whether a regularisation that the loss does not have is left in some gradient."""
    return any(c.is_penalised for c in subject.repairs[-1].comparisons)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def edits_for(module: s.Module, old: object, new: object) -> list[Edit]:
    """The text edits that put `new` in the place of `old`; none where they cannot be written."""
    if isinstance(old, s.Expr) and isinstance(new, s.Expr):
        text = write(new, module)
        if level(new) < level(old) and _needs_parentheses(module, old):
            text = f"({text})"
        return [Edit(old.span, text)]
    if isinstance(old, s.Stmt) and new == ():
        if not _has_own_lines(module, old):
            return []
        return [Edit(Span(old.span.line, 1, old.span.end_line + 1, 1, file=old.span.file), "")]
    if isinstance(old, s.Stmt) and isinstance(new, s.Stmt):
        line = _statement(module, new)
        return [] if line is None else [Edit(old.span, line)]
    if isinstance(old, tuple) and isinstance(new, tuple):
        behind = len(new) == len(old) + 1 and all(a is b for a, b in zip(old, new, strict=False))
        return _added(module, old, new) if behind else _moved(module, old, new)
    return []


def _added(module: s.Module, old: s.Block, new: s.Block) -> list[Edit]:
    """A statement that is made, on a line of its own behind the last one of a block."""
    text, last = _statement(module, new[-1]), old[-1].span
    line = module.line_at(old[-1].span)
    if text is None or not _has_own_lines(module, old[-1]):
        return []
    end = Span(last.end_line, last.end_column, last.end_line, last.end_column, file=last.file)
    return [Edit(end, f"\n{line[: len(line) - len(line.lstrip())]}{text}")]


def _has_own_lines(module: s.Module, statement: s.Stmt) -> bool:
    """Whether nothing else stands on the lines of a statement, so that they can be taken out whole."""
    line = module.line_at(statement.span)
    before = line[: statement.span.column - 1].strip()
    return not before and not _goes_on(module, statement)


def _goes_on(module: s.Module, statement: s.Stmt) -> bool:
    """Whether another statement stands behind one on its line."""
    if not statement.span.line or statement.span.line != statement.span.end_line:
        return False
    line = module.line_at(statement.span)
    return line[statement.span.end_column - 1 :].strip().startswith(";")


def _needs_parentheses(module: s.Module, node: s.Expr) -> bool:
    """Whether something else stands on the line beside the expression, that could bind tighter."""
    line = module.line_at(node.span)
    before = line[: node.span.column - 1].rstrip()
    return not before.endswith(("=", "(", ",", "return", "["))


def _statement(module: s.Module, node: s.Stmt) -> str | None:
    match node:
        case s.AugAssign():
            target = module.excerpt(node.target.span) or write(node.target, module)
            return f"{target} {node.op}= {module.excerpt(node.value.span)}"
        case s.ExprStmt():
            return write(node.value, module)
        case s.Assign(targets=(target,)):
            return f"{_place(module, target)} = {write(node.value, module)}"
    return None


def _place(module: s.Module, target: s.Expr) -> str:
    if isinstance(target, s.Subscript):
        return f"{write(target.value, module)}[{write(target.index, module)}]"
    return write(target, module)


def _moved(module: s.Module, old: s.Block, new: s.Block) -> list[Edit]:
    """One statement of a block moved to its end, to before its `return` or behind another one."""
    moved = next(a for a, b in zip(old, new, strict=False) if a is not b)
    at = next(i for i, one in enumerate(new) if one is moved)
    if not _has_own_lines(module, moved) or _goes_on(module, new[at - 1]):
        return []
    lines = module.text_of(moved.span.file).splitlines(keepends=True)
    first, last = moved.span.line, moved.span.end_line
    text = "".join(lines[first - 1 : last])
    newline = "\r\n" if text.endswith("\r\n") else "\n"
    text = text.rstrip("\r\n")
    taken = Edit(Span(first, 1, last + 1, 1, file=moved.span.file), "")
    if isinstance(new[-1], s.Return) and at == len(new) - 2:
        return [taken, _before_return(module, old[-1], new, text.lstrip(), newline)]
    end = new[at - 1].span.end_line
    column, file = len(lines[end - 1].rstrip("\r\n")) + 1, moved.span.file
    return [taken, Edit(Span(end, column, end, column, file=file), newline + text)]


def _before_return(
    module: s.Module, old: s.Stmt, new: s.Block, moved: str, newline: str
) -> Edit:  # fmt: skip
    """The step put before a `return`, whose value gets a name if it was computed there."""
    line = module.line_at(old.span)
    inner = newline + line[: len(line) - len(line.lstrip())]
    written = module.excerpt(old.span)
    made = new[-3] if len(new) > 2 else None
    if isinstance(made, s.Assign) and not made.span.line:
        name = write(made.targets[0], module)
        value = written.removeprefix("return").strip()
        return Edit(old.span, inner.join((f"{name} = {value}", moved, f"return {name}")))
    return Edit(old.span, inner.join((moved, written)))


def _told(subject: Subject, edits: tuple[Edit, ...]) -> str:
    if len(edits) > 1:
        moved = "change these lines" if edits[0].content else "move this line after the last use"
        return "change this line" if _is_one_line(edits) else moved
    written = subject.module.excerpt(edits[0].span)
    if not written and edits[0].content.startswith("\n"):
        return f"add the line {edits[0].content.strip()}"
    if "\n" in written or "\n" in edits[0].content:
        return "change this line"
    return f"replace {written} by {edits[0].content}"


def _line_after(subject: Subject, edits: tuple[Edit, ...]) -> str | None:
    """The line as it should read, where edits inside one line do it."""
    if not edits or not _is_one_line(edits):
        return None
    after = subject.module.line_at(edits[0].span)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        after = after[: edit.span.column - 1] + edit.content + after[edit.span.end_column - 1 :]
    return after.split("  #")[0].strip()


def _is_one_line(edits: tuple[Edit, ...]) -> bool:
    first = edits[0].span
    at = (first.file, first.cell, first.line)
    return all((e.span.file, e.span.cell, e.span.line) == at for e in edits) and all(
        e.span.line == e.span.end_line and "\n" not in e.content for e in edits
    )
