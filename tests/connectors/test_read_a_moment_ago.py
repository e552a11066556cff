"""What all objects of a look or a batch ask, the vendor hears once; and nothing that cannot be undone rests on it."""

from collections.abc import Callable

import pytest
from connector_hands import cells, prtg, seen, vault
from house_hands import act, found, reassure, topdesk

from fakes.connector_desk import ONCE, Desk, Tray, deed
from fakes.microsoft_hands import partner_center, unrelating
from sendoff.model.errors import Refused
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Connector
from sendoff.sandbox.wire import arr, obj, text
from sendoff.sandbox.world import Thing

Opened = tuple[Desk, Connector, list[Item]]


def service_desk() -> Opened:
    desk = Desk()
    connector = topdesk(desk)
    return desk, connector, found(connector, desk, Kind.CONTACT_PERSON)


def secrets() -> Opened:
    desk = Desk()
    connector = vault(desk)
    rows = seen(connector, desk, Kind.SECRET)
    return desk, connector, [one for one in rows if one.scope == rows[0].scope]


def permissions() -> Opened:
    desk = Desk()
    connector = vault(desk, staff=("Intercept *",))
    return desk, connector, seen(connector, desk, Kind.SECRET_ACCESS)


def portal() -> Opened:
    desk = Desk()
    connector = reassure(desk)
    return desk, connector, found(connector, desk, Kind.PORTAL_USER)


def core() -> Opened:
    desk = Desk()
    connector = prtg(desk)
    return desk, connector, seen(connector, desk, Kind.PRTG_GROUP)


def asked(desk: Desk, path: str, query: str = "") -> int:
    """How often the vendor heard a call for exactly this path, with this in its query."""
    return sum(one.url.path.endswith(path) and query in one.url.query.decode() for one in desk.wire.seen)


ASKS = [
    pytest.param(service_desk, "/tas/api/branches", "headBranch.id", 2, id="topdesk"),
    pytest.param(secrets, "/passwordlists/101", "", 1, id="passwordstate"),
    pytest.param(permissions, "/api/reporting/23", "", 1, id="passwordstate: who may what"),
    pytest.param(portal, "/users", "", 3, id="reassure, in pages"),
    pytest.param(core, "/api/table.json", "content=probes&", 2, id="prtg"),
]


@pytest.mark.parametrize(("opened", "path", "query", "calls"), ASKS)
def test_many_reads_of_one_look_ask_once_what_they_share(
    opened: Callable[[], Opened], path: str, query: str, calls: int
) -> None:
    desk, connector, rows = opened()
    assert len(rows) > 1
    look, before = Tray(), asked(desk, path, query)

    for row in rows:
        assert connector.read(row.target, look) is not None

    assert asked(desk, path, query) - before == calls


@pytest.mark.parametrize(("opened", "path", "query", "calls"), ASKS)
def test_another_look_asks_for_itself(opened: Callable[[], Opened], path: str, query: str, calls: int) -> None:
    desk, connector, rows = opened()
    before = asked(desk, path, query)

    for look in (Tray(), Tray()):
        connector.read(rows[0].target, look)

    assert asked(desk, path, query) - before == 2 * calls


def quiet(desk: Desk) -> Thing:
    """Nothing is open for the customer any more; the card of the branch."""
    world = desk.sandbox.world
    for kind in ("incident", "change", "activity"):
        for one in [one for one in world.all("topdesk", kind) if one.owner == "vandermeer"]:
            world.remove(one)
    cards = [one for one in world.all("topdesk", "branch") if one.owner == "vandermeer"]
    assert len(cards) == 1
    return cards[0]


def test_a_branch_is_archived_on_what_is_so_now_and_not_on_what_was() -> None:
    desk, batch = Desk(), Tray()
    connector, main = topdesk(desk), quiet(desk)
    row = found(connector, desk, Kind.BRANCH)[0]
    action = act(connector, Kind.BRANCH, Verb.END, row.id, row.scope, before=row.image)
    assert connector.read(row.target, batch) is not None
    head = {key: main.raw[key] for key in ("id", "name", "clientReferenceNumber")}
    below = {**main.raw, "id": "below", "name": "Below", "clientReferenceNumber": "", "headBranch": head}

    new = desk.sandbox.world.add(Thing("topdesk", "branch", "below", "vandermeer", below))
    with pytest.raises(Refused, match="not archived"):
        connector.apply(action, once=ONCE, out=batch)
    desk.sandbox.world.remove(new)
    receipt = connector.apply(action, once=ONCE, out=batch)

    assert isinstance(receipt, Receipt)
    assert receipt.outcome is Outcome.DONE


