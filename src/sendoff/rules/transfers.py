"""Is this the transfer that was agreed? Pure: a transfer request as found, and the facts -> what is wrong with it."""

from collections.abc import Sequence

from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, System

COMPLETE, PARTLY = "complete", "complete in part"
UNDER_WAY = frozenset({"pending", "in progress"})


def agreed(items: Sequence[Item], facts: Facts) -> Item | None:
    """The one transfer that waits or is under way; None when everything is complete already. Refused, with what to do,
    when there is none, when there are several, or when it is not what was agreed."""
    transfers = [item for item in items if item.kind is Kind.TRANSFER]
    waiting = [item for item in transfers if item.fact("status") in UNDER_WAY]
    before = gone(transfers)
    if not waiting and any(
        item.fact("status") == COMPLETE and not wrong(item, facts, over=True, before=before) for item in transfers
    ):
        return None
    if not waiting:
        raise Refused(f"no transfer request is open{_ended(transfers)}: ask {supplier(facts)} to make one")
    if len(waiting) > 1:
        names = ", ".join(sorted(item.id for item in waiting))
        raise Refused(f"{len(waiting)} transfer requests are open ({names}): have all but one cancelled first")
    faults = wrong(waiting[0], facts, before=before)
    if faults:
        raise Refused(f"do not accept transfer {waiting[0].id}: {'; '.join(faults)}")
    return waiting[0]


def _ended(transfers: Sequence[Item]) -> str:
    """How the last one ended, and what of it moved: a new one asks for the rest only."""
    if not transfers:
        return ""
    last = transfers[-1]
    if last.fact("status") == PARTLY:
        return f" (the last one moved {', '.join(sorted(moved_by(last))) or 'nothing'}, and the rest is asked for anew)"
    if last.fact("status") == "expired":
        return f" (the last one lapsed on {last.fact('expires')[:10]} with nobody's yes: a new one lives 30 days)"
    return f" (the last one is {last.fact('status')})"


def supplier(facts: Facts) -> str:
    """Who makes the request, as people call them."""
    return facts.supplier.name if facts.supplier else "the new supplier"


def moved_by(transfer: Item) -> tuple[str, ...]:
    """The ids, in lower case, of what one transfer has moved; of one that is complete, all that it asked for."""
    told = transfer.fact("moved") or (transfer.fact("subscriptions") if transfer.fact("status") == COMPLETE else "")
    return tuple(one.lower() for one in told.split(",") if one)


def gone(transfers: Sequence[Item]) -> frozenset[str]:
    """What has moved already by one that is over, whole or in part."""
    over = (item for item in transfers if item.fact("status") in (COMPLETE, PARTLY))
    return frozenset(one for item in over for one in moved_by(item))


def wrong(transfer: Item, facts: Facts, *, over: bool = False, before: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Everything in which a request differs from what was agreed. One that is over names the licences that went with
    it, which no scope table lists: there only what stays must not be among them. `before` has moved already."""
    found = []
    asked = {one.lower() for one in transfer.fact("subscriptions").split(",") if one}
    leaving = {row.id.lower() for row in facts.leaving if row.system is System.AZURE}
    if facts.supplier is not None and facts.supplier.tenant and not _to_supplier(transfer, facts.supplier.tenant):
        found.append(f"it goes to tenant {transfer.fact('target')}, which is not {facts.supplier.name}'s")
    if transfer.fact("source").lower() not in ("", facts.provider.tenant.lower()):
        found.append("we are not its source")
    if extra := asked & _staying(facts) if over else asked - leaving:
        found.append(f"it takes {', '.join(sorted(extra))}, which does not leave")
    if asked and (missing := leaving - asked - before):
        found.append(f"it leaves out {', '.join(sorted(missing))}")
    return tuple(found)


def _staying(facts: Facts) -> set[str]:
    return {row.id.lower() for row in facts.scope if row not in facts.leaving}


def _to_supplier(transfer: Item, tenant: str) -> bool:
    return transfer.fact("target").lower() == tenant.lower()
