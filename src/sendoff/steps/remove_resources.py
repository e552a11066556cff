"""Engineer >> Remove all resources of %provider%."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.ordering import depths
from sendoff.rules.planning import removals, unlocked

_ID = StepId("remove-resources")


def plan(now: Situation) -> Proposal:
    """What sends to others goes first: settings and budgets, then resources, each before what it uses."""
    base = removals(now, _ID, {Kind.DIAGNOSTIC_SETTING: 0, Kind.BUDGET: 0, Kind.RESOURCE: 1})
    chain = depths([one.item for one in now.owned if one.item.kind is Kind.RESOURCE])
    actions = tuple(replace(action, rank=action.rank + chain.get(action.ref, 0)) for action in base.actions)
    return unlocked(now, Proposal(actions=actions, left=base.left))


REMOVE_RESOURCES = Step(
    id=_ID,
    line="Remove all resources of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Resources",
        "Remove all our resources",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.RESOURCE, Kind.DIAGNOSTIC_SETTING, Kind.BUDGET}),
    looks_at=frozenset({Kind.GROUP, Kind.LOCK, Kind.POLICY_ASSIGNMENT}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
            StepId("remove-policies"),
        }
    ),
    plan=plan,
)
