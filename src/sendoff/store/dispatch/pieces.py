"""The statements on rows of work, and what they are told. They are made once: to build one takes longer than to answer
it, and each piece of work takes a dozen."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Double,
    Engine,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sendoff.model.state import StepId
from sendoff.ports import Clock, Piece, Work
from sendoff.store.database import FORGOTTEN, is_server, lease_now
from sendoff.store.schema import step_row, work

Told = dict[str, object]
"""The values of a statement's parameters."""
Asked = Select[tuple[str, str, int, int]]
Both = tuple[Asked, Asked]
"""To look whether there is a piece, and to take it: then its row is locked."""
WANTED = -1.0
"""`due` of a piece that somebody asked for while it is held: it is looked at once more when its holder lets go."""

_PIECE = (work.c.chain == bindparam("of"), work.c.step == bindparam("named"), work.c.batch == bindparam("number"))
_HELD = (*_PIECE, work.c.owner == bindparam("holder"), work.c.attempt == bindparam("life"))
_MAJOR = select(step_row.c.major).where(step_row.c.chain == bindparam("of"), step_row.c.step == bindparam("named"))
MADE = {
    server: (postgresql if server else sqlite)
    .insert(work)
    .values(owner="", attempt=0, lease_until=0.0, due=0.0, major=func.coalesce(_MAJOR.scalar_subquery(), 1))
    .on_conflict_do_nothing()
    for server in (True, False)
}
"""A row that nobody holds; told by `made`."""
DUE = update(work).where(*_PIECE, work.c.owner == "").values(due=0.0, due_civil=bindparam("civil"))
"""Due, where nobody holds it; told by `named` and `civil`."""
MARKED = update(work).where(*_PIECE, work.c.owner != "").values(due=WANTED)
"""Wanted, where somebody holds it."""
WHOSE = select(work.c.owner, work.c.attempt).where(*_PIECE).with_for_update()
"""Who holds it; both told by `named`."""
FREED = update(work).where(*_HELD, work.c.due == WANTED).values(owner="", lease_until=0.0, due=0.0, due_civil="")
"""Let go, and due at once, where somebody asked for it meanwhile."""
GONE = delete(work).where(*_HELD)
"""Both told by `held_by`."""


def named(case: str, step: str, batch: int) -> Told:
    """Which piece."""
    return {"of": case, "named": step, "number": batch}


def held_by(piece: Work) -> Told:
    """Which piece, as long as this worker holds it in this life."""
    return {**named(piece.case, piece.step, piece.batch), "holder": piece.owner, "life": piece.attempt}


def made(piece: Piece, civil: str) -> Told:
    """A new row."""
    case, step, batch = piece
    return {"chain": case, "step": step, "batch": batch, "due_civil": civil, "of": case, "named": step}


def written(moment: datetime | None) -> str:
    """A civil moment as text that sorts like the moment: always in UTC, always with the same number of digits."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


class Timed:
    """The statements that ask what time it is, which `moment` tells: civil time by the clock, and lease time by the
    server's clock, where it has one, or by this machine's."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        versions: Mapping[StepId, int] | None,
        lease_clock: Callable[[], float] | None,
    ) -> None:
        self._clock = clock
        self._lease_now = lease_clock or (None if is_server(engine) else time.monotonic)
        now: ColumnElement[float] = bindparam("now", type_=Double()) if self._lease_now else lease_now(engine)
        until = now + bindparam("lease", type_=Double())
        put_off = now + bindparam("seconds", type_=Double())
        taken = {"owner": bindparam("holder"), "attempt": bindparam("life"), "due": 0.0, "lease_until": until}
        let_go = {"owner": "", "lease_until": 0.0, "due": put_off, "due_civil": bindparam("civil")}
        of_case = work.c.chain == bindparam("of")
        self.overdue = _overdue(now, versions)
        self.taken = update(work).where(*_PIECE).values(**taken)
        self.kept = update(work).where(*_HELD).values(lease_until=until)
        self.let_go = update(work).where(*_HELD).values(**let_go)
        self.left = select(func.min(work.c.lease_until) - now).where(of_case, work.c.owner != "")
        self.astir = select(exists().where(of_case, or_(work.c.owner != "", and_(*self.overdue))))
        self.any_due = select(exists().where(and_(*self.overdue)))
        every = select(work.c.chain, work.c.step, work.c.batch, work.c.attempt).where(*self.overdue)
        by_age = (work.c.due_civil, work.c.due, work.c.chain, work.c.step, work.c.batch)
        self._every = _both(every.order_by(*by_age).limit(1))
        self._of_case = _both(every.where(of_case).order_by(work.c.step, work.c.batch).limit(1))
        self._certain = _both(every.where(*_PIECE))

    def moment(self) -> Told:
        """What time it is."""
        civil: Told = {"civil_now": written(self._clock.now())}
        return {**civil, "now": self._lease_now()} if self._lease_now else civil

    def due(self, case: str | None, piece: Piece | None) -> tuple[Both, Told]:
        """What is due and nobody holds: a certain piece, one of a case, or one of any."""
        if piece is not None:
            return self._certain, {**self.moment(), **named(*piece)}
        if case is not None:
            return self._of_case, {**self.moment(), "of": case}
        return self._every, self.moment()


def _both(asked: Asked) -> Both:
    return asked, asked.with_for_update(skip_locked=True)


def _overdue(now: ColumnElement[float], versions: Mapping[StepId, int] | None) -> tuple[ColumnElement[bool], ...]:
    clauses = [
        work.c.due_civil <= bindparam("civil_now"),
        or_(work.c.due <= now, work.c.due > now + FORGOTTEN),
        or_(work.c.lease_until <= now, work.c.lease_until > now + FORGOTTEN),
    ]
    if versions is not None:
        clauses.append(tuple_(work.c.step, work.c.major).in_(sorted(versions.items())))
    return tuple(clauses)
