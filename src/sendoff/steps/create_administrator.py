"""Engineer >> Create an administrator account for the new supplier and share its details with the customer."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

CREATE_ADMINISTRATOR = Step(
    id=StepId("create-administrator"),
    line="Create an administrator account for the new supplier and share its details with the customer",
    role=Role.ENGINEER,
    aliases=(
        "Create a admin account of new MSP and share details with customer",
        "Create an admin account for the new MSP and share the details with the customer",
    ),
    systems=frozenset({System.ENTRA, System.OFFICE}),
    looks_at=frozenset({Kind.ADMINISTRATOR, Kind.GUEST, Kind.USER, Kind.MAIL}),
    verbs=frozenset({Verb.CREATE}),
    needs=frozenset({Key.APP}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    # It gives no proof: only a look at real sign-ins with MFA opens the gate (H2), never anybody's word.
)
