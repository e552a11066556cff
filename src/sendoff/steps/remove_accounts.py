"""Engineer >> Remove all named and generic accounts of %provider%."""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.admitting import must_admit
from sendoff.rules.inuse import RIGHTS, remarked
from sendoff.rules.watching import softly

_ID = StepId("remove-accounts")


def plan(now: Situation) -> Proposal:
    """Each account of ours is disabled, watched, and deleted by a second plan; the executor is not among them. Of a
    generic account in use the line says what depends on it."""
    must_admit(_ID, now.inventory)
    proposal = softly(now, _ID, frozenset({Kind.USER, Kind.GUEST}))
    return remarked(proposal, now.recalled, now.owned)


REMOVE_ACCOUNTS = Step(
    id=_ID,
    line="Remove all named and generic accounts of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all named and generic Intercept accounts",
        "Remove all our named and generic accounts",
    ),
    systems=frozenset({System.ENTRA}),
    covers=frozenset({Kind.USER, Kind.GUEST}),
    recalls=RIGHTS,
    # The accounts go after all that may still be done with them; the seed order, accounts first, is mended and listed.
    needs=frozenset({Key.APP}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("make-administrators"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
            StepId("hand-over-secrets"),
            StepId("remove-policies"),
            StepId("remove-resources"),
        }
    ),
    consults=frozenset({Kind.ACCESS_POLICY}),
    plan=plan,
)
