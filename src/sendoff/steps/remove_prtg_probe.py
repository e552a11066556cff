"""Engineer >> Remove the PRTG probe from the customer's environment."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

REMOVE_PRTG_PROBE = Step(
    id=StepId("remove-prtg-probe"),
    line="Remove the PRTG probe from the customer's environment",
    role=Role.ENGINEER,
    aliases=(
        "Remove PRTG Probe from there enviroment",
        "Remove PRTG Probe from their environment",
        "Remove the PRTG probe from their environment",
    ),
    systems=frozenset({System.PRTG}),
    covers=frozenset({Kind.PRTG_PROBE}),
    verbs=frozenset({Verb.REMOVE}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("remove-from-prtg"),
        }
    ),
)
