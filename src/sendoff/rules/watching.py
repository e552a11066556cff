"""Soft first: an account or an app of ours is disabled, watched for days, and only then deleted, each by its own plan.

What still uses it shows while it can be put back (H14). Two plans, for an approval lasts seven days and a watch longer:
who says yes to the second one reads what happened in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Deed, LeftAlone, Outcome, Plan
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.verdict import Judgement, Verdict
from sendoff.rules.asking import Question
from sendoff.rules.deadlines import WATCHED, local_day, watch_fits, watch_of
from sendoff.rules.planning import removals

SINCE = "disabled"
"""The name in an action's content of the moment since which its thing is watched."""
RIGHTS_OF = frozenset({Kind.CONSENT})
"""Rights that end with an app that is watched, and are in no plan of their own."""
THE_WATCH = "the watch"
"""How a watched thing was judged."""
OVER = "its watch is over, and nothing stood against its end"
_PAGES = {Kind.SERVICE_PRINCIPAL: "Enterprise applications > the app > Properties"}
_NO_ROOM = (
    "there is no room for a watch of {days} days before {until}: the customer deletes it when they see fit, in the "
    "Entra admin centre > {page}; we disable it, and look until it is gone or our access ends"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How one watched thing stands."""

    item: Item
    since: datetime
    ends: datetime
    spoiled: str
    """Why it is not deleted as it is; empty when nothing happened."""


def watches(facts: Facts, watched: Mapping[str, datetime], items: Sequence[Item]) -> dict[str, Watch]:
    """The watch of each of these things that has one, by ref."""
    found: dict[str, Watch] = {}
    for item in items:
        since = watched.get(item.ref)
        if since is not None and item.kind in WATCHED:
            ends = since + watch_of(facts)
            found[item.ref] = Watch(item=item, since=since, ends=ends, spoiled=_spoiled(item, since, facts.zone))
    return found


def spoiled_since(action: Action, item: Item) -> str:
    """The same just before the deed, of what an action says was disabled; empty for every other action."""
    since = action.said(SINCE)
    return _spoiled(item, datetime.fromisoformat(since), "UTC") if since else ""


def _spoiled(item: Item, since: datetime, zone: str) -> str:
    """H14: what happened to a thing after we disabled it: somebody enabled it, or something still signs in with it."""
    day = local_day(since, zone)
    if item.fact("enabled") != "no":
        return f"it was enabled again after we disabled it on {day}: somebody needs it"
    last = item.fact("last-attempt")
    if last and datetime.fromisoformat(last) > since:
        return f"something tried to sign in with it on {last[:10]}, after we disabled it on {day}: it is still used"
    return ""


def resting(case: Case, plan: Plan, owned: Sequence[Owned], left: frozenset[str]) -> dict[str, Watch]:
    """The watches that a step waits for: of what its plan disables, and of residue of its own that no line of the plan
    deletes."""
    goes = {act.ref for act in plan.actions if act.verb is Verb.REMOVE}
    mine = ({act.ref for act in plan.actions if act.verb is Verb.DISABLE} | left) - goes
    return watches(case.facts, case.watched, [one.item for one in owned if one.item.ref in mine])


def with_rights(owned: Sequence[Owned], rest: Mapping[str, Watch]) -> frozenset[str]:
    """Refs of what rests, and of the rights that the platform removes with it."""
    holders = {one.item.id.lower() for one in rest.values()}
    rights = [one.item for one in owned if one.item.kind in RIGHTS_OF]
    ended = {item.ref for item in rights if item.fact("principalId").lower() in holders}
    return frozenset(rest) | ended


def judge_watches(found: Sequence[Watch], now: datetime) -> tuple[Judgement, ...]:
    """Left when something happened, held while the watch runs, there when it is over and nothing stood against it."""
    return tuple(_judge(one, now) for one in found)


def _judge(one: Watch, now: datetime) -> Judgement:
    verdict, why = Verdict.THERE, OVER
    if one.spoiled:
        verdict, why = Verdict.LEFT, one.spoiled
    elif now < one.ends:
        verdict, why = Verdict.HELD, held_until(one.ends)
    return Judgement(ref=one.item.ref, name=one.item.name, verdict=verdict, how=THE_WATCH, why=why)


def held_until(moment: datetime) -> str:
    """The verdict of a running watch, in words."""
    return f"disabled, and held until {moment:%Y-%m-%d %H:%M} UTC: what still uses it shows by then"


def disabled(deeds: Sequence[Deed]) -> tuple[str, ...]:
    """Refs of the accounts and apps that these deeds disabled."""
    kinds = tuple(f"{System.ENTRA}|{kind}|" for kind in WATCHED)
    good = (Outcome.DONE, Outcome.FOUND)
    return tuple(
        deed.ref
        for deed in deeds
        if deed.verb is Verb.DISABLE and deed.receipt.outcome in good and deed.ref.startswith(kinds)
    )


def softly(now: Situation, step: StepId, kinds: frozenset[Kind]) -> Proposal:
    """Disable what is ours of these kinds and was not disabled by us, or was used since; delete what was watched long
    enough. First the one, and the other by a plan of its own. Refused while nothing is left to do but to wait."""
    base = removals(now, step, dict.fromkeys(kinds, 0))
    known = watches(now.facts, now.watched, now.inventory.items)
    fresh = tuple(act for act in base.actions if act.ref not in known or known[act.ref].spoiled)
    if fresh:
        told = tuple(_with_reason(act, known.get(act.ref)) for act in fresh)
        return Proposal(actions=tuple(_disabled(now, told)), left=base.left)
    running = [known[act.ref].ends for act in base.actions if known[act.ref].ends > now.at]
    if running:
        raise Refused(f"{step}: {held_until(max(running))}; plan the removal then")
    over = tuple(_deleted(act, known[act.ref]) for act in base.actions)
    return Proposal(actions=over, left=base.left)


def first_wave(now: Situation, step: StepId) -> Proposal:
    """Disable what does nothing in this exit, once, and again what was used since; what somebody still works with is
    left for the second wave, with the reason."""
    base = removals(now, step, dict.fromkeys(WATCHED, 0))
    if not watch_fits(now.facts, now.at):
        return Proposal(left=base.left)  # Too late to be early: the accounts' own step says what the customer does.
    known = watches(now.facts, now.watched, now.inventory.items)
    items = {item.ref: item for item in now.inventory.items}
    fresh = [act for act in base.actions if act.ref not in known or known[act.ref].spoiled]
    idle = [act for act in fresh if not _works(items[act.ref], now.facts)]
    why = "ours: a step of this exit still needs it; it is disabled when that is done"
    later = tuple(LeftAlone(item=items[act.ref], why=why) for act in fresh if act not in idle)
    told = (_with_reason(act, known.get(act.ref)) for act in idle)
    return Proposal(actions=tuple(replace(act, verb=Verb.DISABLE) for act in told), left=(*base.left, *later))


def _works(item: Item, facts: Facts) -> bool:
    named = {one.lower() for one in facts.working}
    return bool(named & {item.id.lower(), item.fact("sign-in-name").lower(), item.fact("app").lower()} - {""})


def _with_reason(act: Action, watch: Watch | None) -> Action:
    return replace(act, why=f"{act.why}; {watch.spoiled}; a new watch begins") if watch else act


def _disabled(now: Situation, acts: Sequence[Action]) -> Iterator[Action]:
    """H47: where the watch does not fit any more the customer deletes it, and no key of ours waits for it."""
    fits = watch_fits(now.facts, now.at)
    for act in acts:
        yield replace(act, verb=Verb.DISABLE)
        if not fits:
            page = _PAGES.get(act.kind, "Users > the account")
            why = _NO_ROOM.format(days=now.facts.watch_days, until=now.facts.access_until, page=page)
            yield replace(act, rank=1, key=Key.PERSON, why=f"{act.why}; {why}")


def _deleted(act: Action, watch: Watch) -> Action:
    item = watch.item
    lost = item.fact("attempts-because")
    told = f"whether anything tried to sign in could not be read: {lost}" if lost else "nothing tried to sign in since"
    if item.kind is Kind.SERVICE_PRINCIPAL:
        told = "whether anything tried to sign in with it is not shown to us"
    why = f"{act.why}; disabled since {watch.since:%Y-%m-%d}, and {told}"
    return replace(act, why=why, content=((SINCE, watch.since.isoformat()),))


def watched_long_enough(ask: Question) -> Gate:
    """H14: no account and no app is deleted by us before it was disabled for as long as the watch is."""
    acts = [act for act in (ask.plan.actions if ask.plan else ()) if _needs_watch(act)]
    if not acts:
        return Open(gate="watch", reason="no account is deleted that must be watched first")
    facts, known = ask.case.facts, ask.case.watched
    bare = [act.name for act in acts if act.ref not in known or known[act.ref].isoformat() != act.said(SINCE)]
    if bare:
        return Shut(gate="watch", reason=f"{bare[0]} was not disabled by us first, or again since", who="a new plan")
    ends = max(known[act.ref] for act in acts) + watch_of(facts)
    if ask.now < ends:
        return Shut(gate="watch", reason=held_until(ends), until=ends)
    return Open(gate="watch", reason=f"disabled for {facts.watch_days} days, and not used")


def _needs_watch(act: Action) -> bool:
    return act.system is System.ENTRA and act.verb is Verb.REMOVE and act.kind in WATCHED and not act.by_person
