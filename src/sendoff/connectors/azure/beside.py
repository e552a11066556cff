"""What a direct read keeps beside the object itself: what hangs on it, and how much a vault protects."""

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.items import settled
from sendoff.connectors.azure.lists import hanging
from sendoff.connectors.azure.vaults import protects
from sendoff.model.inventory import Target
from sendoff.ports import Sink


def beside(arm: Arm, target: Target, out: Sink) -> tuple[tuple[str, str], ...]:
    """Facts of the item, with the digest of what hangs on it in `children`; nothing where `out` does not want them."""
    if not out.children:
        return ()
    return (*protects(arm, target.id), ("children", out.image(settled(hanging(arm, target, out)))))
