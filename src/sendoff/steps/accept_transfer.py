"""Practice Lead Managed Services >> Accept the CSP transfer.

The Practice Lead accepts it in the vendor's own page; we check the request first and follow it to its end. The API
accepts it instead only where the settings say so (docs/verify-on-a-real-tenant.md).
"""

from sendoff.model.errors import Refused
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.moving import left_behind, moving
from sendoff.rules.transfers import agreed

_ID = StepId("accept-transfer")
_WHERE = "Partner Center > Customers > the customer > Billing transfers > review and accept"


def plan(now: Situation) -> Proposal:
    """The one agreed request; nothing when it is complete already. What does not go with it is named, each with what to
    do, since the relationship cannot end before it moved or ended."""
    if now.facts.provider.indirect:
        raise Refused(f"we are an {now.facts.provider.partner_kind}: they accept it, and you attest it with their word")
    transfer = agreed(now.inventory.items, now.facts)
    if transfer is None:
        return Proposal(actions=())
    left = left_behind(now.inventory.items, transfer, now.facts)
    return Proposal(actions=(_accepted(now, transfer),), left=left)


def _accepted(now: Situation, transfer: Item) -> Action:
    by_api = transfer.fact("accept-by") == "api"
    return Action(
        step=_ID,
        system=System.PARTNER_CENTER,
        verb=Verb.ACCEPT,
        kind=Kind.TRANSFER,
        target=transfer.id,
        name=f"transfer to {transfer.fact('target-name') or transfer.fact('target')}",
        scope=transfer.scope,
        key=transfer.key if by_api else Key.PERSON,
        why="the transfer is what was agreed" if by_api else _WHERE,
        content=tuple(("subscription", item.id) for item in moving(now.inventory.items, transfer, now.facts)),
    )


ACCEPT_TRANSFER = Step(
    id=_ID,
    line="Accept the CSP transfer",
    role=Role.PRACTICE_LEAD,
    aliases=(
        "Accept transfer of CSP move",
        "Accept the transfer of the CSP move",
    ),
    systems=frozenset({System.PARTNER_CENTER}),
    looks_at=frozenset({Kind.TRANSFER, Kind.COMMITMENT}),
    # Not after Lighthouse: a transfer has its own agreed date and moves no rights in the customer's environment.
    verbs=frozenset({Verb.ACCEPT}),
    needs=frozenset({Key.PARTNER_CENTER}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("migration-details"), StepId("export-resources")}
    ),
    gives=ProofKind.TRANSFERRED,
    plan=plan,
    major=2,
)
