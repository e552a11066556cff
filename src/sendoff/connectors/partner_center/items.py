"""What Partner Center says to people and rules: transfers, commitments, the relationship, and GDAP, as items."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sendoff.connectors.wire.body import Object, dig, image, rows, text, without
from sendoff.model.digest import Json
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.ports import Sink

PENDING, MOVING, COMPLETE, PARTLY = "pending", "in progress", "complete", "complete in part"
STATUSES = {
    "active": PENDING,
    "pending": PENDING,
    "inprogress": MOVING,
    "complete": COMPLETE,
    "completed": COMPLETE,
    "expire": "expired",
    "expired": "expired",
    "cancel": "cancelled",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withdrawn": "cancelled",
    "reject": "rejected",
    "rejected": "rejected",
    "declined": "rejected",
    "fail": "failed",
    "failed": "failed",
    "completedwitherrors": PARTLY,
    "partiallycompleted": PARTLY,
}
"""The vendor's words for a transfer, in small letters and without spaces; another word is passed on as it is. That
`Active` is a request which waits for us is [K], and so is the word for one that went in part."""
OPEN = frozenset({PENDING, MOVING})
LAPSES = timedelta(days=30)
"""A request without our answer lapses after this, when the vendor does not say when (`expirationTime` is unread)."""
RESELLER = "reseller"
OVER = frozenset({"deleted", "expired", "disabled", "none"})
"""Statuses of a commitment that has ended."""
BLOCKING = frozenset({"active", "pending", "warned", "pastdue"})
"""Statuses of a commitment with which the relationship is not ended: nothing is suspended to get there (H22)."""
PAST = frozenset({"terminated", "expired"})
"""Statuses of a delegated relationship that gives nothing any more."""
PRODUCTS = (
    ("reservation", "reservation"),
    ("savingsplan", "savings-plan"),
    ("software", "software"),
    ("saas", "software"),
    ("azure", "azure-plan"),
)
"""What a product's type or offer says, first match, without spaces -> our word; anything else is a licence [K]."""
MOVES_BY_ITSELF = frozenset(
    {"status", "autorenewenabled", "links", "attributes", "etag", "lastmodifiedtime", "lastmodifieduser"}
    | {"lastmodifieddatetime", "completedtime", "allowdelegatedaccess", "refundoptions", "suspensionreasons"}
)
Pairs = tuple[tuple[str, str], ...]


def transfer(row: Object, at: Target, facts: Facts, out: Sink) -> Item:
    """A request to move subscriptions to another partner; made by that partner, answered by us."""
    detail = (
        ("status", status_of(row)),
        ("source", text(row, "sourcePartnerTenantId")),
        ("target", target_of(row)),
        ("target-name", text(row, "targetPartnerName")),
        ("created", text(row, "createdTime")),
        ("expires", _lapses(row)),
        ("changed", text(row, "lastModifiedTime")),
        ("products", ",".join(one for one in rows(row, "targetProductTypes") if isinstance(one, str))),
        ("lines", str(len(rows(row, "lineItems")))),
        ("moved", ",".join(_moved(rows(row, "lineItems"))) if status_of(row) == PARTLY else ""),
        ("subscriptions", ",".join(lines_of(row))),
        ("ended", "yes" if status_of(row) == COMPLETE else "no"),
    )
    shown = text(row, "targetPartnerName") or target_of(row) or at.id
    signs = tuple(Sign(kind=SignKind.OWNER_TENANT, value=one) for one in (text(row, "sourcePartnerTenantId"),) if one)
    return _item(row, at, f"transfer to {shown}", signs, detail, out)


def commitment(row: Object, at: Target, facts: Facts, out: Sink) -> Item:
    """Something the customer bought through us: a plan, licences, a reservation."""
    renews, status = text(row, "autoRenewEnabled"), text(row, "status").lower()
    detail = (
        ("product", product_of(row)),
        ("quantity", text(row, "quantity")),
        ("term-end", text(row, "commitmentEndDate")[:10]),
        ("renews", renews),
        ("status", status),
        ("ended", "yes" if renews == "no" or status in OVER else "no"),
    )
    shown = text(row, "friendlyName") or text(row, "offerName") or at.id
    return _item(row, at, shown, _ours(facts), detail, out)


