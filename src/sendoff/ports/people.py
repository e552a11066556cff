"""What is for people: papers, parcels, who somebody is, signatures."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sendoff.model.digest import Json
from sendoff.model.meeting import Meeting
from sendoff.model.people import Person
from sendoff.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of a workbook: every cell is a text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Papers(Protocol):
    """Letters, invitations, documents: values in, bytes out."""

    def letter(self, name: str, language: str, values: Mapping[str, Json]) -> tuple[str, bytes]:
        """Subject and body of a letter, rendered; every value is text, never markup."""

    def invitation(self, meeting: Meeting, *, stamp: datetime) -> bytes:
        """A calendar file (METHOD:REQUEST) whose UID is the same for every update of this meeting."""

    def page(self, name: str, values: Mapping[str, Json]) -> bytes:
        """An HTML page; every value is text, never markup."""

    def workbook(self, sheets: Sequence[Sheet]) -> bytes:
        """An Excel workbook; every cell is text, never a formula."""


class Sealer(Protocol):
    """Encrypts to a key that the customer enrolled."""

    def open_parcel(self, recipient: str, *, case: str) -> AbstractContextManager["OpenParcel"]:
        """A parcel being filled in memory; `recipient` is an age public key. Marks of one case can be compared."""


class OpenParcel(Protocol):
    """A parcel being filled."""

    def add(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """One record."""

    def withhold(self, title: str, reason: str) -> None:
        """Say in the manifest that a record is not inside, and why."""

    def marks(self) -> Sequence[str]:
        """An HMAC for each record so far, in order: equal records of one case have equal marks, and no more is told."""

    def seal(self) -> tuple[bytes, bytes]:
        """The sealed bytes, and the open manifest (canonical JSON: counts, titles' HMACs, withheld titles)."""


class Identity(Protocol):
    """How a person proves who they are."""

    def person(self, login: str) -> Person:
        """The person behind a login, or Refused: an unmapped login decides nothing."""

    def people(self) -> tuple[Person, ...]:
        """The register."""

    def sign(self, person: Person, message: bytes) -> str:
        """That person's own signature over the message, asked of them now; Refused when they cannot give it."""

    def proves(self, person: Person, message: bytes, signature: str) -> bool:
        """True when the signature is that person's own over the message."""


class Signer(Protocol):
    """Signs certificates."""

    def sign(self, payload: bytes) -> tuple[bytes, str]:
        """The raw signature over the DSSE encoding of the payload, and the fingerprint of the key."""

    def public(self) -> bytes:
        """The public key as PEM."""
