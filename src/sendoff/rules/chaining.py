"""Bodies -> chained entries, and the check that a chain holds: dropped, added, reordered and flipped are all found."""

from collections.abc import Sequence
from datetime import datetime

from sendoff.model.digest import Digest, plain, salted
from sendoff.model.envelope import GENESIS, Entry, Event
from sendoff.model.errors import Broken
from sendoff.model.event import KIND_OF, Body
from sendoff.model.people import PersonId


def chained(body: Body, *, case: str, seq: int, prev: Digest, at: datetime, actor: PersonId, salt: str) -> Entry:
    """The next entry of a chain. `seq` counts from 1; `salt` is 32 random bytes in hex."""
    event = Event(
        case=case, seq=seq, at=at, actor=actor, kind=KIND_OF[type(body)], prev=prev, body_hash=salted(salt, body)
    )
    return Entry(event=event, salt=salt, body=plain(body))


def faults(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Everything wrong with a chain, each with its place; empty when it holds."""
    found: list[str] = []
    prev, last_at = GENESIS, None
    for place, entry in enumerate(entries, start=1):
        event = entry.event
        found += _faults_of(entry, place, prev)
        if last_at is not None and event.at < last_at:
            found.append(f"event {place}: its time lies before the one before it")
        prev, last_at = event.digest, event.at
    if len({entry.event.case for entry in entries}) > 1:
        found.append("the chain holds events of several cases")
    return tuple(found)


def _faults_of(entry: Entry, place: int, prev: Digest) -> list[str]:
    event = entry.event
    found: list[str] = []
    if event.v != 1:
        found.append(f"event {place}: version {event.v} is not known here")
    if event.seq != place:
        found.append(f"event {place}: it says it is number {event.seq}; one was dropped, added or moved")
    if event.prev != prev:
        found.append(f"event {place}: it does not follow the one before it")
    if entry.body is not None and (entry.salt is None or salted(entry.salt, entry.body) != event.body_hash):
        found.append(f"event {place}: its body is not the one that was written")
    return found


def holds(entries: Sequence[Entry]) -> None:
    """Raise Broken when a chain does not hold."""
    wrong = faults(entries)
    if wrong:
        raise Broken("the journal does not hold: " + "; ".join(wrong[:3]))
