"""The look that guards against locking a customer out: which of their administrators can sign in, seen and not told."""

from datetime import datetime, timedelta

from sendoff.engine.look import connectors, scan
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import canonical
from sendoff.model.event import Body, Proven
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.proof import Grade, ProofKind
from sendoff.ports import Ports
from sendoff.rules.administrators import is_own

FRESH = timedelta(days=7)


def administrators_seen(ports: Ports, case: Case) -> tuple[Body, ...]:
    """The proof of administrators of the customer who signed in with MFA within seven days; nothing when unreadable."""
    hands = connectors(ports, case, (System.ENTRA,))
    seen = scan(hands, Tray(ports.store, case.id), frozenset({Kind.ADMINISTRATOR}))
    if not seen.whole or not seen.read:
        return ()
    signed_in = tuple(item for item in seen.items if _counts(item, ports.clock.now()))
    return (
        Proven(
            kind=ProofKind.ADMINISTRATORS,
            grade=Grade.OBSERVED,
            evidence=ports.store.put(case.id, canonical(seen)),
            count=len(signed_in),
            note=f"{len(signed_in)} of {len(seen.items)} administrators signed in with MFA within seven days",
        ),
    )


def _counts(item: Item, now: datetime) -> bool:
    """Enabled, the customer's own, and seen to sign in with MFA."""
    if not is_own(item):
        return False
    last = item.fact("last-mfa-sign-in")
    return bool(last) and now - datetime.fromisoformat(last.replace("Z", "+00:00")) <= FRESH
