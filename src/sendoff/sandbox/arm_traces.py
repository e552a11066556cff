"""ARM's lists that no estate shows: what a recovery vault protects, and the partner link of whoever asks.

Vendor's pages: learn.microsoft.com/rest/api/backup/backup-protected-items/list and
/rest/api/managementpartner/partners/list.
"""

from sendoff.sandbox.arm_ids import Place
from sendoff.sandbox.wire import Json, Response, answer, text
from sendoff.sandbox.world import Identity, World

PROTECTED = "microsoft.recoveryservices/vaults/backupprotecteditems"
PARTNERS = "microsoft.managementpartner/partners"
LINK, BACKUP = "partnerlink", "backupitem"
"""Kinds that are nothing of the list of resources, but part of the world."""


def serve(world: World, who: Identity, where: Place) -> Response | None:
    """Answer one of these lists; None for everything else."""
    if where.kind == PROTECTED:
        vault = where.id.rsplit("/", 1)[0].lower()
        kept = [one.raw for one in world.all("arm-backup", BACKUP) if text(one.raw, "id").lower().startswith(vault)]
    elif where.kind == PARTNERS:
        kept = [one.raw for one in world.all("arm-partner", LINK) if one.id == who.principal]
    else:
        return None
    rows: list[Json] = [*kept]
    return answer(200, {"value": rows})
