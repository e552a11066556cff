"""What the engine asks of the world. Protocols only; wiring decides who answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.issue import IssueStyle
from sendoff.ports.hands import Ability, Connector, Doorway, LogReader, Repeat, SaysHow, SecondList, Sink
from sendoff.ports.keeping import LEASE, Brake, Cards, Clock, Dispatch, EvidenceStore, Ids, Journal, Limits, Piece, Work
from sendoff.ports.people import Identity, OpenParcel, Papers, Sealer, Sheet, Signer

__all__ = [
    "LEASE",
    "Ability",
    "Brake",
    "Cards",
    "Clock",
    "Connector",
    "Dispatch",
    "Doorway",
    "EvidenceStore",
    "Identity",
    "Ids",
    "Journal",
    "Limits",
    "LogReader",
    "OpenParcel",
    "Papers",
    "Piece",
    "Ports",
    "Repeat",
    "SaysHow",
    "Sealer",
    "SecondList",
    "Sheet",
    "Signer",
    "Sink",
    "Work",
    "World",
]


class World(Protocol):
    """The systems of one provider: real, or the sandbox."""

    id: str
    sandbox: bool
    issues: IssueStyle | None
    """How cases are mirrored on GitHub; None when they are not."""
    addresses: Mapping[System, str]
    """Where each configured system is reached; printed on the certificate."""

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands in one system for one customer; None when that system is not configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port with its answer, as wiring put them together."""

    journal: Journal
    cards: Cards
    dispatch: Dispatch
    brake: Brake
    store: EvidenceStore
    clock: Clock
    ids: Ids
    papers: Papers
    sealer: Sealer
    identity: Identity
    world: World
    signer: Signer
