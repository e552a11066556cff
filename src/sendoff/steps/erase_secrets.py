"""Engineer: erase our copy of the customer's secrets; not on the checklist, added when a look finds them.

The vendor's API deletes no list and no folder: a person does that, and we look whether they are gone.
"""

from sendoff.model.inventory import Kind, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import deed
from sendoff.rules.vault import ADMIN, CODES, LEVEL

_ID = StepId("erase-secrets")
_WHERE = "Passwordstate > the list > List Administrator Actions > Delete; the folder when all its lists are gone"


def plan(now: Situation) -> Proposal:
    """Each record is compared with what was sealed once more: what came into the vault after the handover is not erased
    unseen (H7). Then the customer's records for good, what our people may on their lists, and the lists that hold
    nothing of anybody else."""
    theirs = [one for one in now.owned if one.item.kind is Kind.SECRET and one.provenance.whose is Whose.CUSTOMERS]
    others = {one.item.scope for one in now.owned if one.item.kind is Kind.SECRET and one not in theirs}
    lists = [one for one in now.owned if one.item.kind is Kind.SECRET_LIST and one.item.id not in others]
    same = tuple(deed(_ID, one, Verb.EXPORT, why="it must still be what was sealed") for one in theirs)
    records = tuple(_erased(one) for one in theirs)
    rights, kept = _rights(now, {one.item.id for one in lists if not one.hold})
    gone = tuple(deed(_ID, one, Verb.REMOVE, rank=3, key=Key.PERSON, why=_WHERE) for one in lists)
    return Proposal(actions=(*same, *records, *rights, *gone), left=kept)


def _rights(now: Situation, lists: set[str]) -> tuple[tuple[Action, ...], tuple[LeftAlone, ...]]:
    """What our people may on these lists. Who may delete a list keeps that until it is gone, and it goes along."""
    found = [one for one in now.owned if one.item.kind is Kind.SECRET_ACCESS]
    go = [one for one in found if one.provenance.whose is Whose.OURS and one.item.fact("list") in lists]
    left = tuple(LeftAlone(item=one.item, why=_why(one)) for one in found if one not in go)
    return tuple(_taken(one) for one in go), left


def _taken(one: Owned) -> Action:
    if one.item.fact(LEVEL) == ADMIN:
        return deed(_ID, one, Verb.REMOVE, rank=3, key=Key.PERSON, why=f"it goes with its list: {_WHERE}")
    return deed(_ID, one, Verb.REMOVE, rank=2, why="nobody of ours needs to see this list any more")


def _why(one: Owned) -> str:
    if one.provenance.whose is Whose.OURS:
        return "its list stays: it holds something that is not the customer's, or is under a legal hold"
    return f"{one.provenance.whose}: " + "; ".join(one.provenance.reasons)


def _erased(one: Owned) -> Action:
    codes = ((CODES, one.item.fact(CODES)),) if one.item.fact(CODES) else ()
    return deed(_ID, one, Verb.REMOVE, rank=1, why="the customer has it, acknowledged", content=codes)


ERASE_SECRETS = Step(
    id=_ID,
    line="Erase our copy of the customer's secrets",
    role=Role.ENGINEER,
    systems=frozenset({System.PASSWORDSTATE}),
    covers=frozenset({Kind.SECRET, Kind.SECRET_LIST, Kind.SECRET_ACCESS}),
    after=frozenset({StepId("confirm-termination"), StepId("hand-over-secrets")}),
    plan=plan,
    on_checklist=False,
)
