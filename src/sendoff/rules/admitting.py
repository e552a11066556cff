"""Whether whoever takes over can sign in at all: Conditional Access that lets in from our addresses alone (H50)."""

from collections.abc import Sequence

from sendoff.model.errors import Refused
from sendoff.model.inventory import Inventory, Item, Kind

MEND = (
    "the customer adds addresses of their own and of the new supplier to its named location, or leaves the new "
    "administrator out of it, in the Entra admin centre > Conditional Access"
)


def only_us(items: Sequence[Item]) -> tuple[str, ...]:
    """The names of the policies by which nobody comes in but from our addresses."""
    return tuple(one.name for one in items if one.kind is Kind.ACCESS_POLICY and one.fact("admits") == "only us")


def must_admit(step: str, seen: Inventory) -> None:
    """Refused while such a policy is in force: nobody would be left who can come in when we are gone."""
    shut = only_us(seen.items)
    if shut:
        raise Refused(f"{step}: {shut[0]}, so nobody but us can sign in. First {MEND} (H50)")


def unread(seen: Inventory) -> str:
    """What to say where no key of ours reads the policies; empty where one does."""
    spots = [spot.reason for spot in seen.blind if spot.cell.kind is Kind.ACCESS_POLICY]
    return f"whether Conditional Access lets them in was not looked at: {spots[0]}" if spots else ""
