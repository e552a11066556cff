"""The embedded answer to Dispatch: the worker looks for ready rows itself. Nothing to install."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from sendoff.model.errors import Refused
from sendoff.model.state import StepId
from sendoff.ports import LEASE, Clock, Work
from sendoff.store.database import reading, writing
from sendoff.store.schema import work

WANTED = -1.0
"""`due` of a piece that somebody asked for while it is held: it is looked at once more when its holder lets go."""


def fenced(connection: Connection, piece: Work) -> None:
    """Refused unless this worker still holds the piece, by owner and attempt."""
    row = connection.execute(
        select(work.c.owner, work.c.attempt).where(
            work.c.chain == piece.case, work.c.step == piece.step, work.c.batch == piece.batch
        )
    ).first()
    if row is None or (row.owner, row.attempt) != (piece.owner, piece.attempt):
        raise Refused(f"{piece.case} {piece.step}: the lease on this piece of work is lost; another worker has it")


def handed_out(connection: Connection, case: str, steps: Sequence[StepId]) -> None:
    """Rows for steps the robot may move, in the transaction that made them so. A piece that is held stays held."""
    for step in steps:
        where = (work.c.chain == case, work.c.step == step, work.c.batch == -1)
        row = connection.execute(select(work.c.owner).where(*where)).first()
        if row is None:
            connection.execute(insert(work).values(**_fresh(case, step, -1, "")))
        elif not row.owner:
            connection.execute(update(work).where(*where).values(due=0.0, due_civil=""))


def _fresh(case: str, step: StepId, batch: int, civil: str) -> dict[str, object]:
    return {
        "chain": case,
        "step": step,
        "batch": batch,
        "owner": "",
        "attempt": 0,
        "lease_until": 0.0,
        "due": 0.0,
        "due_civil": civil,
    }


def _written(moment: datetime | None) -> str:
    """A civil moment as text that sorts like the moment: always in UTC, always with the same number of digits."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


class EmbeddedDispatch:
    """Answers the port Dispatch with rows in the same database."""

    def __init__(self, engine: Engine, clock: Clock, *, lease_clock: Callable[[], float] = time.time) -> None:
        self._engine, self._clock, self._time = engine, clock, lease_clock

    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        """Make rows for these pieces, make the ones that nobody holds due, and mark the ones that are held."""
        moment = _written(civil)
        with writing(self._engine) as connection:
            for batch in batches:
                where = (work.c.chain == case, work.c.step == step, work.c.batch == batch)
                row = connection.execute(select(work.c.owner).where(*where)).first()
                if row is None:
                    connection.execute(insert(work).values(**_fresh(case, step, batch, moment)))
                elif not row.owner:
                    connection.execute(update(work).where(*where).values(due=0.0, due_civil=moment))
                else:
                    connection.execute(update(work).where(*where).values(due=WANTED))

    def take(self, owner: str, *, case: str | None = None) -> Work | None:
        """One due piece that nobody holds, or whose holder's lease ran out."""
        now, civil = self._time(), _written(self._clock.now())
        asked = select(work).where(work.c.due <= now, work.c.lease_until <= now, work.c.due_civil <= civil)
        if case is not None:
            asked = asked.where(work.c.chain == case)
        with writing(self._engine) as connection:
            row = connection.execute(asked.order_by(work.c.chain, work.c.step, work.c.batch).limit(1)).first()
            if row is None:
                return None
            connection.execute(
                update(work)
                .where(work.c.chain == row.chain, work.c.step == row.step, work.c.batch == row.batch)
                .values(owner=owner, attempt=row.attempt + 1, due=0.0, lease_until=now + LEASE.total_seconds())
            )
        return Work(case=row.chain, step=StepId(row.step), batch=row.batch, owner=owner, attempt=row.attempt + 1)

    def renew(self, piece: Work) -> bool:
        """Keep the lease; False when it is lost."""
        return self._set(piece, lease_until=self._time() + LEASE.total_seconds())

    def held(self, case: str) -> float:
        """Seconds until the first lease of a case runs out."""
        now = self._time()
        asked = select(func.min(work.c.lease_until)).where(work.c.chain == case, work.c.owner != "")
        with reading(self._engine) as connection:
            until = connection.execute(asked).scalar()
        return max(0.0, float(until) - now) if until is not None else 0.0

    def later(self, piece: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        """Let go for a while; not at all when somebody asked for it meanwhile."""
        with writing(self._engine) as connection:
            if not self._asked_for(connection, piece):
                free = {"owner": "", "lease_until": 0.0, "due": self._time() + seconds, "due_civil": _written(civil)}
                connection.execute(update(work).where(*self._held(piece)).values(**free))

    def done(self, piece: Work) -> None:
        """The row goes, unless the piece is another's by now, or somebody asked for it meanwhile."""
        with writing(self._engine) as connection:
            if not self._asked_for(connection, piece):
                connection.execute(delete(work).where(*self._held(piece)))

    def _asked_for(self, connection: Connection, piece: Work) -> bool:
        """True when it was asked for while it was held: then it is free, and due at once."""
        free = {"owner": "", "lease_until": 0.0, "due": 0.0, "due_civil": ""}
        asked = update(work).where(*self._held(piece), work.c.due == WANTED).values(**free)
        return connection.execute(asked).rowcount == 1

    def _set(self, piece: Work, **values: object) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(update(work).where(*self._held(piece)).values(**values)).rowcount == 1

    @staticmethod
    def _held(piece: Work) -> tuple[ColumnElement[bool], ...]:
        return (
            work.c.chain == piece.case,
            work.c.step == piece.step,
            work.c.batch == piece.batch,
            work.c.owner == piece.owner,
            work.c.attempt == piece.attempt,
        )
