"""Engineer >> Put the uninstall tokens of all agents into the customer's list in Passwordstate. Optional (H18).

There they are secrets like all others: they go into the parcel and to the customer, so that an agent that protects
itself can still be removed when our console is closed.
"""

from sendoff.model.inventory import Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

KEEP_UNINSTALL_TOKENS = Step(
    id=StepId("keep-uninstall-tokens"),
    line="Put the uninstall tokens of all agents into the customer's list in Passwordstate",
    role=Role.ENGINEER,
    aliases=("Put the uninstall tokens of all agents into Passwordstate",),
    verbs=frozenset({Verb.EXPORT}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
)
