"""How users spell the ops: `numpy.sum`, `ndarray.sum`, `torch.sum` and `Tensor.sum` are one op.

A spelling is one string, `"torch.sum(input, dim:axis=None, keepdim:keepdims=False)"`. Its names are
those of the library; `old:new` gives the name that the op uses. A bare name is an input of the op;
a name with a default, or one marked `$`, is a parameter. `@name=default` is an input with a
default, `[name]` a sequence whose members are the inputs, `*name` takes all further inputs,
`*$name` all further parameters. What only concerns storage (`dtype`, `device`, ...) is passed over
wherever it stands, unless the signature renames it. A method names its receiver first; a spelling
without parentheses is a property.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gradlint.ops.op import OPS, Op, OpError
from gradlint.ops.signature import REQUIRED, Parameter, parse

IGNORED = frozenset(
    [
        "dtype",
        "out",
        "device",
        "order",
        "casting",
        "subok",
        "writeable",
        "requires_grad",
        "memory_format",
        "non_blocking",
        "inplace",
        "pin_memory",
        "copy",
        "layout",
        "generator",
        "stable",
        "_stacklevel",
        "optimize",
        "kind",
    ]
)
SHORT = {
    "np": "numpy",
    "ndarray": "numpy.ndarray",
    "Tensor": "torch.Tensor",
    "F": "torch.nn.functional",
}

IsArray = Callable[[object], bool]
Adapter = Callable[["Bound", IsArray], "Bound"]


@dataclass(frozen=True)
class Bound:
    """A call of the user's as a call of an op.

    `inputs` and `params` hold the values that `bind` was given, untouched, and the defaults of the
    signature, plain. `in_place`: the result is written back to the first input. `out`: what was
    passed as `out=`. `result` is "array", "values_indices" (a pair: the values by `op`, the
    indices by the op named in `indices`), "rows" (a tuple: the op gives one array of them) or
    "list" (the op gives a list of arrays; with the further parameter `part` it gives that one of
    them). `parts`: the call gives a tuple, one value for each. `cuts(shape,
    **params)`, of the shape of the first input, gives the indices of the views that the call gives
    as a list. `copies`: the result of an
    op that is a view is a copy here. `given` names the parameters that the user passed.
    """

    op: Op
    inputs: tuple[object, ...]
    params: dict[str, object]
    in_place: bool = False
    out: object | None = None
    result: str = "array"
    indices: str | None = None
    parts: tuple[Bound, ...] = ()
    cuts: Callable[..., list[object]] | None = None
    copies: bool = False
    given: frozenset[str] = frozenset()


def looks_like_array(value: object) -> bool:
    """The guess of `bind` where its caller does not say what is an array."""
    return not isinstance(value, (int, float, str, tuple, list, slice, type(None)))


@dataclass(frozen=True)
class Spelling:
    """One way to call an op: its full dotted name and the signature described above."""

    op: str
    path: str
    signature: str
    fixed: Mapping[str, object] = field(default_factory=dict)
    adapt: Adapter | None = None
    in_place: bool = False
    is_property: bool = False
    copies: bool = False

    @property
    def short_name(self) -> str:
        """The last part of the path, as error messages say it."""
        return self.path.rpartition(".")[2]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parsed signature."""
        return parse(self.signature)

    def bind(
        self,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        is_array: IsArray = looks_like_array,
    ) -> Bound:
        """Sort the arguments of a call into inputs and parameters (a method's receiver is args[0]).

        `is_array` is asked only where the library overloads on it, as `torch.max(a, 1)` against
        `torch.max(a, b)`. Raises OpError where the call does not fit the signature.
        """
        values = self._positional(args)
        ignored = self._keywords(kwargs, values)
        inputs = [v for p in self.parameters if p.is_input for v in self._input(p, values)]
        params, given = self._params(values)
        bound = Bound(
            OPS[self.op],
            tuple(inputs),
            {**params, **self.fixed},
            in_place=self.in_place or ignored.get("inplace", False) is not False,
            out=ignored.get("out"),
            copies=self.copies,
            given=given,
        )
        return bound if self.adapt is None else self.adapt(bound, is_array)

    def _positional(self, args: Sequence[object]) -> dict[str, object]:
        values: dict[str, object] = {}
        rest = list(args)
        for parameter in self.parameters:
            if parameter.star:
                values[parameter.name], rest = tuple(rest), []
            elif rest:
                values[parameter.name] = rest.pop(0)
        if rest:
            count = len(self.parameters)
            raise OpError(f"{self.short_name}() takes {count} arguments, {len(args)} were given")
        return values

    def _keywords(
        self, kwargs: Mapping[str, object], values: dict[str, object]
    ) -> dict[str, object]:
        ignored = {name: values.pop(name) for name in self._droppable & values.keys()}
        names = self._names
        for name, value in kwargs.items():
            if name in names and name not in self._droppable:
                star = next(p.star for p in self.parameters if p.name == names[name])
                values[names[name]] = (value,) if star else value
            elif name in IGNORED:
                ignored[name] = value
            else:
                raise OpError(f"{self.short_name}() got an unexpected keyword '{name}'")
        return ignored

    @cached_property
    def _names(self) -> dict[str, str]:
        """The library's name of a parameter by that name and by the op's own."""
        names = {p.canonical: p.name for p in self.parameters if not p.is_input}
        return names | {p.name: p.name for p in self.parameters}

    @cached_property
    def _droppable(self) -> frozenset[str]:
        """The ignored names of the signature; one that is renamed there has a meaning."""
        return frozenset(
            p.name
            for p in self.parameters
            if p.default is not REQUIRED and p.name in IGNORED and p.name == p.canonical
        )

    def _input(self, parameter: Parameter, values: Mapping[str, object]) -> tuple[object, ...]:
        value = values.get(parameter.name, parameter.default)
        if value is REQUIRED:
            raise OpError(f"{self.short_name}() is missing its argument '{parameter.name}'")
        if not parameter.spread and not parameter.star:
            return (value,)
        if parameter.star and isinstance(value, tuple) and len(value) == 1:
            value = value[0] if isinstance(value[0], (list, tuple)) else value
        if not isinstance(value, (list, tuple)):
            raise OpError(f"{self.short_name}() takes a list of arrays that is not known here")
        return tuple(value)

    def _params(self, values: Mapping[str, object]) -> tuple[dict[str, object], frozenset[str]]:
        wanted = [p for p in self.parameters if not p.is_input and p.name not in self._droppable]
        params = {p.canonical: values[p.name] for p in wanted if p.name in values}
        given = frozenset(params)
        for parameter in wanted:
            if parameter.canonical in params:
                continue
            if parameter.default is REQUIRED:
                raise OpError(f"{self.short_name}() is missing its argument '{parameter.name}'")
            params[parameter.canonical] = parameter.default
        return params, given


