"""Engineer >> Close the customer's site in the consoles of EDR, RMM and other agents. Optional (H18).

Who closes a console first cannot remove an agent that protects itself: the agents go before it, and the tokens are with
the customer.
"""

from sendoff.model.inventory import Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

CLOSE_CONSOLES = Step(
    id=StepId("close-consoles"),
    line="Close the customer's site in the consoles of EDR, RMM and other agents",
    role=Role.ENGINEER,
    verbs=frozenset({Verb.END}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("remove-agents"),
            StepId("remove-rmm-agents"),
            StepId("hand-over-secrets"),
        }
    ),
)
