"""Rows for screens, rewritten from the folded case in the same transaction; dropped and rebuilt they come out equal."""

from sqlalchemy import Connection, bindparam, delete, insert, update

from sendoff.model.case import Case, Standing
from sendoff.model.state import SETTLED, State
from sendoff.store.schema import case_row, step_row

# Made once: they are written at every move.
_OF_CASE = update(case_row).where(case_row.c.chain == bindparam("of"))
_OF_STEP = update(step_row).where(step_row.c.chain == bindparam("of"), step_row.c.step == bindparam("named"))


def forgotten(connection: Connection, chain: str) -> None:
    """Take the rows of one case away."""
    connection.execute(delete(case_row).where(case_row.c.chain == chain))
    connection.execute(delete(step_row).where(step_row.c.chain == chain))


def rows_of(case: Case) -> tuple[dict[str, object], ...]:
    """What the rows of a case must be: its own, and then those of its steps, by name."""
    steps = sorted(case.steps.values(), key=lambda one: one.step)
    return ({"chain": case.id, **_case(case)}, *(_step(case, one) for one in steps))


def project(connection: Connection, before: Case | None, case: Case) -> None:
    """Write the rows of a case; where `before` is known, only those that became another."""
    if before is None:
        forgotten(connection, case.id)
        connection.execute(insert(case_row).values(chain=case.id, **_case(case)))
        connection.execute(insert(step_row), [_step(case, one) for one in case.steps.values()])
        return
    connection.execute(_OF_CASE, {"of": case.id, **_case(case)})
    for one in case.steps.values():
        if before.steps.get(one.step) is not one:
            _rewritten(connection, case, one, new=one.step not in before.steps)


def _rewritten(connection: Connection, case: Case, one: Standing, *, new: bool) -> None:
    row = _step(case, one)
    if new:
        connection.execute(insert(step_row).values(**row))
        return
    connection.execute(_OF_STEP, {"of": row.pop("chain"), "named": row.pop("step"), **row})


def _case(case: Case) -> dict[str, object]:
    counted = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    waits = sorted({str(one.role) for one in counted if one.state in (State.READY, State.PLANNED, State.LEFT)})
    return {
        "seq": case.seq,
        "head": case.head,
        "tier": str(case.tier),
        "contract_end": case.facts.contract_end.isoformat(),
        "opened_at": case.opened_at.isoformat(),
        "total": len(counted),
        "settled": sum(one.state in SETTLED for one in counted),
        "waiting_for": ", ".join(waits),
        "outcome": case.outcome,
        "halted": bool(case.halted),
    }


def _step(case: Case, one: Standing) -> dict[str, object]:
    return {
        "chain": case.id,
        "step": one.step,
        "state": str(one.state),
        "role": str(one.role),
        "settled_at": one.settled_at.isoformat() if one.settled_at else "",
        "major": one.major,
    }
