"""Engineer: have our app registration removed from the customer's tenant; not on the checklist, and the last key out.

A person of the customer does it in the Entra admin centre: an app cannot be trusted to report its own end.
"""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

REMOVE_APP_REGISTRATION = Step(
    id=StepId("remove-app-registration"),
    line="Have the app registration of %provider% removed from the customer's tenant",
    role=Role.ENGINEER,
    systems=frozenset({System.ENTRA}),
    covers=frozenset({Kind.SERVICE_PRINCIPAL}),
    verbs=frozenset({Verb.REMOVE}),
    after=frozenset(
        StepId(step)
        for step in (
            "confirm-termination",
            "export-resources",
            "export-secrets",
            "remove-from-prtg",
            "remove-prtg-probe",
            "disable-accounts",
            "remove-accounts",
            "remove-policies",
            "remove-resources",
            "remove-role-assignments",
            "remove-service-principals",
            "remove-directory-access",
            "take-out-traces",
            "remove-lighthouse",
            "accept-transfer",
            "put-back-settings",
            "end-relationships",
            "erase-secrets",
        )
    ),
    last=True,
    on_checklist=False,
)
