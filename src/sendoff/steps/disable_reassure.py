"""CSM >> Disable the customer's access to Reassure."""

from sendoff.model.inventory import System, Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

DISABLE_REASSURE = Step(
    id=StepId("disable-reassure"),
    line="Disable the customer's access to Reassure",
    role=Role.CSM,
    aliases=(
        "Disable access to Reassure",
        "Disable the access to Reassure",
    ),
    systems=frozenset({System.REASSURE}),
    verbs=frozenset({Verb.DISABLE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
)
