"""Engineer >> Give the new supplier the details for the CSP migration."""

from sendoff.model.facts import ScopeRow
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.sending import sent

_ID = StepId("migration-details")


def plan(now: Situation) -> Proposal:
    """What the subscriptions cost is kept, for it does not follow a transfer (H24); then a document from what Partner
    Center says today, which goes out only with the customer's written permission."""
    rows = [row for row in now.facts.leaving if row.system is System.AZURE]
    letters = tuple(sent(now, _ID, letter, rank=1) for letter in now.letters)
    return Proposal(actions=(*(_costs(row) for row in rows), *letters))


def _costs(row: ScopeRow) -> Action:
    return Action(
        step=_ID,
        system=System.AZURE,
        verb=Verb.EXPORT,
        kind=Kind.COST,
        target=row.id,
        name=f"what {row.name} cost",
        scope=row.id,
        key=Key.LIGHTHOUSE,
        why="cost data does not follow a transfer",
    )


MIGRATION_DETAILS = Step(
    id=_ID,
    line="Give the new supplier the details for the CSP migration",
    role=Role.ENGINEER,
    aliases=(
        "Provide details for migration CSP to new MSP",
        "Provide the details for the CSP migration to the new MSP",
    ),
    systems=frozenset({System.PARTNER_CENTER, System.AZURE, System.OFFICE}),
    looks_at=frozenset({Kind.COMMITMENT}),
    needs=frozenset({Key.LIGHTHOUSE, Key.PARTNER_CENTER}),
    gives=ProofKind.COSTS_KEPT,
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    letters=("migration",),
    plan=plan,
    major=2,
)
