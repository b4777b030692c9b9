"""Classes whose bases stand in other files."""

from __future__ import annotations

from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import NOTHING, UserClass


def has_foreign_base(cls: UserClass) -> bool:
    bases = [base for base in cls.bases if isinstance(base, UserClass)]
    return any(_is_foreign(base) or has_foreign_base(base) for base in bases)


def _is_foreign(cls: UserClass) -> bool:
    return cls.definition is not None and bool(cls.definition.span.file)


def without_foreign_bases(m: Interpreter, cls: UserClass) -> UserClass:
    """The class without the bases that stand in other files, whose constructors do nothing now."""
    own = []
    for base in cls.bases:
        if not isinstance(base, UserClass):
            continue
        if not _is_foreign(base):
            own.append(without_foreign_bases(m, base))
            continue
        hollow = UserClass(base.name, (), {"__init__": NOTHING})
        for name, value in list(m.scope.names.items()):
            if value is base:
                m.scope.names[name] = hollow
    return UserClass(cls.name, tuple(own), cls.names, cls.definition)
