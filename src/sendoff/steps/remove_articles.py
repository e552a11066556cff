"""CSM >> Remove the customer's articles from Reassure."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed, going

_ID = StepId("remove-articles")


def plan(now: Situation) -> Proposal:
    """Freeze the final invoice's draft (H26), then date the articles' end; nothing is erased. What is billed by use
    ends only when the invoice that covers the day of the transfer is made."""
    articles, left = going(now, Kind.ARTICLE)
    todo = [one for one in articles if one.item.fact("ended") != "yes"]
    fixed = [one for one in todo if one.item.fact("charge") != "consumption"]
    used = [one for one in todo if one.item.fact("charge") == "consumption"]
    actions = [_ended(now, one, 1) for one in fixed]
    if _covered(now):
        actions += [_ended(now, one, 2, by_use=True) for one in used]
    else:
        left += tuple(LeftAlone(item=one.item, why=_not_yet(now)) for one in used)
    draft = [_draft(now)] if actions and not _frozen(now) else []
    return Proposal(actions=(*draft, *actions), left=left)


def _last_use(now: Situation) -> str:
    last = now.facts.access_until if now.facts.tail_of else now.facts.contract_end
    return (now.facts.transfer_on or last).isoformat()


def _ended(now: Situation, one: Owned, rank: int, *, by_use: bool = False) -> Action:
    day = _last_use(now) if by_use else now.facts.contract_end.isoformat()
    return deed(_ID, one, Verb.END, rank=rank, content=(("end", day),))


def _covered(now: Situation) -> bool:
    day = _last_use(now)
    invoices = [item for item in now.inventory.items if item.kind is Kind.INVOICE]
    return any(item.fact("from") <= day <= item.fact("until") for item in invoices)


def _not_yet(now: Situation) -> str:
    return f"billed by use: the invoice that covers {_last_use(now)} is not made yet"


def _frozen(now: Situation) -> bool:
    """The draft until the last day is frozen, or has become the invoice of that day. One of other days is none."""
    day, items = now.facts.contract_end.isoformat(), now.inventory.items
    drafts = [item for item in items if item.kind is Kind.INVOICE_DRAFT and item.fact("until") == day]
    return any(item.fact("frozen") == "yes" for item in drafts) or any(
        item.kind is Kind.INVOICE and item.fact("from") <= day <= item.fact("until") for item in items
    )


def _draft(now: Situation) -> Action:
    return Action(
        step=_ID,
        system=System.REASSURE,
        verb=Verb.CREATE,
        kind=Kind.INVOICE_DRAFT,
        target="final",
        name="the draft of the final invoice, frozen",
        scope=now.facts.places.reassure_customer,
        key=Key.REASSURE,
        why="the invoice is computed from the articles: it is frozen before one of them ends",
        content=(("until", now.facts.contract_end.isoformat()),),
    )


REMOVE_ARTICLES = Step(
    id=_ID,
    line="Remove the customer's articles from Reassure",
    role=Role.CSM,
    aliases=(
        "Remove articals in Reassure",
        "Remove articles in Reassure",
        "Remove the articles in Reassure",
    ),
    systems=frozenset({System.REASSURE}),
    covers=frozenset({Kind.ARTICLE}),
    looks_at=frozenset({Kind.INVOICE, Kind.INVOICE_DRAFT}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    plan=plan,
    major=2,
)
