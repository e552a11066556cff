"""Engineer: remove our other apps from the customer's tenant; not on the checklist, added when a look finds them."""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.watching import softly

_ID = StepId("remove-service-principals")


def plan(now: Situation) -> Proposal:
    """Every service principal of an app of ours, with its consents, is disabled, watched, and deleted by a second plan;
    not the one this program runs as."""
    return softly(now, _ID, frozenset({Kind.SERVICE_PRINCIPAL}))


REMOVE_SERVICE_PRINCIPALS = Step(
    id=_ID,
    line="Remove the other apps of %provider% from the customer's tenant",
    role=Role.ENGINEER,
    systems=frozenset({System.ENTRA}),
    covers=frozenset({Kind.SERVICE_PRINCIPAL, Kind.CONSENT}),
    needs=frozenset({Key.APP}),
    after=frozenset({StepId("confirm-termination"), StepId("remove-resources")}),
    plan=plan,
    on_checklist=False,
)
