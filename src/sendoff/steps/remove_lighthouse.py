"""Engineer >> Remove the Azure Lighthouse delegation."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import removals

_ID = StepId("remove-lighthouse")
_WHERE = (
    "it was made without the Managed Services Registration assignment Delete Role: the customer removes it, in "
    "Azure portal > Service providers > Delegations"
)


def plan(now: Situation) -> Proposal:
    """Delegations of groups before those of subscriptions: the latter may carry the right to remove. One that does not
    carry it is removed by the customer (F12)."""
    base = removals(now, _ID, {Kind.DELEGATION: 1})
    ranked = tuple(replace(one, rank=0 if "/resourcegroups/" in one.target.lower() else 1) for one in base.actions)
    stuck = {item.ref for item in now.inventory.items if item.fact("can-remove-itself") == "no"}
    actions = tuple(replace(one, key=Key.PERSON, why=_WHERE) if one.ref in stuck else one for one in ranked)
    return Proposal(actions=actions, left=base.left)


REMOVE_LIGHTHOUSE = Step(
    id=_ID,
    line="Remove the Azure Lighthouse delegation",
    role=Role.ENGINEER,
    aliases=("Remove Azure Lighthouse",),
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.DELEGATION}),
    # The last key: whatever may need it comes before, also when a line in between was removed from the file.
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("migration-details"),
            StepId("remove-prtg-probe"),
            StepId("create-administrator"),
            StepId("hand-over-secrets"),
            StepId("remove-policies"),
            StepId("remove-resources"),
            StepId("remove-accounts"),
            StepId("put-back-settings"),
            StepId("take-out-traces"),
        }
    ),
    plan=plan,
)
