"""Our groups and directory roles at the customer: found by what decides, removed, and left where they have a part."""

from dataclasses import replace

import pytest
from connector_hands import seen

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.model.errors import ConnectorError, Refused
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Item, Kind, SignKind, System, Verb, Whose
from sendoff.model.plan import Again, Outcome, Receipt
from sendoff.rules.keys import is_executors
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
KINDS = {"group": Kind.DIRECTORY_GROUP, "roleAssignment": Kind.DIRECTORY_ROLE, "user": Kind.USER}


def recorded(desk: Desk, *more: tuple[Kind, str]) -> Facts:
    """The facts with what onboarding recorded in the directory, and `more` beside it."""
    rows = [obj(one) for one in arr(dig(desk.known, "customers", SLUG, "onboarding"))]
    found = [(KINDS[text(one, "kind")], text(one, "id")) for one in rows if text(one, "kind") in KINDS]
    record = tuple(Recorded(system=System.ENTRA, kind=kind, id=ident) for kind, ident in (*found, *more))
    return replace(desk.facts, record=record)


def connected(desk: Desk, facts: Facts | None = None) -> EntraConnector:
    """Our hands with the facts that know the record."""
    doors = EntraDoors(app=desk.app())
    return EntraConnector(facts or recorded(desk), doors, clients=desk.clients, limits=desk.limits)


def called(items: list[Item], name: str) -> Item:
    """The one of this name."""
    return next(one for one in items if one.name == name)


def thing(desk: Desk, kind: str, ident: str) -> Thing | None:
    """What the sandbox itself has."""
    return desk.sandbox.world.get("graph", kind, ident)


def person(desk: Desk, part: str) -> Thing:
    """A user of the leaving tenant whose address begins so."""
    users = (one for one in desk.sandbox.world.all("graph", "user") if one.place == desk.facts.customer.tenant)
    return next(one for one in users if text(one.raw, "userPrincipalName").startswith(part))


def placed(desk: Desk, kind: str, ident: str, **raw: str) -> Thing:
    """An object more in the leaving tenant."""
    row: Obj = {"id": ident, **raw}
    if kind == "group":
        row["groupTypes"] = []
    return desk.sandbox.world.add(Thing("graph", kind, ident, SLUG, row, desk.facts.customer.tenant))


def joined(desk: Desk, group: str, member: str, relation: str = "members") -> None:
    """Somebody more in a group."""
    placed(desk, "membership", f"{group}.{member}.{relation}", groupId=group, memberId=member, rel=relation)


def given(desk: Desk, holder: str, role: str, ident: str = "given-1") -> str:
    """A directory role for somebody; the id of the assignment."""
    return placed(
        desk, "roleAssignment", ident, principalId=holder, roleDefinitionId=role, directoryScopeId="/"
    ).id  # fmt: skip


def whose(desk: Desk, items: list[Item], facts: Facts | None = None) -> dict[str, Whose]:
    """Whose everything is, by name."""
    return {one.item.name: one.provenance.whose for one in owned(items, facts or recorded(desk), {})}


# ---- groups ----------------------------------------------------------------------------------------------------------


def test_of_the_groups_only_ours_and_those_called_like_ours_are_kept() -> None:
    desk = Desk()
    found = seen(connected(desk), desk, Kind.DIRECTORY_GROUP)
    assert whose(desk, found) == {
        "Intercept operators": Whose.OURS,
        "Intercept klanten": Whose.UNKNOWN,
        "Intercept servicedesk": Whose.SHARED,
        "Intercept on-premises": Whose.SHARED,
    }
    assert called(found, "Intercept servicedesk").fact("others") == "2"
    assert "Directory" in called(found, "Intercept on-premises").fact("stays")
    kept = b"".join(desk.tray.images.values()).decode()
    assert "All staff" not in kept and "sg-azure-owners" not in kept


def test_a_group_of_ours_is_removed_and_can_be_restored_for_thirty_days() -> None:
    desk = Desk()
    connector, others = connected(desk), desk.others()
    item = called(seen(connector, desk, Kind.DIRECTORY_GROUP), "Intercept operators")
    assert connector.find(deed(item, Verb.REMOVE), once=ONCE) is None
    receipt = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert dict(receipt.said) == {"restorable": "for 30 days", "until": "2026-12-23"}
    assert connector.read(item.target, desk.tray) is None and thing(desk, "deleted.group", item.id)
    again = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    found = connector.find(deed(item, Verb.REMOVE), once=ONCE)
    assert isinstance(again, Receipt) and found is not None
    assert again.outcome is found.outcome is Outcome.FOUND
    assert desk.others() == others


@pytest.mark.parametrize("name", ["Intercept klanten", "Intercept servicedesk", "Intercept on-premises"])
def test_a_group_in_which_the_customer_has_a_part_is_refused_before_any_write(name: str) -> None:
    desk = Desk()
    connector = connected(desk)
    item = called(seen(connector, desk, Kind.DIRECTORY_GROUP), name)
    with pytest.raises(Refused):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == 0 and thing(desk, "group", item.id)


