"""Engineer >> Hand over all secrets to the customer, not to the new supplier."""

from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Letter, Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import has_papers
from sendoff.rules.sending import sent

_ID = StepId("hand-over-secrets")


def plan(now: Situation) -> Proposal:
    """Compare the vault with what was sealed (H7), send the parcel to the enrolled recipient alone, and wait until they
    say themselves that it came and opened."""
    letter = next((one for one in now.letters if one.attached), None)
    if letter is None:
        raise Refused("no parcel is sealed: export the secrets first")
    held = [one for one in now.owned if one.item.kind is Kind.SECRET or has_papers(one)]
    secrets = [one for one in held if one.provenance.whose is Whose.CUSTOMERS]
    shared = [one for one in now.owned if one.item.kind is Kind.SECRET and one.provenance.whose is Whose.SHARED]
    return Proposal(
        actions=(*(_compared(one) for one in secrets), sent(now, _ID, letter, rank=1), _acknowledged(now, letter)),
        left=tuple(LeftAlone(item=one.item, why="; ".join(one.provenance.reasons)) for one in shared),
    )


def _compared(one: Owned) -> Action:
    return Action(
        step=_ID,
        system=System.PASSWORDSTATE,
        verb=Verb.EXPORT,
        kind=one.item.kind,
        target=one.item.id,
        name=one.item.name,
        scope=one.item.scope,
        key=one.item.key,
        why="it must still be what was sealed",
    )


def _acknowledged(now: Situation, letter: Letter) -> Action:
    parcel = letter.attached[0][1]
    return Action(
        step=_ID,
        system=System.OFFICE,
        verb=Verb.ACCEPT,
        kind=Kind.ACKNOWLEDGEMENT,
        target=parcel,
        name="the recipient's word that the parcel came and opened",
        scope=now.facts.provider.mailbox,
        key=Key.PERSON,
        why="the recipient opens the parcel and answers with the SHA-256 of what they received",
        rank=2,
    )


HAND_OVER_SECRETS = Step(
    id=_ID,
    line="Hand over all secrets to the customer, not to the new supplier",
    role=Role.ENGINEER,
    aliases=(
        "Handover all secrets with customer Not with new CSP",
        "Hand over all secrets to the customer, not to the new CSP",
    ),
    systems=frozenset({System.PASSWORDSTATE, System.OFFICE}),
    looks_at=frozenset({Kind.SECRET, Kind.SECRET_LIST}),
    verbs=frozenset({Verb.DISCLOSE}),
    after=frozenset({StepId("notice"), StepId("confirm-termination"), StepId("export-secrets")}),
    gives=ProofKind.HANDED_OVER,
    letters=("handover",),
    plan=plan,
    major=2,
)
