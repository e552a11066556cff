"""CSM >> Ask the customer to look in its mailboxes for rules and forwarding to %provider%. Optional (H28).

Rules and forwarding are settings of mailboxes, and no key of ours opens these. Without this line, or a word on it, the
certificate says that nobody looked.
"""

from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

LOOK_INTO_MAILBOXES = Step(
    id=StepId("look-into-mailboxes"),
    line="Ask the customer to look in its mailboxes for rules and forwarding to %provider%",
    role=Role.CSM,
    aliases=("Ask the customer to look for mail rules and forwarding to %provider%",),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
)
