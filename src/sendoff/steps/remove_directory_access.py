"""Engineer: remove our groups and directory roles from the customer's tenant; not on the checklist."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("remove-directory-access")


def plan(now: Situation) -> Proposal:
    """Roles first, then the groups that held them; what the customer's people share stays, with the reason (H30)."""
    roles, left_roles = going(now, Kind.DIRECTORY_ROLE)
    groups, left_groups = going(now, Kind.DIRECTORY_GROUP)
    actions = (*(_removal(one, 0) for one in roles), *(_removal(one, 1) for one in groups))
    return Proposal(actions=actions, left=(*left_roles, *left_groups))


def _removal(one: Owned, rank: int) -> Action:
    """Says whether it makes anybody an administrator: the gate of the lock-out asks (H2)."""
    return deed(_ID, one, Verb.REMOVE, rank=rank, content=(("administrators", one.item.fact("administrators")),))


REMOVE_DIRECTORY_ACCESS = Step(
    id=_ID,
    line="Remove the groups and directory roles of %provider%",
    role=Role.ENGINEER,
    systems=frozenset({System.ENTRA}),
    covers=frozenset({Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE}),
    needs=frozenset({Key.APP}),
    after=frozenset(
        {
            StepId("confirm-termination"),
            StepId("make-administrators"),
            StepId("remove-accounts"),
            StepId("remove-role-assignments"),
            StepId("remove-service-principals"),
            StepId("take-out-traces"),
        }
    ),
    plan=plan,
    on_checklist=False,
)
