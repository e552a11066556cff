"""Situation -> Proposal: what the plans of several steps share, and the size belt."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sendoff.model.inventory import Item, Kind, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.plan import Action, Disposition, LeftAlone, Plan
from sendoff.model.proof import Proof, ProofKind
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.rules.choosing import stays
from sendoff.rules.keys import is_executors

BELT_COUNT = 200
"""Removals in one step above which the approval must name the belt."""
BELT_PERCENT = 20
BELT_SMALLEST = 20
"""A share is measured only for kinds of which there are at least this many."""


def removals(now: Situation, step: StepId, ranks: Mapping[Kind, int], *, disable: bool = False) -> Proposal:
    """Remove what is ours of these kinds, lowest rank first; everything else is left alone with its reason.

    With `disable`, each thing is first disabled in an earlier rank (soft first).
    """
    actions: list[Action] = []
    left: list[LeftAlone] = []
    for one in now.owned:
        if one.item.kind not in ranks:
            continue
        why_left = _stays(one, now)
        if why_left is not None:
            left += why_left
            continue
        rank = ranks[one.item.kind]
        if disable:
            actions.append(_action(one, step, Verb.DISABLE, rank - 1))
        actions.append(_action(one, step, Verb.REMOVE, rank))
    return Proposal(actions=tuple(actions), left=tuple(left))


def deed(
    step: StepId,
    one: Owned,
    verb: Verb,
    *,
    rank: int = 0,
    key: Key | None = None,
    why: str = "",
    content: tuple[tuple[str, str], ...] = (),
) -> Action:
    """One action on a thing that was found. With Key.PERSON a person does it, and `why` tells them what to do where."""
    made = _action(one, step, verb, rank)
    return replace(made, key=key or made.key, why=why or made.why, content=content)


def has_papers(one: Owned) -> bool:
    """True for a list of secrets on which documents hang."""
    return one.item.kind is Kind.SECRET_LIST and one.item.fact("documents") not in ("", "0", "not read")


def measurements(step: StepId, one: Owned, *, rank: int) -> tuple[Action, ...]:
    """The measurements of a thing in our monitoring, in the parts that its connector says."""
    last = int(one.item.fact("history") or 0)
    whole = deed(step, one, Verb.EXPORT, rank=rank)
    parts = (f"{one.item.id}/{part} of {last}" for part in range(1, last + 1))
    return tuple(replace(whole, kind=Kind.PRTG_MEASUREMENTS, target=part, before=None) for part in parts)


def going(now: Situation, kind: Kind) -> tuple[tuple[Owned, ...], tuple[LeftAlone, ...]]:
    """Things of a kind that are ours and go, and what is left alone with its reason."""
    go: list[Owned] = []
    left: list[LeftAlone] = []
    for one in now.owned:
        if one.item.kind is kind:
            why_left = _stays(one, now)
            if why_left is None:
                go.append(one)
            else:
                left += why_left
    return tuple(go), tuple(left)


def unlocked(now: Situation, proposal: Proposal) -> Proposal:
    """The same without what a lock that is not ours covers: the platform does not stop us, so we stop ourselves."""
    locks = [one for one in now.owned if one.item.kind is Kind.LOCK and one.provenance.whose is not Whose.OURS]
    if not locks:
        return proposal
    places = {_place(one.item): number for number, one in enumerate(locks)}
    over = {
        action.ref: [places[one] for one in _around(action.target) if one in places]
        for action in proposal.actions
        if action.kind is not Kind.LOCK
    }
    covered = {ref: locks[max(found)] for ref, found in over.items() if found}
    held = {one.item.ref: one.item for one in now.owned if one.item.ref in covered}
    left = tuple(
        LeftAlone(item=held[ref], why=f"the lock {lock.item.name} covers it: the customer lifts it; {lock.item.id}")
        for ref, lock in covered.items()
    )
    free = tuple(action for action in proposal.actions if action.ref not in covered)
    return Proposal(actions=free, left=(*proposal.left, *left))


def spared(now: Situation, proposal: Proposal) -> Proposal:
    """The same without what something that stays still names: nothing is pulled from under what is left."""
    left = list(proposal.left)
    actions = list(proposal.actions)
    named = {used: one.item.name for one in left for used in one.item.uses}
    items = {one.item.ref: one.item for one in now.owned}
    while held := [action for action in actions if action.target.lower() in named]:
        for item in dict.fromkeys(items[action.ref] for action in held):
            why = f"{named[item.id.lower()]}, which stays for now, still names it"
            left.append(LeftAlone(item=item, why=why))
            named |= dict.fromkeys(item.uses, item.name)
        actions = [action for action in actions if action not in held]
    return Proposal(actions=tuple(actions), left=tuple(left))


def covering_lock(target: str, locks: Sequence[Item]) -> Item | None:
    """The last of these locks that is on a thing or on a place around it."""
    places = {_place(one): one for one in locks}
    found = [places[one] for one in _around(target) if one in places]
    return max(found, key=locks.index) if found else None


def _place(lock: Item) -> str:
    return lock.id.lower().partition("/providers/microsoft.authorization/locks/")[0]


def _around(target: str) -> Iterator[str]:
    """A thing and every place around it, in lower case."""
    place = target.lower()
    yield place
    while "/" in place:
        place = place.rpartition("/")[0]
        yield place


def _action(one: Owned, step: StepId, verb: Verb, rank: int) -> Action:
    item = one.item
    return Action(
        step=step,
        system=item.system,
        verb=verb,
        kind=item.kind,
        target=item.id,
        name=item.name,
        scope=item.scope,
        key=item.key,
        why="; ".join(one.provenance.reasons),
        rank=rank,
        before=item.image,
    )


def _stays(one: Owned, now: Situation) -> list[LeftAlone] | None:
    """None when it is to be removed; else what to write down about it (nothing for the customer's plain own things)."""
    item, said = one.item, one.provenance
    reasons = "; ".join(said.reasons)
    if said.whose is Whose.CUSTOMERS:
        near = "decided" in reasons or any(now.facts.provider.name.lower() in sign.value.lower() for sign in item.signs)
        return [LeftAlone(item=item, why=f"the customer's: {reasons}")] if near else []
    if said.whose is Whose.UNKNOWN:
        return [LeftAlone(item=item, why=f"unknown: {reasons}; a named person must decide")]
    if said.whose is Whose.SHARED:
        return [LeftAlone(item=item, why=f"shared: {reasons}", disposition=Disposition.HAND_OVER)]
    if is_executors(item, now.facts):
        return [
            LeftAlone(
                item=item, why="ours: this program works by it, so it goes last", disposition=Disposition.HAND_OVER
            )
        ]
    if stays(item, now.facts):
        return [LeftAlone(item=item, why="ours, and it stays by agreement", disposition=Disposition.KEEP)]
    if item.fact("inherited") == "yes":
        return [LeftAlone(item=item, why="inherited from a management group: not ours to remove here")]
    if item.fact("builtin") == "yes":
        return []
    if keeps_backups(item):
        why = f"ours, and it keeps {item.fact('protects')} backups of the customer: it is handed over, never removed"
        return [LeftAlone(item=item, why=why, disposition=Disposition.HAND_OVER)]
    if item.holds_data and not exported(now.proofs):
        why = "holds the customer's data, and no export of it was made: it is handed over, not removed"
        return [LeftAlone(item=item, why=why, disposition=Disposition.HAND_OVER)]
    return None


def keeps_backups(item: Item) -> bool:
    """True for a vault of ours in which something is protected: the backups are the customer's (H13)."""
    return item.fact("protects") not in ("", "0")


def exported(proofs: Sequence[Proof]) -> bool:
    """True once an export of all resources was made and seen."""
    return any(proof.kind is ProofKind.EXPORTED for proof in proofs)


def belt(plan: Plan, items: Sequence[Item]) -> str:
    """Why a plan is over the size belt, or an empty text."""
    removed = Counter(action.kind for action in plan.actions if action.verb is Verb.REMOVE)
    if sum(removed.values()) > BELT_COUNT:
        return f"it removes {sum(removed.values())} objects; the belt is {BELT_COUNT}"
    there = Counter(item.kind for item in items)
    for kind, count in sorted(removed.items()):
        if there[kind] >= BELT_SMALLEST and count * 100 > there[kind] * BELT_PERCENT:
            return f"it removes {count} of {there[kind]} of kind {kind}; the belt is {BELT_PERCENT} %"
    return ""
