"""Practice Lead Managed Services >> Accept the CSP transfer.

The Practice Lead accepts it in the vendor's own page; we check the request first and follow it to its end. The API
accepts it instead only where the settings say so (docs/verify-on-a-real-tenant.md).
"""

from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.transfers import agreed

_ID = StepId("accept-transfer")
_WHERE = "Partner Center > Customers > the customer > Billing transfers > review and accept"


def plan(now: Situation) -> Proposal:
    """The one agreed request; nothing when it is complete already."""
    transfer = agreed(now.inventory.items, now.facts)
    return Proposal(actions=(_accepted(now, transfer),) if transfer is not None else ())


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
        content=tuple(("subscription", ident) for ident in _moving(now)),
    )


def _moving(now: Situation) -> tuple[str, ...]:
    """What goes with it: everything active that was bought through us, but no subscription that does not leave."""
    leaving = {row.id.lower() for row in now.facts.leaving}
    bought = [item for item in now.inventory.items if item.kind is Kind.COMMITMENT]
    active = [item for item in bought if item.fact("status").lower() in ("active", "")]
    return tuple(item.id for item in active if item.fact("product") != "azure-plan" or item.id.lower() in leaving)


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
