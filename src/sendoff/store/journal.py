"""The journal: chains of events with erasable bodies, projections, and the hand-over to dispatch, in one commit."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select

from sendoff.model.case import Case
from sendoff.model.digest import canonical, plain
from sendoff.model.envelope import GENESIS, HOUSE, Entry, Event, EventKind, Registered
from sendoff.model.errors import Overtaken, Refused, TooNew
from sendoff.model.event import Body, Certified, Opened
from sendoff.model.people import PersonId
from sendoff.model.shape import shaped
from sendoff.model.state import StepId
from sendoff.ports import Ids, Work
from sendoff.store.casekeys import CaseKeys, sealed, unsealed
from sendoff.store.changes import Changes
from sendoff.store.database import again_when_torn, locked, reading, swept, writing
from sendoff.store.dispatch.embedded import EmbeddedDispatch, fenced
from sendoff.store.projections import forgotten, project
from sendoff.store.schema import body as body_table
from sendoff.store.schema import case_row, event
from sendoff.store.schema import work as work_table
from sendoff.store.versions import fits

After = Callable[[Case | None, Event, Body], Case]
Link = Callable[..., Entry]
BodyOf = Callable[[Entry], Body]
Due = Callable[[Case], Sequence[StepId]]
KEPT = 1000
"""Folds of cases that are kept in memory."""
_KINDS = frozenset(str(kind) for kind in EventKind)
_AFTER = (
    select(event.c.seq, event.c.envelope, body_table.c.sealed)
    .join(body_table, (body_table.c.chain == event.c.chain) & (body_table.c.seq == event.c.seq), isouter=True)
    .where(event.c.chain == bindparam("of"), event.c.seq > bindparam("beyond"))
    .order_by(event.c.seq)
)
"""Made once: it is asked before every deed, and to build it takes longer than to answer it."""
_EVENT, _BODY = insert(event), insert(body_table)


class SqlJournal:
    """Answers the port Journal on SQL. The arrows (fold, link, due) come from outside: the store knows no rules."""

    def __init__(
        self,
        engine: Engine,
        keys: CaseKeys,
        ids: Ids,
        dispatch: EmbeddedDispatch,
        *,
        after: After,
        link: Link,
        body_of: BodyOf,
        due: Due,
    ) -> None:
        self._engine, self._keys, self._ids, self._dispatch = engine, keys, ids, dispatch
        self._after, self._link, self._body_of, self._due = after, link, body_of, due
        self._folded: dict[str, Case] = {}

    @again_when_torn
    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """The first event of a new chain, and its line in the house register."""
        if not isinstance(body, Opened):
            raise Refused("a case begins with being opened")
        with writing(self._engine) as connection:
            locked(connection, case)
            fits(connection)
            if self._rows(connection, case, 0):
                raise Refused(f"case {case} exists already")
            self._keys.made(connection, case)
            opened = self._grow(connection, case, None, [body], actor, at)
            self._register(connection, _line(opened, "opened"), actor, at)
        self._keep(opened)
        return opened

    @again_when_torn
    def append(
        self,
        case: str,
        seen: int | None,
        bodies: Sequence[Body],
        *,
        actor: PersonId,
        at: datetime,
        work: Work | None = None,
    ) -> Case:
        """One transaction: fence, fold, events, bodies, projections, dispatch. Refused leaves nothing behind."""
        with writing(self._engine) as connection:
            locked(connection, case)
            fits(connection)
            now = self._current(connection, case)
            if seen is not None and now.seq != seen:
                raise Overtaken(
                    f"case {case} moved on meanwhile (event {now.seq}, not {seen}); look again and decide anew"
                )
            if work is not None:
                fenced(connection, work)
            grown = self._grow(connection, case, now, bodies, actor, max(at, now.at))
            if any(isinstance(one, Certified) for one in bodies):
                self._register(connection, _line(grown, "closed"), actor, at)
        self._keep(grown)
        return grown

    def load(self, case: str) -> Case:
        """The fold of a case."""
        with reading(self._engine) as connection:
            found = self._current(connection, case)
        self._keep(found)
        return found

    def entries(self, case: str) -> tuple[Entry, ...]:
        """The chain as stored."""
        with reading(self._engine) as connection:
            return self._rows(connection, case, 0)

    @property
    def engine(self) -> Engine:
        """The database it stands on."""
        return self._engine

    def changes(self) -> Changes:
        """A watcher of its own: whether anything was written since it last asked."""
        return Changes(self._engine)

    def close(self) -> None:
        """Hang up on the database."""
        self._engine.dispose()

    def cases(self) -> tuple[str, ...]:
        """Every case, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(case_row.c.chain).order_by(case_row.c.opened_at, case_row.c.chain))
            return tuple(row.chain for row in rows)

    def heads(self) -> Mapping[str, int]:
        """Every case with the number of its newest event, oldest case first."""
        with reading(self._engine) as connection:
            asked = select(case_row.c.chain, case_row.c.seq).order_by(case_row.c.opened_at, case_row.c.chain)
            return {row.chain: row.seq for row in connection.execute(asked)}

    def fold(self, case: str) -> Case:
        """The fold of a case, of which nothing is kept."""
        with reading(self._engine) as connection:
            return self._current(connection, case)

    def register(self) -> tuple[Entry, ...]:
        """The house register."""
        return self.entries(HOUSE)

    @again_when_torn
    def erase(self, case: str, *, actor: PersonId, at: datetime) -> None:
        """Throw the case's key away: bodies are gone, also from the log and the free pages; the chain holds, and the
        house register says who erased it and when. Refused while a legal hold is on anything of the case."""
        with writing(self._engine) as connection:
            locked(connection, case)
            if self._keys.key(connection, case) is not None:
                _unheld(self._current(connection, case))
            self.erased(connection, case, actor, at)
        swept(self._engine)

    def erased(self, connection: Connection, case: str, actor: PersonId, at: datetime) -> None:
        """The same, in the transaction of this connection."""
        last = connection.execute(
            select(event.c.envelope).where(event.c.chain == case).order_by(event.c.seq.desc()).limit(1)
        ).scalar()
        if last is None:
            raise Refused(f"there is no case {case}; `sendoff case list` shows them")
        self._keys.thrown_away(connection, case)
        forgotten(connection, case)
        connection.execute(delete(work_table).where(work_table.c.chain == case))
        self._folded.pop(case, None)
        head = _envelope(case, last)
        self._register(connection, Registered(case=case, what="erased", seq=head.seq, head=head.digest), actor, at)

    def rebuild(self) -> None:
        """Drop the projections and write them anew from the events."""
        with writing(self._engine) as connection:
            self.rebuilt(connection)

    def rebuilt(self, connection: Connection) -> None:
        """The same, in the transaction of this connection."""
        chains = connection.execute(select(event.c.chain).where(event.c.chain != HOUSE).distinct()).scalars().all()
        for chain in sorted(chains):
            locked(connection, chain)
            forgotten(connection, chain)
            if self._keys.key(connection, chain) is not None:
                self._folded.pop(chain, None)
                project(connection, None, self._current(connection, chain))

    def _keep(self, found: Case) -> None:
        """Keep a fold, and let go of the one that was first kept when there are too many; it costs a fold at most."""
        self._folded[found.id] = found
        many = len(self._folded) - KEPT
        for first in tuple(self._folded)[:many] if many > 0 else ():
            self._folded.pop(first, None)

    def _current(self, connection: Connection, case: str) -> Case:
        known = self._folded.get(case)
        for entry in self._rows(connection, case, known.seq if known else 0):
            known = self._after(known, entry.event, self._body_of(entry))
        if known is None:
            raise Refused(f"there is no case {case}; `sendoff case list` shows them")
        return known

    def _grow(
        self,
        connection: Connection,
        chain: str,
        now: Case | None,
        bodies: Sequence[Body],
        actor: PersonId,
        at: datetime,
    ) -> Case:
        before = now
        for one in bodies:
            seq, prev = (now.seq + 1, now.head) if now else (1, GENESIS)
            entry = self._link(one, case=chain, seq=seq, prev=prev, at=at, actor=actor, salt=self._ids.salt())
            now = self._after(now, entry.event, one)
            self._write(connection, entry)
        if now is None:
            raise Refused("nothing to append")
        project(connection, before, now)
        self._dispatch.handed_out(connection, now.id, self._due(now))
        return now

    def _write(self, connection: Connection, entry: Entry) -> None:
        chain, seq = entry.event.case, entry.event.seq
        connection.execute(_EVENT, {"chain": chain, "seq": seq, "envelope": canonical(entry.event).decode()})
        key = self._keys.key(connection, chain) or self._keys.made(connection, chain)
        inner = canonical({"salt": entry.salt, "body": entry.body})
        about = f"body {seq} of {chain}"
        connection.execute(_BODY, {"chain": chain, "seq": seq, "sealed": sealed(key, inner, about)})

    def _rows(self, connection: Connection, chain: str, beyond: int) -> tuple[Entry, ...]:
        rows = connection.execute(_AFTER, {"of": chain, "beyond": beyond}).all()
        key = self._keys.key(connection, chain) if rows else None
        return tuple(_entry(chain, row.seq, row.envelope, row.sealed, key) for row in rows)

    def _register(self, connection: Connection, line: Registered, actor: PersonId, at: datetime) -> None:
        locked(connection, HOUSE)
        count = connection.execute(select(func.max(event.c.seq)).where(event.c.chain == HOUSE)).scalar() or 0
        last = self._rows(connection, HOUSE, count - 1)
        prev = last[-1].event.digest if last else GENESIS
        moment = max(at, last[-1].event.at) if last else at
        self._write(
            connection,
            self._link(line, case=HOUSE, seq=count + 1, prev=prev, at=moment, actor=actor, salt=self._ids.salt()),
        )


def _line(case: Case, what: str) -> Registered:
    return Registered(case=case.id, what=what, seq=case.seq, head=case.head)


def _unheld(case: Case) -> None:
    if case.facts.holds:
        raise Refused(f"case {case.id} is not erased: {case.facts.holds[0].said}")


def _entry(chain: str, seq: int, envelope: str, stored: bytes | None, key: bytes | None) -> Entry:
    head = _envelope(chain, envelope)
    if stored is None or key is None:
        return Entry(event=head, salt=None, body=None)
    inner = json.loads(unsealed(key, stored, f"body {seq} of {chain}"))
    return Entry(event=head, salt=str(inner["salt"]), body=plain(inner["body"]))


def _envelope(chain: str, text: str) -> Event:
    """The envelope as its noun; TooNew when it is of a version or a kind that this program does not know."""
    told = json.loads(text)
    kind = str(told.get("kind"))
    if kind not in _KINDS or told.get("v") != 1:
        raise TooNew(
            f"{chain} event {told.get('seq')} is of kind {kind!r}, version {told.get('v')}, which this program does "
            "not know. A newer program wrote it: the case is left as it is; install the newer program"
        )
    return shaped(Event, told, where=f"{chain} event {told.get('seq')}")
