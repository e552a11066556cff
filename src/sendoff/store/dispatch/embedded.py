"""The embedded answer to Dispatch: rows in the same database, and workers that look for them. Nothing to install.

The rows are the fence on either database; what tells a worker to look (here its own looking, elsewhere a job) is only
a hint.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sendoff.model.errors import LeaseLost
from sendoff.model.state import State, StepId
from sendoff.ports import LEASE, Clock, Work
from sendoff.store.database import FORGOTTEN, again_when_torn, is_server, lease_now, reading, writing
from sendoff.store.schema import case_row, step_row, work

WANTED = -1.0
"""`due` of a piece that somebody asked for while it is held: it is looked at once more when its holder lets go."""
BRISK, CALM = 0.05, 1.0
"""Seconds between two looks for changes of others: soon after something happened, and otherwise."""
LIVELY = 5.0
"""Seconds after a change in which more are expected."""
_MOVES = tuple(str(state) for state in (State.APPROVED, State.RUNNING, State.HELD))


def fenced(connection: Connection, piece: Work) -> None:
    """LeaseLost unless this worker still holds the piece, by owner and attempt. The row is locked until the end."""
    asked = select(work.c.owner, work.c.attempt).where(*_piece(piece.case, piece.step, piece.batch)).with_for_update()
    row = connection.execute(asked).first()
    if row is None or (row.owner, row.attempt) != (piece.owner, piece.attempt):
        raise LeaseLost(f"{piece.case} {piece.step}: the lease on this piece of work is lost; another worker has it")


def _written(moment: datetime | None) -> str:
    """A civil moment as text that sorts like the moment: always in UTC, always with the same number of digits."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


def _piece(case: str, step: str, batch: int) -> tuple[ColumnElement[bool], ...]:
    return work.c.chain == case, work.c.step == step, work.c.batch == batch


def _held(piece: Work) -> tuple[ColumnElement[bool], ...]:
    return (
        *_piece(piece.case, piece.step, piece.batch),
        work.c.owner == piece.owner,
        work.c.attempt == piece.attempt,
    )


