"""What a look and a direct read find in the service desk, within one customer's branches; anything else is Refused."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendoff.connectors.topdesk import work
from sendoff.connectors.topdesk.cards import archived
from sendoff.connectors.topdesk.client import SYSTEM, ServiceDesk, quoted
from sendoff.connectors.topdesk.ours import Branches, is_spared, seen
from sendoff.connectors.topdesk.tasks import is_mark
from sendoff.connectors.wire.body import Object, dig, text
from sendoff.model.errors import Confusing, Refused
from sendoff.model.inventory import Kind, Target

PLAIN_ID = re.compile(r"[\w-]{1,64}", re.A)
WAYS: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.BRANCH: (("id",),),
    Kind.CONTACT_PERSON: (("branch", "id"),),
    Kind.CHANGE: (("requester", "branch", "id"),),
    Kind.CALL: (("callerBranch", "id"), ("caller", "branch", "id")),
    Kind.TASK: (("callerBranch", "id"), ("caller", "branch", "id")),
}
"""Where a card names its branch."""
CLOSED = frozenset({Kind.CALL, Kind.TASK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One card: its branch, whether it is over, and what else is to be told of it."""

    row: Object
    branch: str
    ended: bool = False
    more: tuple[tuple[str, str], ...] = ()


def listed(desk: ServiceDesk, ours: Branches, kind: Kind, login: str, but: Collection[str]) -> Iterator[Found]:
    """Every card of a kind that is not over. None counts after the control read; `but` are assets told elsewhere."""
    came = False
    me = desk.me() if kind is Kind.CONTACT_PERSON else {}
    for row in _rows(desk, ours, kind):
        came = True
        branches = _of(row, kind)
        if text(row, "id") in but or _over(row, kind) or (kind is Kind.CHANGE and not set(branches) & set(ours.ids)):
            continue
        mine = (("operator", "ours"),) if me and is_spared(me, row, login) else ()
        yield Found(row=row, branch=_own(row, kind, ours), more=(*mine, *_shared(branches, kind, ours)))
    if not came:
        seen(desk, ours.main)


def running(desk: ServiceDesk, ours: Branches, kinds: Collection[Kind], login: str) -> tuple[str, ...]:
    """What is open for the customer just now, each by its first line; a task of ours is nobody's question (H27)."""
    cards = [found.row for kind in kinds for found in listed(desk, ours, kind, login, ())]
    return tuple(text(row, "briefDescription") for row in cards if not is_mark(text(row, "externalNumber")))


def one(desk: ServiceDesk, ours: Branches, target: Target) -> Found | None:
    """One card by its id, also when it is over; Refused when it is another customer's."""
    if not PLAIN_ID.fullmatch(target.id):
        raise Refused(f"{target.id!r} is not an id of the service desk; nothing was done")
    reads: Mapping[Kind, Callable[[str], Object | None]] = {
        Kind.BRANCH: desk.branch,
        Kind.CONTACT_PERSON: desk.person,
        Kind.CHANGE: lambda ident: work.change(desk, ident),
        Kind.ACTIVITY: lambda ident: work.activity(desk, ident),
        Kind.ASSET: lambda ident: work.asset(desk, ident),
    }
    card = reads.get(target.kind, desk.incident)(target.id)
    if card is None:
        return None
    gone = target.kind is Kind.BRANCH and target.id in ours.gone
    more = _shared(_of(card, target.kind), target.kind, ours)
    return Found(row=card, branch=_own(card, target.kind, ours), ended=gone or _over(card, target.kind), more=more)


def _rows(desk: ServiceDesk, ours: Branches, kind: Kind) -> Iterator[Object]:
    if kind is Kind.CHANGE:
        yield from work.changes(desk, only_open=True)
        return
    for branch in ours.active if kind is Kind.BRANCH else ours.ids:
        yield from _of_branch(desk, branch, kind)


def _of_branch(desk: ServiceDesk, branch: str, kind: Kind) -> Sequence[Object]:
    match kind:
        case Kind.BRANCH:
            card = desk.branch(branch)
            if card is None:
                raise Confusing("a branch that was listed is not to be seen", system=SYSTEM)
            return [card]
        case Kind.CONTACT_PERSON:
            return desk.persons(f"branch.id=={quoted(branch)};archived==false")
        case Kind.ACTIVITY:
            return work.activities(desk, branch)
        case Kind.ASSET:
            return work.assets(desk, branch, "false")
        case _:
            return desk.incidents(f"callerBranch.id=={quoted(branch)};closed==false")


def _over(row: Object, kind: Kind) -> bool:
    if kind in (Kind.CHANGE, Kind.ACTIVITY):
        return work.over(row)
    return archived(row) or (kind in CLOSED and dig(row, "closed") is True)


def _of(card: Object, kind: Kind) -> list[str]:
    """The branches that a card names."""
    if kind is Kind.ACTIVITY:
        return work.linked(card)
    if kind is Kind.ASSET:
        return work.assigned(card)
    return [found for way in WAYS[kind] if (found := text(card, *way))][:1]


def _own(card: Object, kind: Kind, ours: Branches) -> str:
    """The branch of a card, when it is the customer's; else Refused."""
    mine = next((branch for branch in _of(card, kind) if branch in ours.ids), "")
    if not mine:
        raise Refused(f"{kind} {text(card, 'id')} is not {ours.reference}'s; nothing was done")
    return mine


def _shared(branches: Sequence[str], kind: Kind, ours: Branches) -> tuple[tuple[str, str], ...]:
    """What says that somebody else has a part in it."""
    others = len(set(branches) - set(ours.ids))
    if kind is not Kind.ASSET or not others:
        return ()
    return (("stays", f"it is assigned to {others} other branch{'' if others == 1 else 'es'} as well"),)
