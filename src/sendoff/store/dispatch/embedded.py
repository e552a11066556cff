"""The embedded answer to Dispatch: rows in the same database, and workers that look for them. Nothing to install.

The rows are the fence on either database; what tells a worker to look (here its own looking, elsewhere a job) is only
a hint.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, exists, select

from sendoff.model.errors import LeaseLost
from sendoff.model.state import State, StepId
from sendoff.ports import LEASE, Clock, Piece, Work
from sendoff.store.database import again_when_torn, is_server, reading, writing
from sendoff.store.dispatch.pieces import (
    DUE,
    FREED,
    GONE,
    MADE,
    MARKED,
    WHOSE,
    Asked,
    Timed,
    Told,
    held_by,
    made,
    named,
    written,
)
from sendoff.store.schema import case_row, step_row, work

BRISK, CALM = 0.05, 1.0
"""Seconds between two looks for changes of others: soon after something happened, and otherwise."""
LIVELY = 5.0
"""Seconds after a change in which more are expected."""
_MOVES = tuple(str(state) for state in (State.APPROVED, State.RUNNING, State.HELD))


def fenced(connection: Connection, piece: Work) -> None:
    """LeaseLost unless this worker still holds the piece, by owner and attempt. The row is locked until the end."""
    row = connection.execute(WHOSE, named(piece.case, piece.step, piece.batch)).first()
    if row is None or (row.owner, row.attempt) != (piece.owner, piece.attempt):
        raise LeaseLost(f"{piece.case} {piece.step}: the lease on this piece of work is lost; another worker has it")


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
        self.engine, self.lease = engine, lease
        self._timed = Timed(engine, clock, versions, lease_clock)
        self._watch: Connection | None = None
        self._version, self._stirred = -1, 0.0

    # ---- handing out ---------------------------------------------------------------------------------------------

    def handed_out(self, connection: Connection, case: str, steps: Sequence[StepId]) -> None:
        """Rows for steps the robot may move, in the transaction that made them so. A piece that is held stays held."""
        pieces = [(case, step, -1) for step in steps]
        self._due(connection, pieces)
        self._hint(connection, pieces)

    @again_when_torn
    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        """Make rows for these pieces, make the ones that nobody holds due, and mark the ones that are held. Of many
        pieces those that lie there due already are left alone."""
        with writing(self.engine) as connection:
            there = self._there(connection, case, step, batches, civil) if len(batches) > 1 else frozenset()
            pieces = [(case, step, batch) for batch in sorted(set(batches) - there)]
            if pieces:
                # Marked first: who lets go meanwhile is met as free, and who takes one meanwhile sees what is new.
                connection.execute(MARKED, [named(*piece) for piece in pieces])
            self._due(connection, pieces, written(civil))
            self._hint(connection, pieces)

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
            work.c.due_civil == written(civil),
        )
        return frozenset(connection.execute(asked).scalars())

    def _due(self, connection: Connection, pieces: Sequence[Piece], civil: str = "") -> None:
        """Rows for these pieces, due at that moment where nobody holds them."""
        if pieces:
            connection.execute(MADE[is_server(connection)], [made(piece, civil) for piece in pieces])
            connection.execute(DUE, [{**named(*piece), "civil": civil} for piece in pieces])

    def _hint(self, connection: Connection, pieces: Iterable[tuple[str, str, int]], *, seconds: float = 0.0) -> None:
        """Somebody should look at these. Here workers look by themselves."""

    # ---- taking and letting go -----------------------------------------------------------------------------------

    def take(self, owner: str, *, case: str | None = None, piece: Piece | None = None) -> Work | None:
        """One due piece that nobody holds, or whose holder's lease ran out: of a case, or a certain one."""
        (asked, locking), told = self._timed.due(case, piece)
        with reading(self.engine) as connection:
            # To look costs no place in the queue of writers; to take does.
            if connection.execute(asked, told).first() is None:
                return None
        return self._taken(owner, locking, told)

    @again_when_torn
    def _taken(self, owner: str, asked: Asked, told: Told) -> Work | None:
        with writing(self.engine) as connection:
            row = connection.execute(asked, told).first()
            if row is None:
                return None
            step, life = StepId(row.step), row.attempt + 1
            mine = Work(case=row.chain, step=step, batch=row.batch, owner=owner, attempt=life)
            connection.execute(self._timed.taken, self._lasting(mine))
        return mine

    @again_when_torn
    def renew(self, piece: Work) -> bool:
        """Keep the lease; False when it is lost."""
        with writing(self.engine) as connection:
            return connection.execute(self._timed.kept, self._lasting(piece)).rowcount == 1

    def _lasting(self, piece: Work) -> Told:
        return {**held_by(piece), **self._timed.moment(), "lease": self.lease}

    def held(self, case: str) -> float:
        """Seconds until the first lease of a case runs out."""
        with reading(self.engine) as connection:
            found = connection.execute(self._timed.left, {**self._timed.moment(), "of": case}).scalar()
        return max(0.0, float(found)) if found is not None else 0.0

    def quiet(self, case: str) -> bool:
        """True when nobody holds a piece of this case and none is due."""
        with reading(self.engine) as connection:
            return connection.execute(self._timed.astir, {**self._timed.moment(), "of": case}).scalar() is not True

    @again_when_torn
    def later(self, piece: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        """Let go for a while; not at all when somebody asked for it meanwhile."""
        with writing(self.engine) as connection:
            if not self._asked_for(connection, piece):
                told = {**held_by(piece), **self._timed.moment(), "seconds": seconds, "civil": written(civil)}
                let_go = connection.execute(self._timed.let_go, told).rowcount == 1
                if let_go and civil is None:
                    self._hint(connection, [(piece.case, piece.step, piece.batch)], seconds=seconds)

    @again_when_torn
    def done(self, piece: Work) -> None:
        """The row goes, unless the piece is another's by now, or somebody asked for it meanwhile."""
        with writing(self.engine) as connection:
            if not self._asked_for(connection, piece):
                connection.execute(GONE, held_by(piece))

    def _asked_for(self, connection: Connection, piece: Work) -> bool:
        """True when it was asked for while it was held: then it is free, and due at once."""
        if connection.execute(FREED, held_by(piece)).rowcount != 1:
            return False
        self._hint(connection, [(piece.case, piece.step, piece.batch)])
        return True

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
            pieces = [(case, step, -1) for case, step in found]
            self._due(connection, pieces)
            self._hint(connection, pieces)
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
            return connection.execute(self._timed.any_due, self._timed.moment()).scalar() is True

    def _changed(self) -> bool:
        """True when the file was written by another connection since the last time: SQLite keeps count."""
        if self._watch is None:
            self._watch = self.engine.connect()
        found = int(self._watch.exec_driver_sql("PRAGMA data_version").scalar() or 0)
        before, self._version = self._version, found
        return found != before
