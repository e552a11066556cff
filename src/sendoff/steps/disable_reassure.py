"""CSM >> Disable the customer's access to Reassure."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("disable-reassure")


def plan(now: Situation) -> Proposal:
    """What the portal reported to the customer is kept first (H27); then each user loses access. Nobody is erased."""
    users, left = going(now, Kind.PORTAL_USER)
    disabled = tuple(deed(_ID, one, Verb.DISABLE, rank=1) for one in users if one.item.fact("ended") != "yes")
    kept = (_reports(now),) if disabled else ()
    return Proposal(actions=(*kept, *disabled), left=left)


def _reports(now: Situation) -> Action:
    customer = now.facts.places.reassure_customer
    return Action(
        step=_ID,
        system=System.REASSURE,
        verb=Verb.EXPORT,
        kind=Kind.REPORT,
        target=customer,
        name="the customer's reports",
        scope=customer,
        key=Key.REASSURE,
        why="nobody can read them in the portal afterwards",
    )


DISABLE_REASSURE = Step(
    id=_ID,
    line="Disable the customer's access to Reassure",
    role=Role.CSM,
    aliases=(
        "Disable access to Reassure",
        "Disable the access to Reassure",
    ),
    systems=frozenset({System.REASSURE}),
    covers=frozenset({Kind.PORTAL_USER}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    plan=plan,
    major=2,
)
