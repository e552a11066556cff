"""Engineer >> Export all resources."""

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

_ID = StepId("export-resources")


def plan(now: Situation) -> Proposal:
    """One export for each subscription that leaves, proven whole or left with what is missing, and then the letter that
    asks the customer to accept it."""
    rows = [row for row in now.facts.leaving if row.system is System.AZURE]
    letters = tuple(sent(now, _ID, letter, rank=1) for letter in now.letters)
    return Proposal(actions=(*(_export(row) for row in rows), *letters))


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
    systems=frozenset({System.AZURE, System.OFFICE}),
    verbs=frozenset({Verb.EXPORT}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    gives=ProofKind.EXPORTED,
    letters=("delivery",),
    plan=plan,
)
