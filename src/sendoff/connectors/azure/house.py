"""What of the customer lies in our own subscriptions: read only, by our own principal, and never removed by us."""

from collections.abc import Iterator
from dataclasses import replace

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.ids import bare, inside
from sendoff.connectors.azure.items import described, settled
from sendoff.connectors.azure.lists import estate
from sendoff.connectors.wire.body import Object, pairs, text, texts
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, System, Target
from sendoff.ports import Sink


def found(arm: Arm, at: Target, facts: Facts, out: Sink) -> Iterator[Item]:
    """Every resource of ours that names the customer; of what names nobody, or another customer, nothing is kept."""
    for row in estate(arm):
        item = _item(row, replace(at, id=text(row, "id")), facts, out)
        if item is not None:
            yield item


def one(arm: Arm, at: Target, facts: Facts, out: Sink) -> Item | None:
    """The resource of an id, while it names the customer."""
    row = arm.read(inside(at.id, {bare(at.scope)}), arm.version(at.id))
    return None if row is None else _item(row, at, facts, out)


def because(row: Object, facts: Facts) -> str:
    """How a resource of ours names the customer; empty when it does not."""
    leaving = {f"/subscriptions/{bare(one.id)}" for one in facts.scope if one.system is System.AZURE}
    told = [one.lower() for one in texts(row)]
    if any(one.startswith(place) for one in told for place in leaving):
        return "it names a subscription of theirs"
    for domain in (one.lower() for one in facts.customer.domains):
        if any(one == domain or one.endswith((f".{domain}", f"@{domain}")) for one in told):
            return f"it is about {domain}"
    if any(value.lower() == facts.customer.slug.lower() for _, value in pairs(row, "tags")):
        return "its tag names them"
    return ""


def _item(row: Object, at: Target, facts: Facts, out: Sink) -> Item | None:
    why = because(row, facts)
    if not why:
        return None
    return described(row, at, out.image(settled(row)), facts.provider, (("because", why),))
