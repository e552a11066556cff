"""One export of the sandbox's first leaving subscription, and what tests plant in it."""

import json

from connector_hands import azure, seen

from fakes.connector_desk import ONCE, Desk, deed, elsewhere
from sendoff.model.digest import Json
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Receipt
from sendoff.ports import Connector
from sendoff.sandbox.wire import Obj, arr, text
from sendoff.sandbox.world import Thing


def export(desk: Desk, hand: Connector | None = None) -> tuple[Receipt, dict[str, bytes]]:
    """One export through the connector, and its files by their name in the package."""
    connector = hand or azure(desk)
    item = seen(connector, desk, Kind.RESOURCE)[0]
    answer = connector.apply(elsewhere(deed(item, Verb.EXPORT), target=item.scope), once=ONCE, out=desk.tray)
    assert isinstance(answer, Receipt)
    return answer, {name.split("/", 2)[-1]: data for name, data in desk.tray.files.items()}


def read(files: dict[str, bytes], name: str) -> Json:
    value: Json = json.loads(files[name])
    return value


def ids(value: Json) -> list[str]:
    return [text(one, "id").lower() for one in arr(value)]


def plant(desk: Desk, kind: str, ident: str, **raw: Json) -> None:
    """One more thing in the first leaving subscription."""
    sub = desk.facts.leaving[0].id
    whole: Obj = {"id": f"/subscriptions/{sub}{ident}", "name": ident.rsplit("/", 1)[-1], "type": kind, **raw}
    desk.sandbox.world.add(Thing("arm", kind, text(whole, "id"), "vandermeer", whole, sub))


WEB, MINE = "/resourceGroups/rg-web", "/resourceGroups/rg-intercept-mgmt"
