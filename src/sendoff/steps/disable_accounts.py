"""Engineer: disable what of ours does nothing in this exit, early enough for its watch; not on the checklist.

Added only where our access ends so soon after the contract that the watch cannot wait for all that goes before the
accounts (H47). Nothing is deleted here: `remove-accounts` and `remove-service-principals` do that after the watch.
"""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.admitting import must_admit
from sendoff.rules.inuse import RIGHTS, remarked
from sendoff.rules.watching import first_wave

_ID = StepId("disable-accounts")


def plan(now: Situation) -> Proposal:
    """Disable every account and app of ours but those by which somebody still works in this exit, and the one that this
    program runs as."""
    must_admit(_ID, now.inventory)
    return remarked(first_wave(now, _ID), now.recalled, now.owned)


DISABLE_ACCOUNTS = Step(
    id=_ID,
    line="Disable the accounts of %provider% that do nothing in this exit",
    role=Role.ENGINEER,
    systems=frozenset({System.ENTRA}),
    looks_at=frozenset({Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL}),
    recalls=RIGHTS,
    needs=frozenset({Key.APP}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("make-administrators"),
            StepId("create-administrator"),
        }
    ),
    consults=frozenset({Kind.ACCESS_POLICY}),
    plan=plan,
    on_checklist=False,
)
