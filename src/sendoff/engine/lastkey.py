"""Before the last key goes: what it could still open must have been read, or its blindness been accepted."""

from sendoff.engine.look import connectors
from sendoff.engine.wholelook import stored_look
from sendoff.model.case import Case
from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.proof import ProofKind
from sendoff.ports import Ports

LAST = Key.APP
"""The key that goes last: our own app registration."""


def last_key_waits(ports: Ports, case: Case) -> str:
    """Why the last key may not go yet; empty when it may. What it alone could have read is read first, or a named
    person says after the last look that they accept that nobody did."""
    final = case.looks.get("final")
    if final is None:
        return f"first `sendoff case look {case.id} --purpose final`"
    word = case.proven(ProofKind.BLIND_SPOTS)
    if word is not None and word.seq > final.seq:
        return ""
    blind = [spot.cell for spot in stored_look(ports, case, final.inventory).blind]
    opened = _opened(ports, case)
    shut = sorted({cell.name for cell in blind if (cell.system, cell.kind, cell.scope) in opened})
    if not shut:
        return ""
    many = f"{len(shut)} cells that it could open were not read ({shut[0]})"
    return f"{many}: look again with `--purpose final`, or attest blind-spots-accepted"


def _opened(ports: Ports, case: Case) -> frozenset[tuple[System, Kind, str]]:
    """Every place that this key can read."""
    hands = connectors(ports, case, (System.AZURE, System.ENTRA))
    cells = (cell for hand in hands.values() for cell in hand.cells())
    return frozenset((cell.system, cell.kind, cell.scope) for cell in cells if cell.key is LAST)