def test_a_group_of_the_customer_that_was_put_into_a_plan_is_refused() -> None:
    desk = Desk()
    connector = connected(desk)
    item = called(seen(connector, desk, Kind.DIRECTORY_GROUP), "Intercept operators")
    staff = next(one for one in desk.sandbox.world.all("graph", "group") if text(one.raw, "displayName") == "All staff")
    with pytest.raises(Refused):
        connector.apply(replace(deed(item, Verb.REMOVE), target=staff.id), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == 0


@pytest.mark.parametrize("how", ["member", "owner", "app", "inside a group of ours", "unknown group"])
def test_who_joins_after_the_look_makes_it_another_group_and_keeps_it(how: str) -> None:
    desk = Desk()
    inner = placed(desk, "group", "5f0c7b1e-0000-4000-8000-000000000001", displayName="ops-inner").id
    known = ((Kind.DIRECTORY_GROUP, inner),) if how == "inside a group of ours" else ()
    connector = connected(desk, recorded(desk, *known))
    item = called(seen(connector, desk, Kind.DIRECTORY_GROUP), "Intercept operators")
    anna = person(desk, "anna@").id
    match how:
        case "member" | "owner":
            joined(desk, item.id, anna, f"{how}s")
        case "app":
            payroll = next(one for one in desk.sandbox.world.all("graph", "servicePrincipal")
                           if one.owner == SLUG and text(one.raw, "displayName") == "Payroll Online")  # fmt: skip
            joined(desk, item.id, payroll.id)
        case _:
            joined(desk, item.id, inner)
            joined(desk, inner, anna)
    after = connector.read(item.target, desk.tray)
    assert after is not None and after.image != item.image and after.fact("others") == "1"
    with pytest.raises(Refused):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)


def test_groups_that_cannot_be_read_are_never_no_groups() -> None:
    for path in ("/groups$", "/groups/[^/]+/members$"):
        desk = Desk()
        desk.trouble(do="forbid", vendor="graph", path=path)
        with pytest.raises(ConnectorError):
            seen(connected(desk), desk, Kind.DIRECTORY_GROUP)


def test_a_page_of_groups_that_was_dropped_is_noticed() -> None:
    desk = Desk()
    for number in range(12):
        placed(desk, "group", f"5f0c7b1e-0000-4000-8000-0000000001{number:02d}", displayName=f"team {number}")
    assert len(seen(connected(desk), desk, Kind.DIRECTORY_GROUP)) == 4
    desk.trouble(do="drop-page", vendor="graph", path="/groups$")
    with pytest.raises(ConnectorError):
        seen(connected(desk), desk, Kind.DIRECTORY_GROUP)


def test_a_role_assignable_group_without_the_right_is_the_vendors_no() -> None:
    desk = Desk()
    connector = connected(desk)
    item = called(seen(connector, desk, Kind.DIRECTORY_GROUP), "Intercept operators")
    group = thing(desk, "group", item.id)
    assert group is not None
    desk.sandbox.world.change(group, {"isAssignableToRole": True})
    for one in desk.sandbox.world.all("graph", "appRoleAssignment"):
        desk.sandbox.world.remove(one)
    with pytest.raises(ConnectorError):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert thing(desk, "group", item.id)


# ---- directory roles -------------------------------------------------------------------------------------------------


def test_roles_of_ours_are_found_and_those_of_the_customer_are_not_kept() -> None:
    desk = Desk()
    found = seen(connected(desk), desk, Kind.DIRECTORY_ROLE)
    assert set(whose(desk, found).values()) == {Whose.OURS}
    shown = {(one.fact("roleName"), one.fact("principalKind"), one.fact("held")) for one in found}
    assert shown == {
        ("Global Administrator", "user", "assigned"),
        ("Privileged Authentication Administrator", "servicePrincipal", "assigned"),
        ("Global Reader", "guest", "eligible"),
    }
    anna = person(desk, "anna@").id
    assert anna not in b"".join(desk.tray.images.values()).decode()