@dataclass(frozen=True)
class Spell:
    """A spelling as an entry writes it down, where the signature alone does not say enough.

    `fixed` are parameters that the spelling settles, `adapt` turns the bound call into another one.
    """

    signature: str
    fixed: Mapping[str, object] = field(default_factory=dict)
    adapt: Adapter | None = None
    in_place: bool = False
    copies: bool = False


SPELLINGS: dict[str, Spelling] = {}
OPERATORS: dict[str, str] = {}


def register(op: Op, spellings: Sequence[str | Spell], operators: Sequence[str]) -> None:
    """Enter the spellings and operator symbols of `op`; raises ValueError where one is taken."""
    for written in spellings:
        spell = Spell(written) if isinstance(written, str) else written
        path, paren, rest = spell.signature.partition("(")
        head, _, tail = path.partition(".")
        path = f"{SHORT.get(head, head)}.{tail}"
        if path in SPELLINGS:
            raise ValueError(f"{path} is spelled twice: {SPELLINGS[path].op} and {op.name}")
        SPELLINGS[path] = Spelling(
            op.name,
            path,
            rest.removesuffix(")") if paren else "x",
            spell.fixed,
            spell.adapt,
            spell.in_place,
            is_property=not paren,
            copies=spell.copies,
        )
    OPERATORS.update(dict.fromkeys(operators, op.name))


def lookup(path: str) -> Spelling | None:
    """The function or method of that full name; `torch.Tensor.add_` is `add`, in place."""
    found = SPELLINGS.get(path)
    if found is None and path.startswith("torch.") and path.endswith("_"):
        found = SPELLINGS.get(path.removesuffix("_"))
        found = found and replace(found, path=path, in_place=True)
    return found if found is not None and not found.is_property else None


def lookup_property(path: str) -> Spelling | None:
    """The property of that full name, such as `numpy.ndarray.T`."""
    found = SPELLINGS.get(path)
    return found if found is not None and found.is_property else None


def operator(symbol: str) -> Op:
    """The op of a Python operator: "+", "@", "<=", ..., "neg", "pos", "abs", "invert".

    Raises OpError for a symbol that is no operator on arrays.
    """
    if symbol not in OPERATORS:
        raise OpError(f"the operator {symbol} is not understood")
    return OPS[OPERATORS[symbol]]
