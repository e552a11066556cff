"""The case's own key: AES-256-GCM for bodies, wrapped by the house key, thrown away to erase."""

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from sendoff.model.errors import Broken
from sendoff.store.schema import case_key

_NONCE = 12


def house_key(path: Path) -> bytes:
    """The 32 bytes that wrap case keys, made on first use and readable by the owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(AESGCM.generate_key(256))
    key = path.read_bytes()
    if len(key) != 32:
        raise Broken(f"{path}: the house key has {len(key)} bytes instead of 32; restore it from the backup")
    return key


def sealed(key: bytes, data: bytes, about: str) -> bytes:
    """Nonce and ciphertext; `about` binds it to its place."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about.encode())


def unsealed(key: bytes, data: bytes, about: str) -> bytes:
    """The plain bytes, or Broken."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], about.encode())
    except InvalidTag as wrong:
        raise Broken(f"{about}: what is stored was changed, or the house key is another one") from wrong


class CaseKeys:
    """The keys of all cases, kept in memory once unwrapped."""

    def __init__(self, house: bytes) -> None:
        self._house = house
        self._known: dict[str, bytes] = {}

    def made(self, connection: Connection, chain: str) -> bytes:
        """A new key for a new chain."""
        key = AESGCM.generate_key(256)
        connection.execute(insert(case_key).values(chain=chain, wrapped=sealed(self._house, key, f"key of {chain}")))
        self._known[chain] = key
        return key

    def key(self, connection: Connection, chain: str) -> bytes | None:
        """The key of a chain; None when it was thrown away."""
        if chain not in self._known:
            row = connection.execute(select(case_key.c.wrapped).where(case_key.c.chain == chain)).first()
            if row is None:
                return None
            self._known[chain] = unsealed(self._house, row.wrapped, f"key of {chain}")
        return self._known[chain]

    def every(self, connection: Connection) -> Mapping[str, bytes]:
        """The key of every chain that has one now: one question. What was thrown away is not known any more."""
        rows = connection.execute(select(case_key)).all()
        known = {row.chain: self._known.get(row.chain) for row in rows}
        self._known = {
            row.chain: known[row.chain] or unsealed(self._house, row.wrapped, f"key of {row.chain}") for row in rows
        }
        return dict(self._known)

    def thrown_away(self, connection: Connection, chain: str) -> None:
        """Erase a case's bodies for good: without the key they are noise, and the chain still holds."""
        connection.execute(delete(case_key).where(case_key.c.chain == chain))
        self._known.pop(chain, None)
