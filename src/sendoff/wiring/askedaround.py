"""Whose an unknown thing of the rehearsal is, as somebody finds out who asks around."""

from sendoff.model.inventory import Item, Kind, Whose


def found_out(item: Item) -> tuple[Whose, str]:
    """What somebody who asks around finds out."""
    if item.kind in (Kind.CONTRACT, Kind.PRTG_PROBE, Kind.PROBE_SERVICE):
        return Whose.CUSTOMERS, "it goes on for the subscription that stays"
    if item.kind is Kind.ARTICLE:
        staying = item.fact("charge") == "consumption"
        goes = (Whose.OURS, "it was for what leaves")
        return (Whose.CUSTOMERS, "it goes on for the subscription that stays") if staying else goes
    if item.kind in (Kind.PRTG_GROUP, Kind.PRTG_DEVICE, Kind.PRTG_SENSOR):
        return Whose.OURS, "it watched what leaves"
    if "heartbeat" in item.name:
        return Whose.OURS, "made by our own team last year, never recorded"
    return Whose.CUSTOMERS, "asked the customer: it is theirs"
