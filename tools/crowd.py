"""Many open cases that wait: one real case, chained anew under as many numbers as are asked for, in bulk.

Half of them wait for people and have no work row; the other half wait for a date and have one. Evidence is not
copied: a case that waits reads none.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, insert

from sendoff.model.case import Case
from sendoff.model.digest import canonical
from sendoff.model.envelope import GENESIS, Entry
from sendoff.model.event import Body
from sendoff.model.state import State
from sendoff.rules.chaining import chained
from sendoff.rules.folding import after, body_of
from sendoff.store.casekeys import CaseKeys, sealed
from sendoff.store.database import writing
from sendoff.store.projections import rows_of
from sendoff.store.schema import body, case_row, event, step_row, work

AT_ONCE = 500
"""Cases in one transaction."""
FAR = datetime(2090, 1, 1, tzinfo=UTC)


def crowd(engine: Engine, keys: CaseKeys, one: Sequence[Entry], many: int, *, start: int = 0) -> list[str]:
    """So many copies of a case; their numbers."""
    bodies = [(body_of(entry), entry) for entry in one]
    names = [f"W{number:08d}" for number in range(start, start + many)]
    for begin in range(0, many, AT_ONCE):
        _written(engine, keys, names[begin : begin + AT_ONCE], bodies)
    return names


def _written(engine: Engine, keys: CaseKeys, names: Sequence[str], told: Sequence[tuple[Body, Entry]]) -> None:
    events, inner, cases, steps, waits = [], [], [], [], []
    with writing(engine) as connection:
        for name in names:
            key, case = keys.made(connection, name), None
            for entry, now in _chain(name, told):
                seq, case = entry.event.seq, now
                events.append({"chain": name, "seq": seq, "envelope": canonical(entry.event).decode()})
                hidden = sealed(key, canonical({"salt": entry.salt, "body": entry.body}), f"body {seq} of {name}")
                inner.append({"chain": name, "seq": seq, "sealed": hidden})
            if case is not None:
                row, *rows = rows_of(case)
                cases.append(row)
                if int(name[1:]) % 2:
                    waits.append(_waiting(name, rows))
                steps += rows
        for table, rows in ((event, events), (body, inner), (case_row, cases), (step_row, steps), (work, waits)):
            if rows:
                connection.execute(insert(table), rows)


def _chain(name: str, told: Sequence[tuple[Body, Entry]]) -> Iterator[tuple[Entry, Case]]:
    case, prev = None, GENESIS
    for seq, (body_, entry) in enumerate(told, start=1):
        fresh = chained(
            body_, case=name, seq=seq, prev=prev, at=entry.event.at, actor=entry.event.actor, salt=os.urandom(32).hex()
        )
        case, prev = after(case, fresh.event, body_), fresh.event.digest
        yield fresh, case


def _waiting(name: str, rows: list[dict[str, object]]) -> dict[str, object]:
    """One step of this case is approved and waits for a date, some time in the next years."""
    chosen = next(row for row in rows if row["state"] == str(State.WAITING))
    chosen["state"] = str(State.APPROVED)
    until = FAR + timedelta(hours=int(name[1:]))
    return {
        "chain": name,
        "step": chosen["step"],
        "batch": -1,
        "owner": "",
        "attempt": 1,
        "lease_until": 0.0,
        "due": 0.0,
        "due_civil": until.isoformat(timespec="microseconds"),
        "major": chosen["major"],
    }