def relationship(row: Object, at: Target, facts: Facts, out: Sink) -> Item:
    """That we are the customer's reseller."""
    detail = (("relationship", RESELLER), ("domain", text(row, "companyProfile", "domain")))
    return _item(row, at, f"reseller of {facts.customer.name}", _ours(facts), detail, out)


def gdap(row: Object, at: Target, facts: Facts, out: Sink) -> Item:
    """A delegated relationship of ours with the customer; a person ends it."""
    roles = sorted(text(one, "roleDefinitionId") for one in rows(row, "accessDetails", "unifiedRoles"))
    detail = (
        ("status", text(row, "status")),
        ("ends", text(row, "endDateTime")),
        ("extends", "no" if text(row, "autoExtendDuration") in ("", "PT0S", "P0D") else "yes"),
        ("roles", ",".join(roles)),
    )
    return _item(row, at, text(row, "displayName") or at.id, _ours(facts), detail, out)


def _item(row: Object, at: Target, name: str, signs: tuple[Sign, ...], detail: Pairs, out: Sink) -> Item:
    kept: Json = without(row, lambda key: key.lower() in MOVES_BY_ITSELF or key.startswith("@odata."))
    again = Rebuildable.PARTLY if at.kind is Kind.COMMITMENT else Rebuildable.NOT
    return Item(
        system=System.PARTNER_CENTER,
        kind=at.kind,
        id=at.id,
        name=name,
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=signs,
        detail=detail,
        rebuildable=again,
    )


def _ours(facts: Facts) -> tuple[Sign, ...]:
    return (Sign(kind=SignKind.OWNER_TENANT, value=facts.provider.tenant),)


def status_of(row: Object) -> str:
    """Where a transfer stands, in our words; the vendor's own word when we do not know it."""
    said = text(row, "status")
    return STATUSES.get(re.sub(r"[\s_-]", "", said).lower(), said)


def target_of(row: Object) -> str:
    """The tenant of the partner that asked for the transfer."""
    return text(row, "targetPartnerTenantId") or text(row, "partnertenantid")


def lines_of(row: Object) -> tuple[str, ...]:
    """The ids of the subscriptions that a transfer would move."""
    return tuple(dict.fromkeys(one for one in _lines(rows(row, "lineItems")) if one))


def _lines(found: list[Json]) -> Iterator[str]:
    for line in found:
        yield text(line, "subscriptionId")
        yield from _lines(rows(line, "addonItems"))


def _moved(found: list[Json]) -> Iterator[str]:
    """The lines that went, of a transfer that went in part: each says so itself [K]."""
    for one in found:
        if re.sub(r"[\s_-]", "", text(one, "status")).lower() in ("completed", "complete"):
            yield text(one, "subscriptionId")
        yield from _moved(rows(one, "addonItems"))


def line(number: int, row: Object) -> Object:
    """A commitment as a line of a transfer, as TransferLineItem names its members."""
    kept: Object = {name: row[name] for name in ("quantity", "friendlyName", "offerId") if name in row}
    return {"id": number, "subscriptionId": text(row, "id"), **kept}


def _lapses(row: Object) -> str:
    said, made = text(row, "expirationTime"), text(row, "createdTime")
    if said or not made:
        return said
    try:
        return (datetime.fromisoformat(made.replace("Z", "+00:00")) + LAPSES).isoformat().replace("+00:00", "Z")
    except ValueError:
        return ""


def product_of(row: Object) -> str:
    """What kind of thing was bought, in our words."""
    kind = text(dig(row, "productType"), "id") or text(dig(row, "productType"), "displayName")
    said = re.sub(r"[\s_-]", "", f"{kind} {text(row, 'offerName')}").lower()
    return next((ours for word, ours in PRODUCTS if word in said), "licence")


def blocks(row: Object) -> bool:
    """True for a commitment with which the reseller relationship is not ended."""
    return text(row, "status").lower() in BLOCKING
