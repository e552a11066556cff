"""Legal hold: what it is on, and a proposal without what it forbids. It blocks removal everywhere (H35)."""

from collections.abc import Sequence
from dataclasses import replace

from sendoff.model.facts import Facts
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.hold import ALL, LegalHold
from sendoff.model.inventory import Inventory, Item, Kind, System, Target, Verb
from sendoff.model.plan import NEEDS_BEFORE_IMAGE, Action, Disposition, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.rules.asking import Question


def held(facts: Facts, target: Target) -> LegalHold | None:
    """The hold that a thing is under; None when there is none."""
    return next((hold for hold in facts.holds if _on(hold, target)), None)


def _on(hold: LegalHold, target: Target) -> bool:
    on, ident = hold.on.strip().lower(), target.id.lower()
    if on in (ALL, str(target.system)):
        return True
    return bool(on) and (on in (ident, target.scope.lower()) or ident.startswith(f"{on.rstrip('/')}/"))


def forbidden(facts: Facts, action: Action) -> LegalHold | None:
    """The hold that an action would breach. The end of a commitment is the end of what runs on it: a removal too."""
    return held(facts, action.at) if _takes_away(action) else None


def _takes_away(action: Action) -> bool:
    return action.verb is Verb.REMOVE or (action.verb is Verb.END and action.kind is Kind.COMMITMENT)


def unseen(facts: Facts, around: Inventory) -> str:
    """Why nobody can say that a held thing is not inside of what a step removes; empty when that can be said."""
    names = {ALL, *(str(system) for system in System)}
    things = [hold for hold in facts.holds if hold.on.strip().lower() not in names]
    lost = [hold for hold in things if not any(_on(hold, item.target) for item in around.items)]
    if not around.blind or not lost:
        return ""
    return f"{lost[0].on} is under a {lost[0].said}, and {around.blind[0].cell.name} could not be read: look again"


def unheld(now: Situation, proposal: Proposal) -> Proposal:
    """The same without what a legal hold is over: it is left alone whole, so that nothing is paused or disabled of
    which the removal would not follow."""
    over = {one.item.ref: one for one in now.owned if one.hold}
    if not over:
        return proposal
    refs = {action.ref for action in proposal.actions if action.ref in over and _takes_away(action)}
    left = tuple(
        LeftAlone(item=over[ref].item, why=over[ref].hold, disposition=Disposition.KEEP) for ref in sorted(refs)
    )
    free = tuple(one for one in proposal.actions if one.ref not in refs or one.verb not in NEEDS_BEFORE_IMAGE)
    return Proposal(actions=free, left=(*proposal.left, *left))


def holds_over(facts: Facts, items: Sequence[Item]) -> dict[str, str]:
    """By ref, the hold on a thing, or on a thing that lies in it at any depth: its removal would take that along."""
    edge = [(item, hold) for item in items if (hold := held(facts, item.target)) is not None]
    found = {item.ref: hold.said for item, hold in edge}
    at: dict[tuple[System, str], list[int]] = {}
    for number, item in enumerate(items):
        # A tag has the id of the thing that it is on; nothing lies in a tag.
        if item.kind is not Kind.TAG:
            at.setdefault((item.system, item.id.lower()), []).append(number)
    while edge:
        item, hold = edge.pop()
        numbers = {number for place in _places(item) for number in at.get((item.system, place), ())}
        around = [items[number] for number in sorted(numbers)]
        near = {one.ref: one for one in around if one.ref not in found and one.ref != item.ref}
        found |= dict.fromkeys(near, f"{item.name} lies in it: {hold.said}")
        edge += [(one, hold) for one in near.values()]
    return found


def _places(item: Item) -> set[str]:
    """The ids, in lower case, of everything that a thing lies in: above it in its own id, its scope and its parent."""
    found, place = {item.scope.lower(), item.fact("parent").lower()}, item.id.lower()
    while "/" in place:
        place = place.rpartition("/")[0]
        found.add(place)
    return found


def legal_hold(ask: Question) -> Gate:
    """H35: also what was approved before the hold came is not removed, and nobody does it by hand instead."""
    facts = ask.case.facts
    actions = ask.plan.actions if ask.plan and facts.holds else ()
    found = [(action.name, forbidden(facts, action)) for action in actions]
    if ask.plan is None and Verb.REMOVE in ask.by_hand:
        found = [("everything", hold) for hold in facts.holds if hold.on.strip().lower() == ALL]
    breached = [(name, hold) for name, hold in found if hold is not None]
    if not breached:
        return Open(gate="legal hold", reason="nothing under a legal hold is removed")
    name, hold = breached[0]
    return Shut(gate="legal hold", reason=f"{name}: {hold.said}", who="a new plan, or who asked for the hold")


def kept_by_hold(facts: Facts, owned: Sequence[Owned]) -> tuple[str, ...]:
    """Every hold with what of its things the look has shown, counted by kind: printed on the certificate."""
    found = []
    for hold in facts.holds:
        counted: dict[str, int] = {}
        for one in owned:
            if _on(hold, one.item.target):
                place = f"{one.item.kind} in {one.item.system}"
                counted[place] = counted.get(place, 0) + 1
        seen = ", ".join(f"{count} of kind {place}" for place, count in sorted(counted.items()))
        found.append(f"on {hold.on}, {hold.said}; {seen or 'nothing of it was seen'}")
    return tuple(found)


def needs_two(before: Facts, after: Facts) -> bool:
    """True when a frozen fact changes, or a hold is lifted; a hold that is only set holds at once."""
    lifted = any(hold not in after.holds for hold in before.holds)
    return lifted or replace(after, holds=before.holds).frozen_digest != before.frozen_digest
