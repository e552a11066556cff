"""Day 0, step by step: which keys a step needs, whether they work now, what is in its way, whose step it becomes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sendoff.model.case import Case, Standing
from sendoff.model.inventory import Item, Kind, System, Verb, Whose
from sendoff.model.key import DOORS, Key
from sendoff.model.outlook import Hand, KeyTried, Outlook, Theirs
from sendoff.model.situation import Owned
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.step import Step
from sendoff.rules.adding import covering
from sendoff.rules.administrators import ENOUGH, own_administrators
from sendoff.rules.admitting import MEND, only_us
from sendoff.rules.deadlines import local_day, not_before
from sendoff.rules.judging import is_residue
from sendoff.rules.planning import covering_lock
from sendoff.rules.transfers import UNDER_WAY

Abilities = Mapping[System, frozenset[tuple[Kind, Verb, Key]]]
"""What our hands can do in each configured system, and by which key."""


def outlooks(
    case: Case,
    owned: Sequence[Owned],
    steps: Sequence[Step],
    able: Abilities,
    faults: Mapping[tuple[System, Key], str],
) -> tuple[Outlook, ...]:
    """Every step of the case that is not settled yet. `faults` has a word for each key that was tried; none is good."""
    by_id = {step.id: step for step in steps}
    ours: dict[StepId, list[Item]] = {}
    for one in owned:
        step = covering(one.item, case.facts, steps)
        if step is not None and is_residue(case, one):
            ours.setdefault(step.id, []).append(one.item)
    locks = [one.item for one in owned if one.item.kind is Kind.LOCK and one.provenance.whose is not Whose.OURS]
    return tuple(
        _outlook(standing, by_id.get(standing.step), ours.get(standing.step, []), locks, able, faults)
        for standing in case.steps.values()
        if standing.state not in SETTLED and standing.state is not State.NOT_APPLICABLE
    )


def _outlook(
    standing: Standing,
    step: Step | None,
    mine: Sequence[Item],
    locks: Sequence[Item],
    able: Abilities,
    faults: Mapping[tuple[System, Key], str],
) -> Outlook:
    if step is None or step.plan is None or standing.by_hand:
        return Outlook(step=standing.step, text=standing.text, role=standing.role, hand=Hand.PERSON)
    keys = tuple(_keys(step, able, faults))
    absent = tuple(f"{system} is not configured" for system in sorted(step.systems - set(able)))
    broken = tuple(f"{one.key} in {one.system}: {one.fault}" for one in keys if one.fault)
    things = tuple(_theirs(mine, locks))
    hand = Hand.MACHINE
    if absent or broken:
        # Behind one of the doors only the customer can do what we cannot; in our own house one of us can.
        shut = [one for one in keys if one.fault and one.key in DOORS]
        hand = Hand.CUSTOMER if shut and step.covers and not absent else Hand.PERSON
    elif things and len(things) == len(mine):
        hand = Hand.CUSTOMER
    return Outlook(
        step=standing.step,
        text=standing.text,
        role=standing.role,
        hand=hand,
        keys=keys,
        in_the_way=(*absent, *broken, *(one.said for one in things)),
        things=things or (tuple(Theirs(name=item.name, id=item.id) for item in mine) if hand is Hand.CUSTOMER else ()),
    )


def _keys(step: Step, able: Abilities, faults: Mapping[tuple[System, Key], str]) -> Iterator[KeyTried]:
    """The keys of everything that the step may do, and of the doors that it says it goes through."""
    wanted = {
        (system, key)
        for system in step.systems
        for kind, verb, key in able.get(system, frozenset())
        if kind in step.covers or verb in step.verbs or (not step.covers and not step.verbs)
    }
    wanted |= {(system, key) for system, key in faults if system in step.systems and key in step.needs}
    for system, key in sorted(wanted):
        if (system, key) in faults:
            yield KeyTried(system=system, key=key, fault=faults[system, key])


_LOCKED = frozenset(
    {
        Kind.RESOURCE,
        Kind.DIAGNOSTIC_SETTING,
        Kind.BUDGET,
        Kind.ROLE_ASSIGNMENT,
        Kind.POLICY_REMEDIATION,
        Kind.POLICY_EXEMPTION,
        Kind.POLICY_ASSIGNMENT,
        Kind.POLICY_SET,
        Kind.POLICY_DEFINITION,
    }
)
"""What a plan leaves alone under a lock of theirs."""


def _theirs(mine: Sequence[Item], locks: Sequence[Item]) -> Iterator[Theirs]:
    """What of ours only the customer can make an end to."""
    for item in mine:
        lock = covering_lock(item.id, locks) if item.kind in _LOCKED else None
        if item.kind is Kind.DELEGATION and item.fact("can-remove-itself") == "no":
            yield Theirs(name=item.name, id=item.id, delegation=True)
        elif lock is not None:
            yield Theirs(name=item.name, id=item.id, lock=lock.name)


def lapses(case: Case, owned: Sequence[Owned]) -> tuple[str, ...]:
    """Transfer requests that lapse before they may be accepted."""
    opens = not_before(Verb.ACCEPT, case.facts, Kind.TRANSFER)
    waiting = [one.item for one in owned if one.item.kind is Kind.TRANSFER and one.item.fact("status") in UNDER_WAY]
    return tuple(
        f"the transfer request {item.name} lapses on {item.fact('expires')}, and {opens[1]}: ask for it later, or "
        "agree on an earlier day"
        for item in waiting
        if opens is not None and _before(item.fact("expires"), opens[0], case.facts.zone)
    )


def _before(told: str, opens: datetime, zone: str) -> bool:
    return bool(told) and told[:10] <= local_day(opens, zone).isoformat()


def in_the_way(case: Case, owned: Sequence[Owned]) -> tuple[tuple[str, str], ...]:
    """What to know on day 0 besides keys, each with its subject: the customer's own administrators, transfer requests,
    what can still be restored, and Conditional Access that rests on our addresses or accounts."""
    found = [("accept-transfer", said) for said in lapses(case, owned)]
    items = [one.item for one in owned]
    administrators = [item for item in items if item.kind is Kind.ADMINISTRATOR]
    own = len(own_administrators(items))
    if administrators and own < ENOUGH:
        told = f"the customer has {own} administrators of their own with MFA, and needs {ENOUGH}"
        found.append(("make-administrators", told))
    found += [
        ("create-administrator", f"{name}, so nobody but us can sign in: {MEND} (H50)") for name in only_us(items)
    ]
    for kind, said in _SAID.items():
        names = [one.item.name for one in owned if one.item.kind is kind and is_residue(case, one)]
        if names:
            found.append((str(kind), f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''} {said}"))
    return tuple(found)


_SAID: Mapping[Kind, str] = {
    Kind.DELETED_ITEM: "can still be restored, and counts as ours until then",
    Kind.DELETED_RESOURCE: "can still be restored, and its name stays taken",
    Kind.NAMED_LOCATION: "holds our addresses: whoever it lets in from there is shut out when it goes, also us",
    Kind.ACCESS_POLICY: "names something of ours: the customer takes it out before that goes",
}
