"""Engineer >> Remove the Azure Lighthouse delegation."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
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
    """Delegations of groups, then those of subscriptions, and last those that carry the right to remove: it covers the
    others beside it. One that nothing of ours covers is removed by the customer (F12)."""
    base = removals(now, _ID, {Kind.DELEGATION: 1})
    told = {item.ref: item.fact("can-remove-itself") for item in now.inventory.items if item.kind is Kind.DELEGATION}
    carried = {one.scope.lower() for one in base.actions if told.get(one.ref) == "yes" and not _of_a_group(one)}
    actions = tuple(_ranked(one, told.get(one.ref, ""), one.scope.lower() in carried) for one in base.actions)
    return Proposal(actions=actions, left=base.left)


def _ranked(one: Action, carries: str, covered: bool) -> Action:
    rank = 0 if _of_a_group(one) else 2 if carries == "yes" else 1
    stuck = carries == "no" and not covered
    return replace(one, rank=rank, key=Key.PERSON if stuck else one.key, why=_WHERE if stuck else one.why)


def _of_a_group(one: Action) -> bool:
    return "/resourcegroups/" in one.target.lower()


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
