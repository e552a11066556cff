"""The doors into a customer at the end: each tried or read, with what the journal knows of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sendoff.engine.judging import stored_deeds
from sendoff.model.case import Case
from sendoff.model.certificate import Door
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.plan import Outcome
from sendoff.model.state import State, StepId
from sendoff.model.trial import Condition, Met, Trial
from sendoff.model.verdict import Coverage
from sendoff.ports import Doorway, Ports
from sendoff.rules.choosing import kept
from sendoff.rules.doors import door, read_before, removed, too_soon
from sendoff.steps import by_id

_TRIED: tuple[tuple[Key, System, Kind, StepId], ...] = (
    (Key.LIGHTHOUSE, System.AZURE, Kind.DELEGATION, StepId("remove-lighthouse")),
    (Key.APP, System.ENTRA, Kind.SERVICE_PRINCIPAL, StepId("remove-app-registration")),
)
"""Doors that are tried from outside: where, the kind that stands for each, and the step that makes an end to it."""
_READ = ((Key.GDAP, Kind.GDAP), (Key.PARTNER_CENTER, Kind.RELATIONSHIP))
"""Doors that stand open for as long as a thing exists in our own tenant."""
_ACCEPTED = frozenset({Outcome.DONE, Outcome.FOUND})


def doors(ports: Ports, case: Case, rows: Sequence[Coverage]) -> tuple[Door, ...]:
    """All five. Refused while a token from before may still be let in: then they are tried again later."""
    if case.facts.tail_of:
        elsewhere = (_other_case(key, case) for key in (*(one[0] for one in _TRIED), Key.AOBO))
        return (*elsewhere, *(_read(case, rows, key, kind) for key, kind in _READ))
    return (
        *(_tried(ports, case, rows, *one) for one in _TRIED),
        _foreign(case, rows),
        *(_read(case, rows, key, kind) for key, kind in _READ),
    )


def _tried(
    ports: Ports, case: Case, rows: Sequence[Coverage], key: Key, system: System, kind: Kind, step: StepId
) -> Door:
    """Tried with a sign-in of this moment. Silence is unknown, and so is a no of which not everything is known."""
    if kind in kept(case.facts):
        return _kept(key)
    hand = ports.world.connector(case.facts, system)
    if not isinstance(hand, Doorway):
        return Door(key=str(key), outcome="unknown", said=f"{system} is not configured")
    trials = hand.tried(key, case.opened_at)
    standing = case.standing(step)
    again = too_soon(trials, standing.settled_at if standing else None, ports.clock.now())
    if again is not None:
        said = f"our key {key} is refused to a fresh sign-in, and a token from before still reads"
        raise Refused(f"{said}: try again after {again:%Y-%m-%d %H:%M} UTC")
    before = _looks(ports, case, key, system, {one.scope.lower() for one in trials})
    whole = [
        replace(one, conditions=(*_known(ports, case, rows, one, before, step), *one.conditions)) for one in trials
    ]
    return door(key, whole, {_bare(row.id): row.name for row in case.facts.scope})


def _known(
    ports: Ports, case: Case, rows: Sequence[Coverage], trial: Trial, before: Mapping[str, str], step: StepId
) -> tuple[Condition, Condition]:
    how = _delegation(ports, case, rows, trial.scope) if trial.key is Key.LIGHTHOUSE else _attested(case, step)
    return read_before(before.get(trial.scope.lower(), "")), removed(how)


def _bare(ident: str) -> str:
    return ident.rstrip("/").rpartition("/")[2].lower()


def _looks(ports: Ports, case: Case, key: Key, system: System, wanted: set[str]) -> Mapping[str, str]:
    """For each place in which look of this case the key read it; the first one that did. No look is read in vain."""
    found: dict[str, str] = {}
    for purpose, look in sorted(case.looks.items(), key=lambda row: row[1].seq):
        if wanted <= found.keys():
            break
        for place in _read_places(ports, case, look.inventory, key, system):
            found.setdefault(place, f"look '{purpose}' of {look.at:%Y-%m-%d %H:%M} UTC")
    return found


def _read_places(ports: Ports, case: Case, inventory: Digest, key: Key, system: System) -> set[str]:
    cells = json.loads(ports.store.get(case.id, inventory))["read"]
    return {_bare(str(one["scope"])) for one in cells if (one["key"], one["system"]) == (str(key), str(system))}


def _delegation(ports: Ports, case: Case, rows: Sequence[Coverage], subscription: str) -> str:
    """The vendor took the end of it, or another key read every delegation there and none of ours was left."""
    step = by_id(StepId("remove-lighthouse"))
    mark = f"{System.AZURE}|{Kind.DELEGATION}|/subscriptions/{subscription}/"
    deeds = stored_deeds(ports, case, step) if case.standing(step.id) else ()
    taken = [one.receipt for one in deeds if one.ref.startswith(mark) and one.receipt.outcome in _ACCEPTED]
    if taken:
        return f"the vendor took it: {taken[-1].outcome} {taken[-1].code}".strip()
    other = [one for one in rows if one.kind is Kind.DELEGATION and _bare(one.scope) == subscription]
    if other and all(one.outcome == "read" and one.key is not Key.LIGHTHOUSE and not one.left for one in other):
        return f"the last look read every delegation by {other[0].key}, and none of ours was left"
    return ""


def _attested(case: Case, step: StepId) -> str:
    """The customer did it, and a person of ours gave their word and the evidence."""
    standing = case.standing(step)
    if standing is None or standing.state not in (State.ATTESTED, State.DONE):
        return ""
    at: datetime | None = standing.settled_at
    return f"{standing.state}, {len(standing.evidence)} pieces of evidence" + (f", {at:%Y-%m-%d}" if at else "")


def _other_case(key: Key, case: Case) -> Door:
    """What the case of which this one is the tail makes an end to, and certifies."""
    return Door(key=str(key), outcome="other certificate", said=f"that of case {case.facts.tail_of} tells")


def _kept(key: Key) -> Door:
    return Door(key=str(key), outcome="kept by agreement", said="it stays for what goes on")


def _foreign(case: Case, rows: Sequence[Coverage]) -> Door:
    """AOBO is a role assignment to a group of ours: shut when every role assignment was read and none is ours."""
    if Kind.ROLE_ASSIGNMENT in kept(case.facts):
        return _kept(Key.AOBO)
    assignments = [row for row in rows if row.kind is Kind.ROLE_ASSIGNMENT]
    if not assignments or any(row.outcome != "read" for row in assignments):
        return Door(key=str(Key.AOBO), outcome="not tried", said="not every role assignment in Azure could be read")
    left = sum(row.left for row in assignments)
    said = f"{left} role assignments of ours are left" if left else "no role assignment of ours is left in Azure"
    return Door(key=str(Key.AOBO), outcome="open" if left else "shut", said=said, conditions=(_by_a_read(assignments),))


def _read(case: Case, rows: Sequence[Coverage], key: Key, kind: Kind) -> Door:
    """A door that is a thing in our own tenant: shut when it was looked for there and is gone."""
    if kind in kept(case.facts):
        return _kept(key)
    found = [row for row in rows if row.kind is kind]
    if not found or any(row.outcome != "read" for row in found):
        said = "nobody could look for it; the customer sees it in their own admin centre"
        return Door(key=str(key), outcome="not tried", said=said)
    left = sum(row.left for row in found)
    said = f"{left} of kind {kind} left" if left else f"no {kind} is left, by our own tenant's word"
    return Door(key=str(key), outcome="open" if left else "shut", said=said, conditions=(_by_a_read(found),))


def _by_a_read(rows: Sequence[Coverage]) -> Condition:
    """No denial is needed where a list was read whole; that it was stands on the certificate."""
    keys = ", ".join(sorted({str(row.key) for row in rows}))
    return Condition(name="read whole", met=Met.YES, said=f"{len(rows)} of {len(rows)} places, by {keys}")
