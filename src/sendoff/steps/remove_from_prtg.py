"""Engineer >> Remove the customer from PRTG."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, removals

_ID = StepId("remove-from-prtg")


def plan(now: Situation) -> Proposal:
    """Paused first, so that nobody is woken (H17), then exported with their logs, then removed."""
    base = removals(now, _ID, {Kind.PRTG_GROUP: 2, Kind.PRTG_DEVICE: 2}, disable=True)
    groups = {action.ref for action in base.actions if action.kind is Kind.PRTG_GROUP}
    kept = tuple(deed(_ID, one, Verb.EXPORT, rank=1) for one in now.owned if one.item.ref in groups)
    paused = tuple(replace(one, rank=0) if one.verb is Verb.DISABLE else one for one in base.actions)
    return Proposal(actions=(*paused, *kept), left=base.left)


REMOVE_FROM_PRTG = Step(
    id=_ID,
    line="Remove the customer from PRTG",
    role=Role.ENGINEER,
    aliases=("Remove customer from PRTG",),
    systems=frozenset({System.PRTG}),
    covers=frozenset({Kind.PRTG_GROUP, Kind.PRTG_DEVICE}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("export-resources"), StepId("export-secrets")}
    ),
    plan=plan,
)
