"""Engineer: put back what onboarding changed on the customer's own things; not on the checklist.

Defender plans go back to the tier they had, our tag comes off, and Defender warns the customer and not us.
"""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("put-back-settings")


def plan(now: Situation) -> Proposal:
    """Only what the onboarding record names; tags last, for they tell whose a thing is (H10)."""
    plans, left = going(now, Kind.DEFENDER_PLAN)
    contacts, left_contacts = going(now, Kind.SECURITY_CONTACT)
    tags, left_tags = going(now, Kind.TAG)
    return Proposal(
        actions=(
            *(deed(_ID, one, Verb.PUT_BACK, content=(("tier", one.item.fact("before")),)) for one in plans),
            *(deed(_ID, one, Verb.PUT_BACK, content=(("emails", one.item.fact("rest")),)) for one in contacts),
            *(deed(_ID, one, Verb.REMOVE, rank=1) for one in tags),
        ),
        left=(*left, *left_contacts, *left_tags),
    )


PUT_BACK_SETTINGS = Step(
    id=_ID,
    line="Put back the settings that onboarding changed",
    role=Role.ENGINEER,
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.DEFENDER_PLAN, Kind.SECURITY_CONTACT, Kind.TAG}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset({StepId("confirm-termination"), StepId("remove-policies"), StepId("remove-resources")}),
    plan=plan,
    on_checklist=False,
)
