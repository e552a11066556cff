"""Engineer >> Hand over all secrets to the customer, not to the new supplier."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step

HAND_OVER_SECRETS = Step(
    id=StepId("hand-over-secrets"),
    line="Hand over all secrets to the customer, not to the new supplier",
    role=Role.ENGINEER,
    aliases=(
        "Handover all secrets with customer Not with new CSP",
        "Hand over all secrets to the customer, not to the new CSP",
    ),
    systems=frozenset({System.PASSWORDSTATE, System.OFFICE}),
    covers=frozenset({Kind.SECRET, Kind.SECRET_LIST}),
    looks_at=frozenset({Kind.MAIL}),
    verbs=frozenset({Verb.DISCLOSE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination"), StepId("export-secrets")}),
    gives=ProofKind.HANDED_OVER,
)
