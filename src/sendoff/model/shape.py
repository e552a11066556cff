"""From plain JSON back to the frozen values of the house; the way out is `digest.plain`."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from sendoff.model.errors import BadInput

T = TypeVar("T")


def shaped(kind: type[T], data: object, *, where: str = "") -> T:
    """`data` as a `kind`, or BadInput naming the field. Unknown fields are refused, missing ones take their default."""
    made = _shape(kind, data, where or kind.__name__)
    if not isinstance(made, kind):
        raise BadInput(f"expected {kind.__name__}", where=where)
    return made


_HINTS: dict[object, Mapping[str, object]] = {}


def _hints(kind: object) -> Mapping[str, object]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def _shape(kind: object, data: object, where: str) -> object:
    supertype = getattr(kind, "__supertype__", None)
    if supertype is not None:
        return _shape(supertype, data, where)
    origin = typing.get_origin(kind)
    if origin is not None:
        return _shape_generic(kind, origin, data, where)
    if isinstance(kind, type):
        return _shape_plain(kind, data, where)
    raise BadInput(f"cannot shape {kind!r}", where=where)


def _shape_plain(kind: type[object], data: object, where: str) -> object:
    if dataclasses.is_dataclass(kind):
        return _shape_noun(kind, data, where)
    if kind is type(None) and data is None:
        return None
    if isinstance(data, str) and kind in _FROM_TEXT:
        return _from_text(kind, data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(kind, data, where)
    if kind in (date, datetime) and isinstance(data, kind):
        return data
    if kind in (str, int, bool) and isinstance(data, kind) and (kind is bool or not isinstance(data, bool)):
        return data
    raise BadInput(f"expected {kind.__name__}, found {type(data).__name__} {str(data)[:60]!r}", where=where)


_FROM_TEXT: Mapping[type[object], Callable[[str], object]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def _from_text(kind: type[object], data: str, where: str) -> object:
    try:
        return _FROM_TEXT[kind](data)
    except ValueError as wrong:
        raise BadInput(f"{data!r} is not a {kind.__name__} like 2027-01-31", where=where) from wrong


def _member(kind: type[Enum], data: object, where: str) -> Enum:
    try:
        return kind(data)
    except ValueError as wrong:
        known = ", ".join(str(member.value) for member in kind)
        raise BadInput(f"{data!r} is not one of: {known}", where=where) from wrong


def _shape_generic(kind: object, origin: object, data: object, where: str) -> object:
    inner = typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _shape_union(inner, data, where)
    if origin in (tuple, frozenset):
        if not isinstance(data, (list, tuple)):
            raise BadInput(f"expected a list, found {type(data).__name__}", where=where)
        if origin is tuple and len(inner) == 2 and inner[1] is not Ellipsis:
            if len(data) != len(inner):
                raise BadInput(f"expected {len(inner)} values, found {len(data)}", where=where)
            return tuple(_shape(one, part, where) for one, part in zip(inner, data, strict=True))
        shaped_items = [_shape(inner[0], part, f"{where}[{at}]") for at, part in enumerate(data)]
        return tuple(shaped_items) if origin is tuple else frozenset(shaped_items)
    raise BadInput(f"cannot shape {kind!r}", where=where)


def _shape_union(kinds: tuple[object, ...], data: object, where: str) -> object:
    if data is None and type(None) in kinds:
        return None
    some = [kind for kind in kinds if kind is not type(None)]
    if len(some) == 1:
        return _shape(some[0], data, where)
    raise BadInput("a union of several nouns has no one shape", where=where)


def _shape_noun(kind: type[object], data: object, where: str) -> object:
    if not isinstance(data, Mapping):
        raise BadInput(f"expected a table of fields, found {type(data).__name__}", where=where)
    hints = _hints(kind)
    unknown = [str(name) for name in data if name not in hints]
    if unknown:
        raise BadInput(f"unknown field {unknown[0]!r}; known: {', '.join(hints)}", where=where)
    given = {name: _shape(hints[name], data[name], f"{where}.{name}") for name in hints if name in data}
    make: Callable[..., object] = kind
    try:
        return make(**given)
    except TypeError as wrong:
        raise BadInput(str(wrong).split(") ", 1)[-1], where=where) from wrong
