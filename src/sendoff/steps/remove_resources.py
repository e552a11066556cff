"""Engineer >> Remove all resources of %provider%."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, Disposition, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.ordering import depths, ranks
from sendoff.rules.planning import removals, spared, unlocked

_ID = StepId("remove-resources")
_RANKS = ranks(Kind.LOCK, Kind.DIAGNOSTIC_SETTING, Kind.BUDGET, Kind.RESOURCE, Kind.GROUP)
_LOCK_BY_HAND = "a delegation may not remove locks: the customer does, in Azure portal > the place > Locks"


def plan(now: Situation) -> Proposal:
    """Locks of ours first, then what sends to others: settings and budgets; then resources, each before what it uses;
    then a group of ours, when all that lies in it goes."""
    base = removals(now, _ID, _RANKS)
    chain = depths([one.item for one in now.owned if one.item.kind is Kind.RESOURCE])
    deepest = max(chain.values(), default=0)
    actions = tuple(_placed(action, chain.get(action.ref, 0), deepest) for action in base.actions)
    return _emptied(now, spared(now, unlocked(now, Proposal(actions=actions, left=base.left))))


def _placed(action: Action, depth: int, deepest: int) -> Action:
    if action.kind is Kind.LOCK and action.key is not Key.APP:
        return replace(action, key=Key.PERSON, why=_LOCK_BY_HAND)
    return replace(action, rank=action.rank + (deepest if action.kind is Kind.GROUP else depth))


def _emptied(now: Situation, proposal: Proposal) -> Proposal:
    """A group goes only when everything that was seen in it goes by this plan; the connector looks again then."""
    gone = {action.ref for action in proposal.actions}
    groups = {one.item.ref: one for one in now.owned if one.item.kind is Kind.GROUP and one.item.ref in gone}
    stays = {ref: _why_not(one, now, gone) for ref, one in groups.items()}
    left = tuple(
        LeftAlone(item=groups[ref].item, why=why, disposition=Disposition.HAND_OVER)
        for ref, why in stays.items()
        if why
    )
    actions = tuple(action for action in proposal.actions if not stays.get(action.ref))
    return Proposal(actions=actions, left=(*proposal.left, *left))


def _why_not(group: Owned, now: Situation, gone: set[str]) -> str:
    """What keeps a group of ours, or an empty text."""
    inside = [one.item for one in now.owned if one.item.id.lower().startswith(f"{group.item.id.lower()}/")]
    staying = [item.name for item in inside if item.ref not in gone]
    if staying:
        return f"{staying[0]} stays in it"
    if group.item.fact("managed-by"):
        return f"{group.item.fact('managed-by')} manages it"
    seen = sum(item.kind is Kind.RESOURCE for item in inside)
    told = group.item.fact("resources") or "0"
    return f"it holds {told} resources, and {seen} were seen" if told != str(seen) else ""


REMOVE_RESOURCES = Step(
    id=_ID,
    line="Remove all resources of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Resources",
        "Remove all our resources",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset(_RANKS),
    looks_at=frozenset({Kind.GROUP, Kind.LOCK, Kind.POLICY_ASSIGNMENT}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
            StepId("remove-policies"),
        }
    ),
    plan=plan,
)
