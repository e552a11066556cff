"""CSM >> Terminate the contract in TOPdesk."""

from sendoff.model.inventory import System, Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

TERMINATE_CONTRACT = Step(
    id=StepId("terminate-contract"),
    line="Terminate the contract in TOPdesk",
    role=Role.CSM,
    aliases=("Terminate contract in TOPdesk",),
    systems=frozenset({System.TOPDESK}),
    verbs=frozenset({Verb.END}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("meet"),
            StepId("disable-reassure"),
            StepId("remove-articles"),
        }
    ),
)