def test_the_role_that_this_program_works_by_goes_last() -> None:
    desk = Desk()
    connector = connected(desk)
    own = [one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if is_executors(one, desk.facts)]
    assert [one.fact("executor") for one in own] == ["yes"]
    with pytest.raises(Refused):
        connector.apply(deed(own[0], Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == 0


def test_a_role_is_taken_away_and_its_holder_stays() -> None:
    desk = Desk()
    connector, others = connected(desk), desk.others()
    found = seen(connector, desk, Kind.DIRECTORY_ROLE)
    item = next(one for one in found if one.fact("principalKind") == "user")
    receipt = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and (receipt.outcome, receipt.code) == (Outcome.DONE, "204")
    assert connector.read(item.target, desk.tray) is None and thing(desk, "user", item.fact("principalId"))
    found_again = connector.find(deed(item, Verb.REMOVE), once=ONCE)
    assert found_again is not None and found_again.outcome is Outcome.FOUND
    assert desk.others() == others


def test_the_platform_takes_the_roles_of_a_deleted_account_and_a_second_look_sees_it() -> None:
    desk = Desk()
    connector = connected(desk)
    item = next(one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if one.fact("principalKind") == "user")
    holder = next(one for one in seen(connector, desk, Kind.USER) if one.id == item.fact("principalId"))
    connector.apply(deed(holder, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert connector.read(item.target, desk.tray) is None
    assert item.id not in {one.id for one in seen(connector, desk, Kind.DIRECTORY_ROLE)}


def test_the_last_global_administrator_is_the_vendors_no() -> None:
    desk = Desk()
    connector, world = connected(desk), desk.sandbox.world
    item = next(one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if one.fact("administrators") == "yes")
    for one in world.all("graph", "roleAssignment"):
        if (
            one.place == desk.facts.customer.tenant
            and text(one.raw, "roleDefinitionId") == GLOBAL
            and one.id != item.id
        ):
            world.remove(one)
    receipt = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt)
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "Request_BadRequest")
    assert thing(desk, "roleAssignment", item.id)


def test_a_role_of_a_group_is_ours_only_while_everybody_in_it_is() -> None:
    desk = Desk()
    connector = connected(desk)
    groups = seen(connector, desk, Kind.DIRECTORY_GROUP)
    alone, both = called(groups, "Intercept operators"), called(groups, "Intercept servicedesk")
    for number, group in enumerate((alone, both)):
        given(desk, group.id, GLOBAL, f"given-{number}")
    found = {one.id: one for one in seen(connector, desk, Kind.DIRECTORY_ROLE)}
    said = {one.item.id: one.provenance.whose for one in owned([*found.values()], recorded(desk), {})}
    assert (said["given-0"], said["given-1"]) == (Whose.OURS, Whose.SHARED)
    with pytest.raises(Refused):
        connector.apply(deed(found["given-1"], Verb.REMOVE), once=ONCE, out=desk.tray)
    now = called(seen(connector, desk, Kind.DIRECTORY_GROUP), "Intercept operators")
    assert (alone.fact("administrators"), now.fact("administrators")) == ("no", "yes")


def test_a_recorded_role_of_somebody_of_the_customer_is_left_to_them() -> None:
    desk = Desk()
    ident = given(desk, person(desk, "bram@").id, READER)
    facts = recorded(desk, (Kind.DIRECTORY_ROLE, ident))
    connector = connected(desk, facts)
    item = next(one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if one.id == ident)
    assert whose(desk, [item], facts) == {item.name: Whose.SHARED}
    assert "Bram" not in item.name and not [one for one in item.signs if one.kind is SignKind.MAIL_DOMAIN]
    with pytest.raises(Refused):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)


def test_an_eligible_role_is_ended_by_a_request() -> None:
    desk = Desk()
    connector = connected(desk)
    item = next(one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if one.fact("held") == "eligible")
    receipt = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert receipt == Receipt(outcome=Outcome.DONE, code="201", said=(("status", "Revoked"),))
    assert connector.read(item.target, desk.tray) is None


def test_an_eligible_role_that_is_too_young_is_asked_again_once_and_then_says_why() -> None:
    desk = Desk()
    connector = connected(desk)
    item = next(one for one in seen(connector, desk, Kind.DIRECTORY_ROLE) if one.fact("held") == "eligible")
    held = thing(desk, "roleEligibilitySchedule", item.id)
    assert held is not None
    desk.sandbox.world.change(held, {"startDateTime": desk.sandbox.world.now.isoformat()})
    action = deed(item, Verb.REMOVE)
    first = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(first, Again) and first.seconds == 300.0
    second = connector.follow(action, first.operation)
    assert isinstance(second, Receipt) and (second.outcome, second.code) == (Outcome.REFUSED, "ActiveDurationTooShort")
    assert "five minutes" in dict(second.said)["why"]
    desk.control("POST", "/clock", {"now": "2026-11-23T09:06:00+01:00"})
    later = connector.follow(action, first.operation)
    assert isinstance(later, Receipt) and later.outcome is Outcome.DONE


def test_a_tenant_without_pim_has_no_eligible_roles_and_any_other_no_is_a_blind_spot() -> None:
    desk = Desk()
    instances = "roleEligibilityScheduleInstances"
    desk.trouble(do="status", vendor="graph", path=instances, status=400, code="AadPremiumLicenseRequired")
    held = {one.fact("held") for one in seen(connected(desk), desk, Kind.DIRECTORY_ROLE)}
    assert held == {"assigned"}
    desk.calm()
    desk.trouble(do="forbid", vendor="graph", path=instances)
    with pytest.raises(ConnectorError):
        seen(connected(desk), desk, Kind.DIRECTORY_ROLE)


@pytest.mark.parametrize("ident", ["../users/x", "a b", ""])
def test_an_id_that_leads_elsewhere_is_refused(ident: str) -> None:
    desk = Desk()
    connector = connected(desk)
    for kind in (Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE):
        item = seen(connector, desk, kind)[0]
        with pytest.raises(Refused):
            connector.apply(replace(deed(item, Verb.REMOVE), target=ident), once=ONCE, out=desk.tray)
