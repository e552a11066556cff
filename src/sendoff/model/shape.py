"""From plain JSON back to the frozen values of the house; the way out is `digest.plain`.

A noun is read many thousand times in one leaving, so what its type asks for is looked up once and kept as a reader.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from sendoff.model.errors import BadInput

T = TypeVar("T")
Way = tuple["Way", str | int] | tuple[str]
"""Where in the data we are, from the inside out: it is put into words only when something does not fit."""
Read = Callable[[object, Way], object]


def shaped(kind: type[T], data: object, *, where: str = "") -> T:
    """`data` as a `kind`, or BadInput naming the field. Unknown fields are refused, missing ones take their default."""
    way = (where or kind.__name__,)
    made = _reader(kind)(data, way)
    if not isinstance(made, kind):
        raise _unfit(f"expected {kind.__name__}", way)
    return made


def _unfit(said: str, way: Way) -> BadInput:
    steps: list[str | int] = []
    while len(way) == 2:
        way, step = way
        steps.append(step)
    rest = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(steps))
    return BadInput(said, where=way[0] + "".join(rest))


_READERS: dict[object, Read] = {}


def _reader(kind: object) -> Read:
    """What reads a `kind`."""
    if kind not in _READERS:
        _READERS[kind] = _reader_made(kind)
    return _READERS[kind]


def _reader_made(kind: object) -> Read:
    supertype = getattr(kind, "__supertype__", None)
    if supertype is not None:
        return _reader(supertype)
    if typing.get_origin(kind) is not None:
        return _generic(kind)
    if not isinstance(kind, type):
        return _never(f"cannot shape {kind!r}")
    if dataclasses.is_dataclass(kind):
        return _noun(kind)
    if issubclass(kind, Enum):
        return _member(kind)
    return _plain(kind)


def _never(said: str) -> Read:
    def read(data: object, way: Way) -> object:
        raise _unfit(said, way)

    return read


_FROM_TEXT: Mapping[type[object], Callable[[str], object]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def _plain(kind: type[object]) -> Read:
    """Text, a number, a truth value, a date, or nothing."""
    known = kind in (str, int, bool, date, datetime, type(None))
    from_text = _FROM_TEXT.get(kind)

    def read(data: object, way: Way) -> object:
        if from_text is not None and isinstance(data, str):
            try:
                return from_text(data)
            except ValueError as wrong:
                raise _unfit(f"{data!r} is not a {kind.__name__} like 2027-01-31", way) from wrong
        # True is no number of ours, although Python counts it as one.
        if known and isinstance(data, kind) and (kind is bool or not isinstance(data, bool)):
            return data
        raise _unfit(f"expected {kind.__name__}, found {type(data).__name__} {str(data)[:60]!r}", way)

    return read


def _member(kind: type[Enum]) -> Read:
    known: dict[object, Enum] = {member.value: member for member in kind}

    def read(data: object, way: Way) -> object:
        try:
            return known[data]
        except (KeyError, TypeError) as wrong:
            names = ", ".join(str(value) for value in known)
            raise _unfit(f"{data!r} is not one of: {names}", way) from wrong

    return read


def _generic(kind: object) -> Read:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _union(inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return _row([_reader(one) for one in inner])
    if origin is tuple:
        return _many(_reader(inner[0]), tuple)
    if origin is frozenset:
        return _many(_reader(inner[0]), frozenset)
    return _never(f"cannot shape {kind!r}")


def _union(kinds: tuple[object, ...]) -> Read:
    some = [kind for kind in kinds if kind is not type(None)]
    one = _reader(some[0]) if len(some) == 1 else _never("a union of several nouns has no one shape")
    if len(some) == len(kinds):
        return one
    return lambda data, way: None if data is None else one(data, way)


def _row(readers: list[Read]) -> Read:
    """Values of which each has its own type."""

    def read(data: object, way: Way) -> object:
        if not isinstance(data, (list, tuple)):
            raise _unfit(f"expected a list, found {type(data).__name__}", way)
        if len(data) != len(readers):
            raise _unfit(f"expected {len(readers)} values, found {len(data)}", way)
        return tuple([one(part, way) for one, part in zip(readers, data, strict=True)])

    return read


def _many(inner: Read, made: Callable[[list[object]], object]) -> Read:
    """Any number of values of one type."""

    def read(data: object, way: Way) -> object:
        if not isinstance(data, (list, tuple)):
            raise _unfit(f"expected a list, found {type(data).__name__}", way)
        return made([inner(part, (way, at)) for at, part in enumerate(data)])

    return read


def _noun(kind: type[object]) -> Read:
    readers = {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}
    make: Callable[..., object] = kind

    def read(data: object, way: Way) -> object:
        if not isinstance(data, (dict, Mapping)):
            raise _unfit(f"expected a table of fields, found {type(data).__name__}", way)
        if not data.keys() <= readers.keys():
            unknown = next(str(name) for name in data if name not in readers)
            raise _unfit(f"unknown field {unknown!r}; known: {', '.join(readers)}", way)
        given = {name: readers[name](part, (way, name)) for name, part in data.items()}
        try:
            return make(**given)
        except TypeError as wrong:
            raise _unfit(str(wrong).split(") ", 1)[-1], way) from wrong

    return read
