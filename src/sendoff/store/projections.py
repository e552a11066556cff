"""Rows for screens, rewritten from the folded case in the same transaction; dropped and rebuilt they come out equal."""

from sqlalchemy import Connection, delete, insert

from sendoff.model.case import Case
from sendoff.model.state import SETTLED, State
from sendoff.store.schema import case_row, step_row


def forgotten(connection: Connection, chain: str) -> None:
    """Take the rows of one case away."""
    connection.execute(delete(case_row).where(case_row.c.chain == chain))
    connection.execute(delete(step_row).where(step_row.c.chain == chain))


def project(connection: Connection, case: Case) -> None:
    """Write the rows of one case anew."""
    forgotten(connection, case.id)
    counted = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    waits = sorted({str(one.role) for one in counted if one.state in (State.READY, State.PLANNED, State.LEFT)})
    connection.execute(
        insert(case_row).values(
            chain=case.id,
            seq=case.seq,
            head=case.head,
            tier=str(case.tier),
            contract_end=case.facts.contract_end.isoformat(),
            opened_at=case.opened_at.isoformat(),
            total=len(counted),
            settled=sum(one.state in SETTLED for one in counted),
            waiting_for=", ".join(waits),
            outcome=case.outcome,
        )
    )
    connection.execute(
        insert(step_row),
        [
            {
                "chain": case.id,
                "step": one.step,
                "state": str(one.state),
                "role": str(one.role),
                "settled_at": one.settled_at.isoformat() if one.settled_at else "",
            }
            for one in case.steps.values()
        ],
    )
