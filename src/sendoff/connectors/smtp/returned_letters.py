"""A letter that came back, as a thing that a look found."""

from sendoff.connectors.smtp.reports import Returned
from sendoff.connectors.wire.body import image
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System
from sendoff.ports import Sink


def letter_item(one: Returned, cell: Cell, out: Sink) -> Item:
    """The letter by its Message-ID, to whom it did not come, and when it came back."""
    people, at = ", ".join(one.people), one.at.isoformat()
    kept = {"id": one.letters[0], "subject": one.subject, "to": people, "returned": at}
    return Item(
        system=System.OFFICE,
        kind=Kind.MAIL,
        id=one.letters[0],
        name=one.subject,
        scope=cell.scope,
        key=cell.key,
        image=out.image(image({**kept})),
        signs=(Sign(kind=SignKind.PLACE, value=cell.scope),),
        detail=(("to", people), ("returned", at)),
        rebuildable=Rebuildable.NOT,
    )
