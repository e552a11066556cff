"""Engineer >> Export all resources."""

from sendoff.model.facts import ScopeRow
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.step import Step, StepId

_ID = StepId("export-resources")


def plan(now: Situation) -> Proposal:
    """One export for each subscription that leaves; it only reads."""
    rows = [row for row in now.facts.leaving if row.system is System.AZURE]
    return Proposal(actions=tuple(_export(row) for row in rows))


def _export(row: ScopeRow) -> Action:
    return Action(
        step=_ID,
        system=System.AZURE,
        verb=Verb.EXPORT,
        kind=Kind.RESOURCE,
        target=row.id,
        name=f"everything in {row.name}",
        scope=row.id,
        key=Key.LIGHTHOUSE,
        why="the subscription leaves",
    )


EXPORT_RESOURCES = Step(
    id=_ID,
    line="Export all resources",
    role=Role.ENGINEER,
    aliases=(
        "Create export of all resources",
        "Create an export of all resources",
    ),
    systems=frozenset({System.AZURE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    gives=ProofKind.EXPORTED,
    plan=plan,
)
