"""CSM: set end dates and switch renewals off at notice; not on the checklist, added when a look finds what renews.

The contract is the last line of the checklist, and by then it may have renewed itself (H49).
"""

from datetime import date

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.contracts import ended
from sendoff.rules.planning import deed, going

_ID = StepId("stop-renewals")
_WHERE = "Partner Center > Customers > the customer > Subscriptions: switch automatic renewal off"


def plan(now: Situation) -> Proposal:
    """The contract's own end, and no renewal of what would renew before we are out. Nothing is cancelled (H23)."""
    contracts, left = ended(now, _ID, by_person_only=True)
    bought, kept = going(now, Kind.COMMITMENT)
    renewing = [one for one in bought if one.item.fact("renews") == "yes"]
    soon = [one for one in renewing if _before_we_are_out(now, one)]
    later = tuple(
        LeftAlone(item=one.item, why=f"its term runs until {one.item.fact('term-end')}: it moves with the transfer")
        for one in renewing
        if one not in soon
    )
    off = tuple(deed(_ID, one, Verb.END, rank=1, key=Key.PERSON, why=_WHERE) for one in soon)
    return Proposal(actions=(*contracts, *off), left=(*left, *kept, *later))


def _before_we_are_out(now: Situation, one: Owned) -> bool:
    until = one.item.fact("term-end")
    return bool(until) and date.fromisoformat(until[:10]) <= now.facts.access_until


STOP_RENEWALS = Step(
    id=_ID,
    line="Set the end date of the contract and switch renewals off",
    role=Role.CSM,
    systems=frozenset({System.TOPDESK, System.PARTNER_CENTER}),
    looks_at=frozenset({Kind.CONTRACT, Kind.COMMITMENT}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    letters=("end-contract",),
    plan=plan,
    on_checklist=False,
)
