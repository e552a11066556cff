"""Engineer >> Export all secrets from Passwordstate."""

from sendoff.model.inventory import Kind, System, Verb, Whose
from sendoff.model.people import Role
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import has_papers

_ID = StepId("export-secrets")


def plan(now: Situation) -> Proposal:
    """Every record of the customer goes into the parcel, and documents that hang on their lists; what is ours, shared
    or unknown is withheld by name."""
    secrets = [one for one in now.owned if one.item.kind is Kind.SECRET]
    given = (*secrets, *(one for one in now.owned if has_papers(one)))
    return Proposal(
        actions=tuple(_disclose(one) for one in given if one.provenance.whose is Whose.CUSTOMERS),
        left=tuple(
            LeftAlone(item=one.item, why=f"{one.provenance.whose}: " + "; ".join(one.provenance.reasons))
            for one in secrets
            if one.provenance.whose is not Whose.CUSTOMERS
        ),
    )


def _disclose(one: Owned) -> Action:
    return Action(
        step=_ID,
        system=System.PASSWORDSTATE,
        verb=Verb.DISCLOSE,
        kind=one.item.kind,
        target=one.item.id,
        name=one.item.name,
        scope=one.item.scope,
        key=one.item.key,
        why="it stands in the customer's folder and nothing says that it is ours",
    )


EXPORT_SECRETS = Step(
    id=_ID,
    line="Export all secrets from Passwordstate",
    role=Role.ENGINEER,
    aliases=(
        "Create export off all secrets in Passwordstate",
        "Create export of all secrets in Passwordstate",
        "Create an export of all secrets in Passwordstate",
    ),
    systems=frozenset({System.PASSWORDSTATE}),
    looks_at=frozenset({Kind.SECRET, Kind.SECRET_LIST}),
    verbs=frozenset({Verb.DISCLOSE}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("keep-uninstall-tokens"), StepId("announce-reading")}
    ),
    gives=ProofKind.SECRETS_SEALED,
    plan=plan,
)
