"""Day 0: which key works, which step needs it, and what will be in the way."""

from dataclasses import dataclass

from sendoff.engine.look import LOOKED_AT
from sendoff.engine.wholelook import seen_in
from sendoff.model.case import Case
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import Kind, System, Whose
from sendoff.model.key import Key
from sendoff.model.state import State
from sendoff.ports import Ports
from sendoff.steps import EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know on day 0."""

    subject: str
    good: bool
    said: str


def preflight(ports: Ports, case: Case) -> tuple[Finding, ...]:
    """Probe every key of every configured system, and name the steps that become a person's."""
    found: list[Finding] = []
    for system in (*LOOKED_AT, System.OFFICE):
        hand = ports.world.connector(case.facts, system)
        if hand is None:
            found.append(
                Finding(subject=str(system), good=False, said="not configured: its steps are done by a person")
            )
            continue
        found += [_probed(ports, case, system, key) for key in sorted({cell.key for cell in hand.cells()})]
    found += [
        Finding(subject=one.step, good=True, said=f"added, {one.reason}")
        for one in case.steps.values()
        if one.added and one.state is not State.NOT_APPLICABLE
    ]
    look = case.looks.get("preflight")
    found += [Finding(subject="blind spot", good=False, said=spot) for spot in (look.blind if look else ())]
    found += _not_removable(ports, case)
    found += _reserved(ports, case)
    return tuple(found)


def _not_removable(ports: Ports, case: Case) -> list[Finding]:
    """F12: delegations that we cannot remove ourselves, known on day 0 and not on the last."""
    look = case.looks.get("preflight")
    seen = seen_in(ports, case, look.inventory) if look else ()
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


def _reserved(ports: Ports, case: Case) -> list[Finding]:
    """F14: what has a term keeps the reseller relationship alive until it moves or ends: to be known on day 0."""
    look = case.looks.get("preflight")
    bought = [one.item for one in (seen_in(ports, case, look.inventory) if look else ())]
    return [
        Finding(
            subject="end-relationships",
            good=True,
            said=f"{item.name} runs until {item.fact('term-end')}: it moves or ends before the relationship does",
        )
        for item in bought
        if item.kind is Kind.COMMITMENT and item.fact("term-end") and item.fact("status").lower() in ("active", "")
    ]


def _probed(ports: Ports, case: Case, system: System, key: Key) -> Finding:
    hand = ports.world.connector(case.facts, system)
    needs = [step.id for step in EVERY if system in step.systems and step.id in case.steps]
    said = f"for {', '.join(needs)}" if needs else "for looking"
    if hand is None:
        return Finding(subject=f"{system} by {key}", good=False, said="not configured")
    try:
        hand.probe(key)
    except ConnectorError as failed:
        return Finding(subject=f"{system} by {key}", good=False, said=f"{failed}; {said} a person is needed")
    return Finding(subject=f"{system} by {key}", good=True, said=f"works, {said}")
