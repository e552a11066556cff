"""The look that guards against locking a customer out: which of their administrators can sign in, seen and not told."""

from datetime import datetime, timedelta

from sendoff.engine.look import connectors, scan
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import canonical
from sendoff.model.event import Body, Proven
from sendoff.model.gate import Shut
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.step import Step
from sendoff.ports import Ports
from sendoff.rules.administrators import is_own
from sendoff.rules.admitting import in_the_way, only_us
from sendoff.rules.deadlines import SOONEST

FRESH = timedelta(days=7)


def administrators_seen(ports: Ports, case: Case) -> tuple[Body, ...]:
    """The proof of administrators of the customer who signed in with MFA within seven days, and of the policies by
    which nobody but us could; nothing when unreadable."""
    hands = connectors(ports, case, (System.ENTRA,))
    seen = scan(hands, Tray(ports.store, case.id), frozenset({Kind.ADMINISTRATOR, Kind.ACCESS_POLICY}))
    if not any(cell.kind is Kind.ADMINISTRATOR for cell in seen.read) or any(not spot.denied for spot in seen.blind):
        return ()
    now, shut = ports.clock.now(), _shut(case)
    administrators = [item for item in seen.items if item.kind is Kind.ADMINISTRATOR]
    signed_in = [item for item in administrators if _counts(item, now, shut)]
    said = f"{len(signed_in)} of {len(administrators)} administrators signed in with MFA within seven days"
    return (
        Proven(
            kind=ProofKind.ADMINISTRATORS,
            grade=Grade.OBSERVED,
            evidence=ports.store.put(case.id, canonical(seen)),
            count=len(signed_in),
            note="; ".join((said, *only_us(seen.items))),
            about=in_the_way(seen),
        ),
    )


def _shut(case: Case) -> datetime | None:
    """When we last saw that only our addresses were let in: who came in before may have come from us (H50)."""
    found = [one.at for one in case.proofs if one.kind is ProofKind.ADMINISTRATORS and one.about]
    return max(found, default=None)


def _counts(item: Item, now: datetime, shut: datetime | None) -> bool:
    """Enabled, the customer's own, and seen to sign in with MFA."""
    last = item.fact("last-mfa-sign-in")
    if not is_own(item) or not last:
        return False
    at = datetime.fromisoformat(last.replace("Z", "+00:00"))
    return now - at <= FRESH and (shut is None or at > shut)


def still_admitted(ports: Ports, case: Case, step: Step) -> tuple[tuple[Body, ...], tuple[Shut, ...]]:
    """For a step whose plan rests on who is let in: the look just before it begins. What is now in the way becomes a
    proof that shuts the gate; what could not be read holds the step for a while."""
    if Kind.ACCESS_POLICY not in step.consults:
        return (), ()
    seen = scan(connectors(ports, case, (System.ENTRA,)), Tray(ports.store, case.id), frozenset({Kind.ACCESS_POLICY}))
    unread = [spot for spot in seen.blind if not spot.denied]
    if unread:
        until = ports.clock.now() + SOONEST
        return (), (Shut(gate="sign-in", reason=f"could not look who is let in: {unread[0].reason}", until=until),)
    return (administrators_seen(ports, case) if in_the_way(seen) else ()), ()
