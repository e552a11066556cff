"""The sealer: a parcel of secrets, filled in memory and encrypted with age to the key that the customer enrolled."""

import csv
import hmac
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyrage

from sendoff.model.digest import Json, canonical, keyed
from sendoff.model.errors import BadInput
from sendoff.model.secret import Secret

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Zip members carry no time: the same content is the same bytes before encryption."""

README = """This archive holds the secrets that your former managed service provider kept for you.

secrets.json   every record with all its fields
secrets.csv    the same for a spreadsheet or a password manager's import
manifest.json  how many there are, and what was not included and why

Change the passwords after you have taken them over: people of the provider have known them.
"""


class Parcel:
    """A parcel being filled; nothing of it touches a disk before it is sealed."""

    def __init__(self, recipient: str, mark_key: bytes) -> None:
        try:
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError as wrong:
            raise BadInput("this is not an age public key like age1...", where="recipient") from wrong
        self._rows: list[dict[str, str]] = []
        self._withheld: list[dict[str, str]] = []
        self._hmac_key = mark_key

    def add(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """One record, open and hidden fields."""
        self._rows.append({**row, **{name: secret.reveal() for name, secret in hidden.items()}})

    def withhold(self, title: str, reason: str) -> None:
        """Not inside, and why."""
        self._withheld.append({"title": title, "reason": reason})

    def marks(self) -> list[str]:
        """One for each record, in the order they came."""
        return [keyed(self._hmac_key, json.dumps(row, sort_keys=True).encode()) for row in self._rows]

    def seal(self) -> tuple[bytes, bytes]:
        """The sealed bytes and the open manifest. Calling it twice seals twice: age has a fresh key each time."""
        manifest = canonical(self._manifest())
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in (
                ("README.txt", (README.encode(),)),
                ("secrets.json", self._json()),
                ("secrets.csv", self._csv()),
                ("manifest.json", (manifest,)),
            ):
                told = zipfile.ZipInfo(name, _EPOCH)
                told.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(told, "w") as member:
                    for part in data:
                        member.write(part)
        return pyrage.encrypt(inner.getvalue(), [self._recipient]), manifest

    def _manifest(self) -> Json:
        """What may be known without the key: counts, an HMAC a record under a key of the case, and titles of what was
        withheld. Equal marks mean equal records, and no more can be told from them."""
        marks = sorted(self.marks())
        return {
            "inside": len(self._rows),
            "withheld": [dict(row) for row in sorted(self._withheld, key=lambda row: row["title"])],
            "records": list(marks),
        }

    def _json(self) -> Iterator[bytes]:
        """A record at a time: the whole as one text would be there twice."""
        yield b"["
        for at, row in enumerate(self._rows):
            yield (",\n" if at else "\n").encode() + json.dumps(row, indent=1, ensure_ascii=False).encode()
        yield b"\n]\n"

    def _csv(self) -> Iterator[bytes]:
        """A record at a time, too."""
        names = sorted({name for row in self._rows for name in row})
        yield b"\xef\xbb\xbf" + _line([_inert(name) for name in names])
        for row in self._rows:
            yield _line([_inert(row.get(name, "")) for name in names])


def _line(values: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()


def _inert(value: str) -> str:
    """A spreadsheet must not run a value as a formula; secrets.json has it unchanged."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


class AgeSealer:
    """Answers the port Sealer. Marks are made under a key that only `house` and the case's number give."""

    def __init__(self, house: bytes = b"") -> None:
        self._house = house or os.urandom(32)

    @contextmanager
    def open_parcel(self, recipient: str, *, case: str) -> Iterator[Parcel]:
        """A parcel for one recipient, forgotten at the end."""
        yield Parcel(recipient, hmac.digest(self._house, f"marks of {case}".encode(), "sha256"))


def new_identity() -> tuple[str, str]:
    """A fresh age key pair as text, secret half first. For rehearsals: a customer makes their own."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def opened(data: bytes, identity: str) -> Mapping[str, bytes]:
    """The members of a sealed parcel, by name."""
    inner = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)])
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
