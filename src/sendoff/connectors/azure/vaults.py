"""Recovery Services vaults: what a vault protects.

Page: learn.microsoft.com/rest/api/backup/backup-protected-items/list.
"""

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.ids import type_of
from sendoff.connectors.wire.body import Object

BACKUPS = "2026-10-01"
SAFE = "microsoft.recoveryservices/vaults"


def protected(arm: Arm, vault: str) -> list[Object]:
    """Everything that a vault protects, also what waits for its end."""
    return arm.listed(f"{vault}/backupProtectedItems", BACKUPS, "list what a vault protects")


def protects(arm: Arm, ident: str) -> tuple[tuple[str, str], ...]:
    """How much a vault protects, as a fact of the item; nothing for what is no vault."""
    return (("protects", str(len(protected(arm, ident)))),) if type_of(ident) == SAFE else ()
