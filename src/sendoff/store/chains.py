"""A chain as it lies in the tables, read without trust: whatever is wrong with a row is said, and the rest is read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select, union

from sendoff.model.digest import canonical, plain
from sendoff.model.envelope import HOUSE, Entry, Event
from sendoff.model.errors import Broken, SendoffError
from sendoff.model.shape import shaped
from sendoff.store.casekeys import CaseKeys, unsealed
from sendoff.store.schema import body, case_key, case_row, event, step_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What could be read of a chain, and what is wrong with its rows."""

    chain: str
    entries: tuple[Entry, ...]
    erased: bool
    """It has no key: its bodies are noise."""
    faults: tuple[str, ...]


def chains(connection: Connection) -> tuple[str, ...]:
    """Every case of which there is a row of truth; the house register is not among them."""
    tables = (event, body, case_key)
    found = connection.execute(union(*(select(table.c.chain) for table in tables))).scalars()
    return tuple(sorted(set(found) - {HOUSE}))


def kept(connection: Connection, keys: CaseKeys, chain: str) -> Kept:
    """The rows of one chain."""
    faults: list[str] = []
    try:
        key = keys.key(connection, chain)
    except Broken as wrong:
        return Kept(chain=chain, entries=(), erased=False, faults=(str(wrong),))
    stored = connection.execute(select(body.c.seq, body.c.sealed).where(body.c.chain == chain)).all()
    sealed = {row.seq: row.sealed for row in stored}
    entries = []
    rows = connection.execute(select(event.c.seq, event.c.envelope).where(event.c.chain == chain).order_by(event.c.seq))
    for row in rows:
        seq, text = int(row.seq), str(row.envelope)
        try:
            head = _envelope(text, f"event {seq}")
            found = _opened(chain, head, sealed.pop(seq, None), key)
        except SendoffError as wrong:
            faults.append(str(wrong))
        else:
            entries.append(found)
            if seq != head.seq or head.case != chain:
                faults.append(f"event {seq}: it says it is event {head.seq} of {head.case}")
    faults += [f"body {seq}: there is no event {seq} to it; the event was dropped" for seq in sorted(sealed)]
    return Kept(chain=chain, entries=tuple(entries), erased=key is None, faults=tuple(faults))


def _envelope(text: str, where: str) -> Event:
    try:
        told = json.loads(text)
        same = canonical(told).decode("utf-8", "surrogatepass") == text
    except (ValueError, TypeError, RecursionError) as wrong:
        raise Broken(f"{where}: its envelope is not readable; it was changed") from wrong
    if not same:
        raise Broken(f"{where}: its envelope is not in the canonical form; it was changed")
    return shaped(Event, told, where=where)


def _opened(chain: str, head: Event, stored: bytes | None, key: bytes | None) -> Entry:
    if key is None:
        return Entry(event=head, salt=None, body=None)
    if stored is None:
        raise Broken(f"event {head.seq}: its body is missing, and the case was not erased")
    inner = json.loads(unsealed(key, stored, f"body {head.seq} of {chain}"))
    return Entry(event=head, salt=str(inner["salt"]), body=plain(inner["body"]))


def projected(connection: Connection, chain: str) -> tuple[dict[str, object], ...]:
    """The projections of a case as they are: its own row, and then those of its steps, by name."""
    mine = connection.execute(select(case_row).where(case_row.c.chain == chain)).mappings()
    steps = connection.execute(select(step_row).where(step_row.c.chain == chain).order_by(step_row.c.step)).mappings()
    return tuple(_plain(dict(row)) for row in (*mine, *steps))


def strays(connection: Connection) -> Iterator[str]:
    """Cases that have projections and no event."""
    for table in (case_row, step_row):
        yield from connection.execute(
            select(table.c.chain).where(table.c.chain.not_in(select(event.c.chain))).distinct()
        ).scalars()


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}