def test_a_record_is_not_erased_from_a_list_that_lies_with_another_customer_by_now() -> None:
    desk, connector, rows = secrets()
    batch = Tray()
    assert connector.read(rows[0].target, batch) is not None
    (place,) = [one for one in desk.sandbox.world.all("vault", "list") if one.id == rows[0].scope]

    place.raw["TreePath"] = "\\Customers\\Meerzicht"
    with pytest.raises(Refused):
        connector.apply(deed(rows[0], Verb.REMOVE), once=ONCE, out=batch)

    assert not [one for one in desk.wire.seen if one.method == "DELETE"]


def test_a_right_that_has_grown_by_now_is_not_taken_away() -> None:
    desk, connector, rows = permissions()
    batch, right = Tray(), next(one for one in rows if one.id == "101/group/Intercept service desk")
    assert connector.read(right.target, batch) is not None
    held = desk.sandbox.world.get("vault", "list", "101")
    assert held is not None
    row = next(obj(one) for one in arr(held.raw["Permissions"]) if text(obj(one), "SecurityGroupName").endswith("desk"))

    row["Permission"] = "A"
    with pytest.raises(Refused, match="keeps that"):
        connector.apply(deed(right, Verb.REMOVE), once=ONCE, out=batch)

    assert not [one for one in desk.wire.seen if one.method == "DELETE"]


def bought() -> Opened:
    desk = Desk()
    connector = partner_center(desk)
    return desk, connector, seen(connector, desk, Kind.COMMITMENT)


def test_what_was_bought_asks_once_a_look_whose_it_is() -> None:
    desk, connector, rows = bought()
    tenant, look = f"/customers/{desk.facts.customer.tenant}", Tray()
    before = asked(desk, tenant)

    assert len([connector.read(row.target, look) for row in rows]) > 1
    (relation,) = [item for cell in cells(connector, Kind.RELATIONSHIP) for item in connector.look(cell, look)]
    assert asked(desk, tenant) - before == 2
    connector.read(relation.target, look)
    connector.find(unrelating(desk, connector), once=ONCE)

    # What is looked at itself, and a deed, ask each time.
    assert asked(desk, tenant) - before == 5


def test_a_relationship_that_is_another_tenants_by_now_is_not_ended() -> None:
    desk, connector, rows = bought()
    batch, action = Tray(), unrelating(desk, connector)
    assert connector.read(rows[0].target, batch) is not None

    desk.wire.edit = lambda request, body: (
        body.replace(b'"tenantId": "', b'"tenantId": "other-') if request.url.path.endswith(action.target) else body
    )
    with pytest.raises(Refused, match="answers for tenant"):
        connector.apply(action, once=ONCE, out=batch)

    assert not [one for one in desk.wire.seen if one.method == "PATCH"]


def test_a_user_who_is_another_customers_by_now_is_not_disabled() -> None:
    desk, connector, rows = portal()
    batch, user = Tray(), rows[1]
    assert connector.read(user.target, batch) is not None
    card = desk.sandbox.world.get("reassure", "user", user.id)
    assert card is not None

    # A portal whose users do not say whose they are: the customer's list alone tells.
    card.raw["customer_id"] = "RA-9999"
    desk.wire.edit = lambda _, body: body.replace(b'"customer_id"', b'"was"')
    with pytest.raises(Refused, match="nothing was done"):
        connector.apply(deed(user, Verb.DISABLE), once=ONCE, out=batch)

    assert not [one for one in desk.wire.seen if one.method == "PATCH"]


def test_a_group_whose_place_is_another_customers_by_now_is_not_removed() -> None:
    desk, connector, rows = core()
    batch, group = Tray(), rows[0]
    assert connector.read(group.target, batch) is not None
    above = next(one for one in desk.sandbox.world.all("prtg", "probe") if one.id == parent(desk, group.id))

    above.raw["tags"] = "customer-meerzicht"
    with pytest.raises(Refused, match="lies inside"):
        connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=batch)

    assert not asked(desk, "deleteobject.htm")


def parent(desk: Desk, ident: str) -> str:
    """The id of what a group lies in."""
    card = desk.sandbox.world.get("prtg", "group", ident)
    assert card is not None
    return text(card.raw, "parentid")