class EmbeddedDispatch:
    """Answers the port Dispatch with rows in the same database. `versions` names the major of each step's code that
    this build has: a piece for another one is left to a build that can; None takes all."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        lease: float = LEASE.total_seconds(),
        versions: Mapping[StepId, int] | None = None,
        lease_clock: Callable[[], float] | None = None,
    ) -> None:
        self.engine, self._clock, self.lease = engine, clock, lease
        self._versions, self._lease_clock = versions, lease_clock
        self._watch: Connection | None = None
        self._version, self._stirred = -1, 0.0

    # ---- handing out ---------------------------------------------------------------------------------------------

    def handed_out(self, connection: Connection, case: str, steps: Sequence[StepId]) -> None:
        """Rows for steps the robot may move, in the transaction that made them so. A piece that is held stays held."""
        for step in steps:
            self._due(connection, case, step, -1, "", mark=False)
        self._hint(connection, [(case, step, -1) for step in steps])

    @again_when_torn
    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        """Make rows for these pieces, make the ones that nobody holds due, and mark the ones that are held. Of many
        pieces those that lie there due already are left alone."""
        with writing(self.engine) as connection:
            there = self._there(connection, case, step, batches, civil) if len(batches) > 1 else frozenset()
            fresh = sorted(set(batches) - there)
            for batch in fresh:
                self._due(connection, case, step, batch, _written(civil), mark=True)
            self._hint(connection, [(case, step, batch) for batch in fresh])

    def _there(
        self, connection: Connection, case: str, step: StepId, batches: Sequence[int], civil: datetime | None
    ) -> frozenset[int]:
        """Those of these pieces that are due, and that nobody holds."""
        asked = select(work.c.batch).where(
            work.c.chain == case,
            work.c.step == step,
            work.c.batch.in_(batches),
            work.c.owner == "",
            work.c.due == 0.0,
            work.c.due_civil == _written(civil),
        )
        return frozenset(connection.execute(asked).scalars())

    def _due(self, connection: Connection, case: str, step: StepId, batch: int, civil: str, *, mark: bool) -> None:
        fresh = {"chain": case, "step": step, "batch": batch, "owner": "", "attempt": 0, "lease_until": 0.0}
        major = select(step_row.c.major).where(step_row.c.chain == case, step_row.c.step == step).scalar_subquery()
        into = (postgresql if is_server(connection) else sqlite).insert(work)
        made = into.values(**fresh, due=0.0, due_civil=civil, major=func.coalesce(major, 1)).on_conflict_do_nothing()
        if connection.execute(made).rowcount == 1:
            return
        where = _piece(case, step, batch)
        free = connection.execute(update(work).where(*where, work.c.owner == "").values(due=0.0, due_civil=civil))
        if mark and free.rowcount == 0:
            connection.execute(update(work).where(*where).values(due=WANTED))

    def _hint(self, connection: Connection, pieces: Iterable[tuple[str, str, int]], *, seconds: float = 0.0) -> None:
        """Somebody should look at these. Here workers look by themselves."""

    # ---- taking and letting go -----------------------------------------------------------------------------------

    def take(self, owner: str, *, case: str | None = None, piece: tuple[str, str, int] | None = None) -> Work | None:
        """One due piece that nobody holds, or whose holder's lease ran out: of a case, or a certain one."""
        asked = self._open(case, piece)
        with reading(self.engine) as connection:
            # To look costs no place in the queue of writers; to take does.
            if connection.execute(asked).first() is None:
                return None
        return self._taken(owner, asked)

    def _open(self, case: str | None, piece: tuple[str, str, int] | None) -> "Select[tuple[str, str, int, int]]":
        asked = select(work.c.chain, work.c.step, work.c.batch, work.c.attempt).where(*self._overdue())
        if piece is not None:
            return asked.where(*_piece(*piece))
        if case is not None:
            return asked.where(work.c.chain == case).order_by(work.c.step, work.c.batch).limit(1)
        return asked.order_by(work.c.due_civil, work.c.due, work.c.chain, work.c.step, work.c.batch).limit(1)

    def _overdue(self) -> tuple[ColumnElement[bool], ...]:
        now = self._now()
        clauses = [
            work.c.due_civil <= _written(self._clock.now()),
            or_(work.c.due <= now, work.c.due > now + FORGOTTEN),
            or_(work.c.lease_until <= now, work.c.lease_until > now + FORGOTTEN),
        ]
        if self._versions is not None:
            clauses.append(tuple_(work.c.step, work.c.major).in_(sorted(self._versions.items())))
        return tuple(clauses)

    @again_when_torn
    def _taken(self, owner: str, asked: "Select[tuple[str, str, int, int]]") -> Work | None:
        with writing(self.engine) as connection:
            row = connection.execute(asked.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            until = self._now() + self.lease
            connection.execute(
                update(work)
                .where(*_piece(row.chain, row.step, row.batch))
                .values(owner=owner, attempt=row.attempt + 1, due=0.0, lease_until=until)
            )
        return Work(case=row.chain, step=StepId(row.step), batch=row.batch, owner=owner, attempt=row.attempt + 1)

    @again_when_torn
    def renew(self, piece: Work) -> bool:
        """Keep the lease; False when it is lost."""
        with writing(self.engine) as connection:
            kept = update(work).where(*_held(piece)).values(lease_until=self._now() + self.lease)
            return connection.execute(kept).rowcount == 1

    def held(self, case: str) -> float:
        """Seconds until the first lease of a case runs out."""
        left = func.min(work.c.lease_until) - self._now()
        with reading(self.engine) as connection:
            found = connection.execute(select(left).where(work.c.chain == case, work.c.owner != "")).scalar()
        return max(0.0, float(found)) if found is not None else 0.0

    def quiet(self, case: str) -> bool:
        """True when nobody holds a piece of this case and none is due."""
        mine = work.c.chain == case
        asked = select(exists().where(mine, or_(work.c.owner != "", and_(*self._overdue()))))
        with reading(self.engine) as connection:
            return connection.execute(asked).scalar() is not True

    @again_when_torn
    def later(self, piece: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        """Let go for a while; not at all when somebody asked for it meanwhile."""
        with writing(self.engine) as connection:
            if not self._asked_for(connection, piece):
                free = {"owner": "", "lease_until": 0.0, "due": self._now() + seconds, "due_civil": _written(civil)}
                let_go = connection.execute(update(work).where(*_held(piece)).values(**free)).rowcount == 1
                if let_go and civil is None:
                    self._hint(connection, [(piece.case, piece.step, piece.batch)], seconds=seconds)

    @again_when_torn
    def done(self, piece: Work) -> None:
        """The row goes, unless the piece is another's by now, or somebody asked for it meanwhile."""
        with writing(self.engine) as connection:
            if not self._asked_for(connection, piece):
                connection.execute(delete(work).where(*_held(piece)))

    def _asked_for(self, connection: Connection, piece: Work) -> bool:
        """True when it was asked for while it was held: then it is free, and due at once."""
        free = {"owner": "", "lease_until": 0.0, "due": 0.0, "due_civil": ""}
        asked = update(work).where(*_held(piece), work.c.due == WANTED).values(**free)
        if connection.execute(asked).rowcount != 1:
            return False
        self._hint(connection, [(piece.case, piece.step, piece.batch)])
        return True

    def _now(self) -> ColumnElement[float]:
        return literal(self._lease_clock()) if self._lease_clock else lease_now(self.engine)

    # ---- what nobody told --------------------------------------------------------------------------------------

    @again_when_torn
    def sweep(self) -> int:
        """Hand out every step that the robot may move and that has no row: a hint may be lost, a step never is.
        Answers how many there were."""
        rowless = ~exists().where(work.c.chain == step_row.c.chain, work.c.step == step_row.c.step)
        asked = (
            select(step_row.c.chain, step_row.c.step)
            .join(case_row, case_row.c.chain == step_row.c.chain)
            .where(step_row.c.state.in_(_MOVES), case_row.c.halted.is_(False), case_row.c.outcome == "", rowless)
        )
        with reading(self.engine) as connection:
            if connection.execute(asked.limit(1)).first() is None:
                return 0
        with writing(self.engine) as connection:
            found = [(row.chain, StepId(row.step)) for row in connection.execute(asked)]
            for case, step in found:
                self._due(connection, case, step, -1, "", mark=False)
            self._hint(connection, [(case, step, -1) for case, step in found])
        return len(found)

    def wait(self, seconds: float, stopping: threading.Event) -> bool:
        """Until another connection wrote something, or so many seconds. True when there is a piece to take."""
        until = time.monotonic() + seconds
        while not stopping.is_set():
            now = time.monotonic()
            lively = now < self._stirred + LIVELY
            stopping.wait(min(BRISK if lively else CALM, max(0.0, until - now)))
            if self._changed():
                self._stirred = time.monotonic()
                return self._due_now()
            if time.monotonic() >= until:
                return self._due_now()
        return False

    def _due_now(self) -> bool:
        with reading(self.engine) as connection:
            return connection.execute(select(exists().where(and_(*self._overdue())))).scalar() is True

    def _changed(self) -> bool:
        """True when the file was written by another connection since the last time: SQLite keeps count."""
        if self._watch is None:
            self._watch = self.engine.connect()
        found = int(self._watch.exec_driver_sql("PRAGMA data_version").scalar() or 0)
        before, self._version = self._version, found
        return found != before
