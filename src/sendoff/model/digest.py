"""Canonical JSON, digests and Merkle roots: made here and nowhere else."""

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import NewType

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def plain(value: object) -> Json:
    """A value of the house as plain JSON. Sets are sorted; dates are ISO 8601; bytes and floats have no place."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _plain_collection(value)


def _plain_collection(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted((plain(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: object) -> bytes:
    """The one byte form of a value: sorted keys, no blanks, UTF-8, as RFC 8785 has it for the types we allow."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def digest_bytes(data: bytes) -> Digest:
    """The digest of bytes as they are."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


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
