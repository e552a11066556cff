"""Practice Lead: end the reseller relationship and our delegated administration; not on the checklist.

A transfer moves billing and nothing else: these doors stay open behind it until somebody shuts them.
"""

from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("end-relationships")
_WHERE = "Partner Center > Customers > the customer > Admin relationships > End relationship"


def plan(now: Situation) -> Proposal:
    """GDAP by a person's own sign-in, as the vendor demands; then the relationship, when nothing active is left."""
    gdap, left_gdap = going(now, Kind.GDAP)
    ties, left_ties = going(now, Kind.RELATIONSHIP)
    bought = [item for item in now.inventory.items if item.kind is Kind.COMMITMENT]
    active = [item.name for item in bought if item.fact("status").lower() in ("active", "")]
    if ties and active:
        many = f"{len(active)} things bought through us are active ({', '.join(sorted(active)[:3])})"
        raise Refused(f"{many}: they move or end first; nothing is suspended to get there (H22)")
    return Proposal(
        actions=(
            *(deed(_ID, one, Verb.END, key=Key.PERSON, why=_WHERE) for one in gdap),
            *(deed(_ID, one, Verb.REMOVE, rank=1) for one in ties),
        ),
        left=(*left_gdap, *left_ties),
    )


END_RELATIONSHIPS = Step(
    id=_ID,
    line="End the reseller relationship and delegated administration",
    role=Role.PRACTICE_LEAD,
    systems=frozenset({System.PARTNER_CENTER}),
    covers=frozenset({Kind.GDAP, Kind.RELATIONSHIP}),
    looks_at=frozenset({Kind.COMMITMENT}),
    after=frozenset(
        StepId(step)
        for step in (
            "confirm-termination",
            "migration-details",
            "accept-transfer",
            "remove-accounts",
            "remove-role-assignments",
        )
    ),
    plan=plan,
    on_checklist=False,
)
