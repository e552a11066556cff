"""Engineer >> Remove the EDR, backup, patch and other agents of %provider% from all machines. Optional (H18).

What no console confirms any more is shown by evidence: the console's own list, with no machine of the customer on it.
"""

from sendoff.model.inventory import Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

REMOVE_AGENTS = Step(
    id=StepId("remove-agents"),
    line="Remove the EDR, backup, patch and other agents of %provider% from all machines",
    role=Role.ENGINEER,
    aliases=("Remove the EDR and other agents of %provider% from all machines",),
    verbs=frozenset({Verb.REMOVE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination"), StepId("keep-uninstall-tokens")}),
)
