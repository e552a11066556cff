"""Canonical JSON, digests and Merkle roots: made here and nowhere else."""

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import NewType

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def plain(value: object) -> Json:
    """A value of the house as plain JSON. Sets are sorted; dates are ISO 8601; bytes and floats have no place."""
    if type(value) is str:
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    names = _field_names(type(value))
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    return _plain_collection(value)


_FIELD_NAMES: dict[type[object], tuple[str, ...] | None] = {}


def _field_names(kind: type[object]) -> tuple[str, ...] | None:
    """The fields of a noun, looked up once for each type, since a leaving writes many; None for anything else."""
    if kind not in _FIELD_NAMES:
        found = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else None
        _FIELD_NAMES[kind] = tuple(field.name for field in found) if found is not None else None
    return _FIELD_NAMES[kind]


def _plain_collection(value: object) -> Json:
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (dict, Mapping)):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted((plain(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODED = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def canonical(value: object) -> bytes:
    """The one byte form of a value: sorted keys, no blanks, UTF-8, as RFC 8785 has it for the types we allow."""
    return _ENCODED(plain(value)).encode("utf-8", "surrogatepass")


ROWS = 500
"""Rows of a long list that are written at once: some hundred kilobytes."""


def canonical_parts(value: object) -> Iterator[bytes]:
    """The same bytes as `canonical`, a part at a time: the lists in a noun, and a list itself, are written some rows at
    a time, so that of a hundred thousand rows never all are held as text."""
    names = _field_names(type(value))
    if names is not None:
        for at, name in enumerate(sorted(names)):
            yield f'{"," if at else "{"}"{name}":'.encode()
            yield from _parts(getattr(value, name))
        yield b"}" if names else b"{}"
    else:
        yield from _parts(value)


def _parts(value: object) -> Iterator[bytes]:
    if not isinstance(value, (list, tuple)) or len(value) <= ROWS:
        yield canonical(value)
        return
    for at in range(0, len(value), ROWS):
        yield b"," if at else b"["
        yield canonical(value[at : at + ROWS])[1:-1]
    yield b"]"


def digest_bytes(data: bytes) -> Digest:
    """The digest of bytes as they are."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def digest_parts(parts: Iterable[bytes]) -> Digest:
    """The digest of bytes that come in parts."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return Digest("sha256:" + made.hexdigest())


def digest(value: object) -> Digest:
    """The digest of a value in its canonical form."""
    return digest_bytes(canonical(value))


def salted(salt: str, value: object) -> Digest:
    """The digest of an event body: SHA-256 over the salt (hex) and the canonical body."""
    return digest_bytes(bytes.fromhex(salt) + canonical(value))


def keyed(key: bytes, secret: bytes) -> str:
    """An HMAC-SHA-256 in hex: the only form in which two secrets are ever compared."""
    return hmac.new(key, secret, hashlib.sha256).hexdigest()


def merkle_root(leaves: Iterable[bytes]) -> Digest:
    """The Merkle tree hash of RFC 9162, section 2.1.1, over the leaves in the order given."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return digest_bytes(b"")
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return Digest("sha256:" + level[0].hex())
