"""Day 0: which key works, which step needs it, and what will be in the way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sendoff.engine.letters import letter_values
from sendoff.engine.look import connectors, looked_at, sight
from sendoff.engine.wholelook import stored_look
from sendoff.model.case import Case
from sendoff.model.digest import Json, canonical
from sendoff.model.errors import ConnectorError
from sendoff.model.event import Preflighted
from sendoff.model.inventory import Inventory, Kind, System, Whose
from sendoff.model.key import Key
from sendoff.model.outlook import Hand, Outlook
from sendoff.model.shape import shaped
from sendoff.model.situation import Owned
from sendoff.model.state import State
from sendoff.ports import Connector, Ports, SaysHow
from sendoff.rules.inuse import in_use
from sendoff.rules.outlook import in_the_way, outlooks
from sendoff.steps import EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know on day 0."""

    subject: str
    good: bool
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What day 0 found: findings, each step with its keys, and the letter about what the customer does themselves
    (subject and body); None when there is nothing of that kind."""

    findings: tuple[Finding, ...]
    steps: tuple[Outlook, ...]
    letter: tuple[str, str] | None = None


def preflight(ports: Ports, case: Case) -> Prepared:
    """Probe every key of every configured system, and say for each step whether it can be done as it is."""
    hands = connectors(ports, case, (*looked_at(case), System.OFFICE, System.GITHUB))
    tried = {
        (system, key): _fault(hand, key)
        for system, hand in hands.items()
        for key in sorted({cell.key for cell in hand.cells()} | {one.key for one in hand.able.values()} - {Key.PERSON})
    }
    able = {
        system: frozenset((kind, verb, one.key) for (kind, verb), one in hand.able.items())
        for system, hand in hands.items()
    }
    look = case.looks.get("preflight")
    whole = stored_look(ports, case, look.inventory) if look else Inventory(read=(), blind=(), items=())
    seen = sight(case, whole).owned
    steps = outlooks(case, seen, EVERY, able, tried)
    found = [
        Finding(subject=str(system), good=False, said="not configured: its steps are done by a person")
        for system in (*looked_at(case), System.OFFICE)
        if system not in hands
    ]
    found += [_tried(system, key, fault, steps, _way(hands[system], key)) for (system, key), fault in tried.items()]
    found += [
        Finding(subject=one.step, good=True, said=f"added, {one.reason}")
        for one in case.steps.values()
        if one.added and one.state is not State.NOT_APPLICABLE
    ]
    found += [Finding(subject="blind spot", good=False, said=spot) for spot in (look.blind if look else ())]
    found += [Finding(subject=subject, good=False, said=said) for subject, said in in_the_way(case, seen)]
    found += [*_not_removable(seen), *_reserved(seen)]
    found += [Finding(subject="remove-accounts", good=False, said=said) for said in in_use(seen, whole)]
    return Prepared(findings=tuple(found), steps=steps, letter=_letter(ports, case, steps))


def written(ports: Ports, case: Case, found: Prepared) -> Preflighted:
    """The event of a preflight, with what it found in the evidence."""
    blob = ports.store.put(case.id, canonical(found))
    bad = sum(not one.good for one in found.findings)
    return Preflighted(findings=blob, count=len(found.findings), bad=bad)


def last_preflight(ports: Ports, case: Case) -> Prepared | None:
    """What the newest preflight found; None when nobody ran one, or before what it found was kept."""
    if case.preflight is None:
        return None
    return shaped(Prepared, json.loads(ports.store.get(case.id, case.preflight.findings)), where="preflight")


def _fault(hand: Connector, key: Key) -> str:
    try:
        hand.probe(key)
    except ConnectorError as failed:
        return str(failed)
    return ""


def _way(hand: Connector, key: Key) -> str:
    return hand.way(key) if isinstance(hand, SaysHow) else ""


def _tried(system: System, key: Key, fault: str, steps: tuple[Outlook, ...], way: str) -> Finding:
    needed = [one.step for one in steps if any((tried.system, tried.key) == (system, key) for tried in one.keys)]
    said = f"for {', '.join(needed)}" if needed else "for looking"
    words = f"{fault}; {said} a person is needed" if fault else f"works{' as ' + way if way else ''}, {said}"
    return Finding(subject=f"{system} by {key}", good=not fault, said=words)


def _letter(ports: Ports, case: Case, steps: tuple[Outlook, ...]) -> tuple[str, str] | None:
    tasks: list[Json] = [
        {
            "step": one.step,
            "text": one.text,
            "things": [{"name": thing.name, "id": thing.id, "lock": thing.lock} for thing in one.things],
        }
        for one in steps
        if one.hand is Hand.CUSTOMER or one.things
    ]
    if not tasks:
        return None
    subject, body = ports.papers.letter("tasks", case.facts.language, {**letter_values(case), "tasks": tasks})
    return subject, body.decode()


def _not_removable(seen: Sequence[Owned]) -> list[Finding]:
    """F12: delegations that we cannot remove ourselves, known on day 0 and not on the last."""
    return [
        Finding(
            subject="remove-lighthouse",
            good=False,
            said=f"{one.item.name} in {one.item.scope} was made without the delete role: the customer removes it",
        )
        for one in seen
        if one.item.kind is Kind.DELEGATION
        and one.provenance.whose is Whose.OURS
        and one.item.fact("can-remove-itself") == "no"
    ]


def _reserved(seen: Sequence[Owned]) -> list[Finding]:
    """F14: what has a term keeps the reseller relationship alive until it moves or ends: to be known on day 0."""
    return [
        Finding(
            subject="end-relationships",
            good=True,
            said=f"{item.name} runs until {item.fact('term-end')}: it moves or ends before the relationship does",
        )
        for item in (one.item for one in seen)
        if item.kind is Kind.COMMITMENT and item.fact("term-end") and item.fact("status").lower() in ("active", "")
    ]
