"""Engineer: remove role assignments of ours in Azure; not on the checklist, added when a look finds them.

What a transfer leaves behind is among them: our Admin agents group stays Owner by a foreign principal (AOBO) until
somebody takes that away. By default the customer does, in their own portal, and we look until we see it (H25, F13);
where the settings say so our app does, and the same second look tells.
"""

from dataclasses import replace

from sendoff.model.facts import EndedBy
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import removals, unlocked

_ID = StepId("remove-role-assignments")
_WHERE = (
    "the customer removes it: Azure portal > the subscription > Access control (IAM) > Role assignments > the foreign "
    "principal of ours > Remove"
)


def plan(now: Situation) -> Proposal:
    """Every role assignment that gives rights to a principal of ours, except the one this program works with, and what
    a lock of the customer covers: their platform stops our app there (F9)."""
    base = removals(now, _ID, {Kind.ROLE_ASSIGNMENT: 0})
    theirs = now.facts.provider.foreign_group is EndedBy.CUSTOMER
    abroad = {item.ref for item in now.inventory.items if theirs and _is_foreign(item)}
    free = unlocked(now, base)
    actions = tuple(replace(one, key=Key.PERSON, why=_WHERE) if one.ref in abroad else one for one in free.actions)
    return Proposal(actions=actions, left=free.left)


def _is_foreign(item: Item) -> bool:
    return item.fact("principalType").lower() == "foreigngroup"


REMOVE_ROLE_ASSIGNMENTS = Step(
    id=_ID,
    line="Remove the role assignments of %provider% in Azure",
    role=Role.ENGINEER,
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.ROLE_ASSIGNMENT}),
    looks_at=frozenset({Kind.LOCK}),
    needs=frozenset({Key.APP}),
    # After the transfer, which moves none of these rights, and after Lighthouse: what is left of ours shows then.
    after=frozenset(
        StepId(step)
        for step in (
            "confirm-termination",
            "remove-policies",
            "remove-resources",
            "remove-lighthouse",
            "accept-transfer",
        )
    ),
    plan=plan,
    on_checklist=False,
)
