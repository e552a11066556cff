"""Engineer >> Remove the customer from PRTG."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, measurements, removals

_ID = StepId("remove-from-prtg")
_WATCHED = {Kind.PRTG_GROUP: 2, Kind.PRTG_DEVICE: 2, Kind.PRTG_SENSOR: 2}


def plan(now: Situation) -> Proposal:
    """Paused first, so that nobody is woken (H17), then exported with logs and measurements, then removed; and last
    what lies beside the tree, which they used."""
    base = removals(now, _ID, _WATCHED, disable=True)
    beside = removals(now, _ID, {Kind.PRTG_OBJECT: 3})
    goes = {action.ref for action in base.actions}
    kept = tuple(action for one in now.owned if one.item.ref in goes for action in _exports(one))
    paused = tuple(replace(one, rank=0) if one.verb is Verb.DISABLE else one for one in base.actions)
    return Proposal(actions=(*paused, *kept, *beside.actions), left=(*base.left, *beside.left))


def _exports(one: Owned) -> tuple[Action, ...]:
    return (deed(_ID, one, Verb.EXPORT, rank=1), *measurements(_ID, one, rank=1))


REMOVE_FROM_PRTG = Step(
    id=_ID,
    line="Remove the customer from PRTG",
    role=Role.ENGINEER,
    aliases=("Remove customer from PRTG",),
    systems=frozenset({System.PRTG}),
    covers=frozenset({*_WATCHED, Kind.PRTG_OBJECT}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("export-resources"), StepId("export-secrets")}
    ),
    plan=plan,
)
