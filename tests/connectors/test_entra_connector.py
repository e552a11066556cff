"""The customer's directory: read widely, kept narrowly; never ourselves, never the last administrator."""

import pytest
from connector_hands import entra, seen

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.model.errors import Confusing, Refused
from sendoff.model.inventory import Item, Kind, SignKind, Verb
from sendoff.model.plan import Outcome, Receipt
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Thing


def called(items: list[Item], part: str) -> Item:
    return next(one for one in items if part in one.name)


def test_who_carries_no_sign_of_us_is_kept_as_an_id() -> None:
    desk = Desk()
    connector = entra(desk)
    users = seen(connector, desk, Kind.USER)
    strangers = [one for one in users if not any(sign.kind is SignKind.NAME for sign in one.signs)]
    kept = b"".join(desk.tray.images[one.image] for one in strangers).decode()
    assert len(strangers) > 20
    for stranger in strangers:
        person = desk.sandbox.world.get("graph", "user", stranger.id)
        assert person is not None and stranger.name == stranger.id
        assert text(person.raw, "userPrincipalName") not in kept and text(person.raw, "displayName") not in kept


def test_the_domain_of_a_guest_is_the_one_written_into_the_name() -> None:
    desk = Desk()
    carla = called(seen(entra(desk), desk, Kind.GUEST), "Carla")
    assert [one.value for one in carla.signs if one.kind is SignKind.MAIL_DOMAIN] == ["intercept.example"]


def test_disabling_signs_out_and_leaves_the_image_as_it_was() -> None:
    desk = Desk()
    connector = entra(desk)
    item = called(seen(connector, desk, Kind.GUEST), "Emma")
    receipt = connector.apply(deed(item, Verb.DISABLE), once=ONCE, out=desk.tray)
    after = connector.read(item.target, desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert desk.wire.calls("POST", "revokeSignInSessions") == 1
    assert after is not None and after.image == item.image and after.fact("enabled") == "no"


def test_a_deleted_account_can_be_restored_and_the_receipt_says_so() -> None:
    desk = Desk()
    connector = entra(desk)
    item = called(seen(connector, desk, Kind.GUEST), "Emma")
    receipt = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["restorable"] == "for 30 days"
    assert connector.read(item.target, desk.tray) is None
    # Whoever comes after a crash finds it gone, and says the same of it.
    for later in (
        connector.find(deed(item, Verb.REMOVE), once=ONCE),
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray),
    ):
        assert isinstance(later, Receipt) and (later.outcome, later.said) == (Outcome.FOUND, receipt.said)


def test_the_app_this_program_runs_as_is_never_removed() -> None:
    desk = Desk()
    connector = entra(desk)
    ourselves = next(one for one in seen(connector, desk, Kind.SERVICE_PRINCIPAL) if one.fact("executor") == "yes")
    for verb in (Verb.REMOVE, Verb.DISABLE):
        with pytest.raises(Refused):
            connector.apply(deed(ourselves, verb), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == desk.wire.calls("PATCH", "") == 0


def test_administrators_are_found_through_groups() -> None:
    desk = Desk()
    world, connector = desk.sandbox.world, entra(desk)
    direct = {one.id for one in seen(connector, desk, Kind.ADMINISTRATOR)}
    group = next(one for one in world.all("graph", "group") if one.place == desk.facts.customer.tenant
                 and text(one.raw, "displayName") == "All staff")  # fmt: skip
    role = {"id": "r1", "principalId": group.id, "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10"}
    world.add(Thing("graph", "roleAssignment", "r1", "vandermeer", {**role}, desk.facts.customer.tenant))
    assert len({one.id for one in seen(connector, desk, Kind.ADMINISTRATOR)} - direct) > 3


def test_a_sign_in_without_mfa_or_without_success_proves_nothing() -> None:
    desk = Desk()
    world, connector, tenant = desk.sandbox.world, entra(desk), desk.facts.customer.tenant
    admin = next(one for one in seen(connector, desk, Kind.ADMINISTRATOR) if one.fact("ours") == "no")
    base: Obj = {"userId": admin.id, "createdDateTime": "2026-11-22T09:00:00Z"}
    for name, requirement, error in (("a", "singleFactorAuthentication", 0), ("b", "multiFactorAuthentication", 50076)):
        row: Obj = {**base, "id": name, "authenticationRequirement": requirement, "status": {"errorCode": error}}
        world.add(Thing("graph", "signIn", name, "vandermeer", row, tenant))
    assert connector.read(admin.target, desk.tray) is not None
    seen_at = {one.id: one.fact("last-mfa-sign-in") for one in seen(connector, desk, Kind.ADMINISTRATOR)}
    assert seen_at[admin.id] == ""
    good: Obj = {
        **base,
        "id": "c",
        "authenticationRequirement": "multiFactorAuthentication",
        "status": {"errorCode": 0},
    }
    world.add(Thing("graph", "signIn", "c", "vandermeer", {**good}, tenant))
    again = {one.id: one.fact("last-mfa-sign-in") for one in seen(connector, desk, Kind.ADMINISTRATOR)}
    assert again[admin.id] == "2026-11-22T09:00:00Z"


def test_a_tenant_without_administrators_is_not_believed() -> None:
    desk = Desk()
    desk.trouble(do="empty-list", vendor="graph", path="roleAssignments")
    with pytest.raises(Confusing):
        seen(entra(desk), desk, Kind.ADMINISTRATOR)
