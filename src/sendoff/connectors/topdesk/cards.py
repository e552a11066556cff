"""Cards of the service desk as items. Of the customer's own people only ids and counts: no name leaves the export."""

from collections.abc import Mapping

from sendoff.connectors.topdesk.work import over
from sendoff.connectors.wire.body import Object, dig, image, text
from sendoff.model.digest import Json
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.ports import Sink

KEPT: Mapping[Kind, tuple[str, ...]] = {
    Kind.BRANCH: ("id", "name", "clientReferenceNumber", "branchType"),
    Kind.CONTACT_PERSON: ("id",),
    Kind.CONTRACT: ("contractId", "contractName", "contractSequenceNumber", "unid", "name"),
    Kind.CALL: ("id", "number", "briefDescription", "externalNumber"),
    Kind.TASK: ("id", "number", "briefDescription", "externalNumber"),
    Kind.CHANGE: ("id", "number", "briefDescription"),
    Kind.ACTIVITY: ("id", "number", "briefDescription"),
    Kind.ASSET: ("id", "name"),
}
"""What does not move by itself and what archiving does not change."""


def item(row: Object, at: Target, place: str, ended: bool, out: Sink, *more: tuple[str, str]) -> Item:
    """A card as an item; `place` is the branch it belongs to."""
    kept: dict[str, Json] = {"branch": place, **{name: text(row, name) for name in KEPT[at.kind]}}
    detail = [("ended", "yes" if ended else "no"), ("branch", place), *more, *_shown(row, at.kind)]
    return Item(
        system=System.TOPDESK,
        kind=at.kind,
        id=at.id,
        name=_name(row, at),
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.PLACE, value=at.scope),),
        detail=tuple((name, value) for name, value in detail if value),
        rebuildable=Rebuildable.FULLY,
    )


def archived(card: Object) -> bool:
    """True for a card that says so; persons by `status` personArchived, branches by [3] `status` or `archived`."""
    return text(card, "status").lower().endswith("archived") or dig(card, "archived") is True


def _name(row: Object, at: Target) -> str:
    if at.kind is Kind.CONTACT_PERSON:
        return f"contact person {at.id[:8]}"
    if at.kind is Kind.CONTRACT:
        return text(row, "contractName") or text(row, "name") or text(row, "text") or at.id
    return text(row, "briefDescription") or text(row, "number") or text(row, "name") or text(row, "text") or at.id


def _shown(row: Object, kind: Kind) -> list[tuple[str, str]]:
    if kind is Kind.CONTRACT:
        return [("number", text(row, "contractSequenceNumber"))]
    if kind in (Kind.CALL, Kind.TASK):
        target = text(row, "targetDate")
        closed = "yes" if dig(row, "closed") is True else "no"
        return [("number", text(row, "number")), ("closed", closed), ("due", target[:10])]
    if kind in (Kind.CHANGE, Kind.ACTIVITY):
        closed = "yes" if over(row) else "no"
        return [("number", text(row, "number")), ("closed", closed), ("due", text(row, "plannedEndDate")[:10])]
    if kind is Kind.BRANCH:
        return [("reference", text(row, "clientReferenceNumber")), ("type", text(row, "branchType"))]
    return []
