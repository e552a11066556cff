"""What goes with a transfer and what does not: its kinds, its 25 lines, and what the vendor leaves behind."""

from collections.abc import Mapping, Sequence

from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind
from sendoff.model.plan import LeftAlone

LINES = 25
"""How many lines one transfer takes [3]."""
TYPES: Mapping[str, frozenset[str]] = {
    "azure-plan": frozenset({"azuresubscription"}),
    "reservation": frozenset({"azurereservation"}),
    "savings-plan": frozenset({"azuresavingsplan"}),
    "licence": frozenset({"onlineservicesnce"}),
    "software": frozenset({"software", "saas"}),
}
"""What was bought, and what a request must ask for to take it [D]."""
ELSE: Mapping[str, str] = {
    "reservation": "a reservation moves only where the request asks for it as a product of its own, and not with every "
    "offer: ask the vendor, else it is exchanged, or runs to the end of its term with us",
    "savings-plan": "a savings plan moves only where the request asks for it as a product of its own: else it runs "
    "to the end of its term with us",
    "software": "of software and marketplace offers only some may move: else the customer cancels it and buys it again "
    "from the new supplier",
}
"""What to do with what a request does not ask for."""
OTHERWISE = "the request does not ask for its kind: have it made again with that, or let a second one follow"


def moving(items: Sequence[Item], transfer: Item, facts: Facts) -> tuple[Item, ...]:
    """What goes: everything active that was bought through us and asked for, Azure first, up to the vendor's lines."""
    return tuple(_asked_for(items, transfer, facts)[:LINES])


def left_behind(items: Sequence[Item], transfer: Item, facts: Facts) -> tuple[LeftAlone, ...]:
    """What does not go, each with what to do."""
    asked = _asked_for(items, transfer, facts)
    full = f"the {LINES} lines of one transfer are full: a second request takes it when this one is complete"
    rest = [item for item in _active(items, facts) if item not in asked]
    return (
        *(LeftAlone(item=item, why=full) for item in asked[LINES:]),
        *(LeftAlone(item=item, why=ELSE.get(item.fact("product"), OTHERWISE)) for item in rest),
    )


def _asked_for(items: Sequence[Item], transfer: Item, facts: Facts) -> list[Item]:
    """In the order of the lines. A request that names no kinds asks for the plain ones."""
    kinds = {one.lower() for one in transfer.fact("products").split(",") if one}
    plain = {"azuresubscription", "onlineservicesnce"}
    found = [item for item in _active(items, facts) if TYPES.get(item.fact("product"), frozenset()) & (kinds or plain)]
    return sorted(found, key=lambda item: item.fact("product") != "azure-plan")


def _active(items: Sequence[Item], facts: Facts) -> list[Item]:
    """Active with us, but no subscription that does not leave."""
    leaving = {row.id.lower() for row in facts.leaving}
    bought = [item for item in items if item.kind is Kind.COMMITMENT]
    active = [item for item in bought if item.fact("status").lower() in ("active", "")]
    return [item for item in active if item.fact("product") != "azure-plan" or item.id.lower() in leaving]
