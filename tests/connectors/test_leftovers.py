"""Leftovers in Azure that no list of resources shows: found, read again directly, and never taken for nothing."""

from dataclasses import replace

import pytest
from connector_hands import azure, seen

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from sendoff.connectors.azure.traces import READS
from sendoff.model.errors import ConnectorError, Refused
from sendoff.model.facts import Recorded
from sendoff.model.inventory import Item, Kind, System, Verb, Whose
from sendoff.rules.keys import is_executors
from sendoff.rules.provenance import owned
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_resource import resource
from sendoff.sandbox.wire import Obj, arr, dig, text

PLANTED = {Kind.DELETED_RESOURCE: 4, Kind.RECEIVER: 2, Kind.PARTNER_LINK: 1}
SOURCES = {
    Kind.DELETED_RESOURCE: ("/deletedVaults$", "/deletedWorkspaces$", "/backupProtectedItems$"),
    Kind.RECEIVER: ("/Microsoft.ResourceGraph/resources$", "/budgets$"),
    Kind.PARTNER_LINK: ("/Microsoft.ManagementPartner/partners$",),
}


def planted() -> Desk:
    """A desk at whose customer everything lies, with what onboarding recorded of the resources."""
    desk = Desk()
    desk.control("POST", "/hands", {"do": "arm.plant-leftovers", "customer": SLUG})
    rows = arr(dig(desk.sandbox.known(), "customers", SLUG, "onboarding"))
    told = [text(one, "id") for one in rows if text(one, "kind").startswith(("microsoft.keyvault", "microsoft.op"))]
    told += [
        text(one, "id") for one in rows if text(one, "kind").startswith(("microsoft.rec", "microsoft.insights/ac"))
    ]
    desk.facts = replace(
        desk.facts, record=tuple(Recorded(system=System.AZURE, kind=Kind.RESOURCE, id=one) for one in told)
    )
    return desk


@pytest.mark.parametrize("kind", READS)
def test_what_was_planted_is_found_and_read_again_directly(kind: Kind) -> None:
    before, desk = Desk(), planted()
    connector = azure(desk)
    found = seen(connector, desk, kind)
    assert len(found) == PLANTED[kind] and seen(azure(before), before, kind) == [
        one for one in seen(azure(before), before, kind) if kind is Kind.RECEIVER
    ]
    assert [connector.read(one.target, desk.tray) for one in found] == found


def test_whose_each_leftover_is_and_until_when_it_can_be_restored() -> None:
    desk = planted()
    connector = azure(desk)
    rows = owned(seen(connector, desk, Kind.DELETED_RESOURCE), desk.facts, {})
    said = {row.item.name: (row.provenance.whose, row.item.fact("was"), row.item.fact("until")) for row in rows}
    assert said == {
        "kv-intercept-oud": (Whose.OURS, "key vault", "2027-02-21"),
        "law-intercept-oud": (Whose.OURS, "workspace", "14 days after it was deleted"),
        "vm-vdm-web-01": (Whose.OURS, "backup", "2026-12-05"),
        "kv-vdm-oud": (Whose.CUSTOMERS, "key vault", "2027-02-21"),
    }


def test_who_is_warned_is_kept_only_where_it_is_us() -> None:
    desk = planted()
    found = seen(azure(desk), desk, Kind.RECEIVER)
    assert {one.name for one in found} == {"ag-beheer", "jaarbudget"}, "what is ours itself ends in its own step"
    kept = b"".join(desk.tray.images[one.image] for one in found).decode()
    assert "beheer@intercept.example" in kept and "it@vandermeer.example" not in kept


def test_a_receiver_is_the_customers_to_take_out_and_then_it_is_gone() -> None:
    desk = planted()
    connector, others = azure(desk), desk.others()
    found = seen(connector, desk, Kind.RECEIVER)
    for one in found:
        for call in (connector.apply, connector.find):
            with pytest.raises(Refused):
                call(deed(one, Verb.REMOVE), once=ONCE, **({"out": desk.tray} if call == connector.apply else {}))
    desk.control("POST", "/hands", {"do": "arm.take-out-leftovers", "customer": SLUG})
    assert [connector.read(one.target, desk.tray) for one in found] == [None, None] and desk.others() == others


def test_the_partner_link_of_the_identity_we_work_by_ends_with_it() -> None:
    desk = planted()
    executor = text(dig(desk.known, "customers", SLUG, "app", "service_principal_id"))
    facts = replace(desk.facts, provider=replace(desk.facts.provider, executor=executor))
    (link,) = seen(azure(desk), desk, Kind.PARTNER_LINK)
    assert (
        is_executors(link, facts)
        and link.fact("partner")
        and owned([link], facts, {})[0].provenance.whose is Whose.OURS
    )


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in SOURCES.items() for path in paths])
def test_leftovers_that_cannot_be_read_are_never_no_leftovers(kind: Kind, path: str) -> None:
    desk = planted()
    desk.trouble(do="forbid", vendor="arm", path=path)
    with pytest.raises(ConnectorError):
        seen(azure(desk), desk, kind)


# ---- H28: who is still called ------------------------------------------------------------------------------------


def called(kind: str, properties: Obj) -> tuple[list[Item], str]:
    """What a look says of one thing of theirs that calls somebody, and all that is kept of it."""
    desk = Desk()
    plain = len(seen(azure(desk), desk, Kind.RECEIVER))
    sub = desk.facts.leaving[0].id
    plan_ = next(one for one in CUSTOMERS if one.slug == SLUG)
    build = Build(desk.sandbox.world, plan_, desk.sandbox.world.customers[SLUG].tenant)
    resource(build, sub, "rg-web", kind, "zz-called", also=properties)
    found = [one for one in seen(azure(desk), desk, Kind.RECEIVER) if one.name == "zz-called"]
    assert len(seen(azure(desk), desk, Kind.RECEIVER)) == plain + len(found)
    return found, b"".join(desk.tray.images[one.image] for one in found).decode()


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (
            "microsoft.insights/actiongroups",
            {"webhookReceivers": [{"serviceUri": "https://hook.intercept.example/x?k=S3"}]},
        ),
        (
            "microsoft.insights/actiongroups",
            {"logicAppReceivers": [{"callbackUrl": "https://intercept.example:8443/S3"}]},
        ),
        ("microsoft.insights/actiongroups", {"emailReceivers": [{"emailAddress": "noc@desk.intercept.example"}]}),
        ("microsoft.insights/metricalerts", {"description": "see https://u:S3@wiki.intercept.example/alerts"}),
    ],
    ids=["webhook", "logic app", "mail below our domain", "address with a password"],
)
def test_h28_whatever_still_calls_us_is_found_and_its_key_is_not_kept(kind: str, properties: Obj) -> None:
    found, kept = called(kind, properties)

    assert [one.provenance.whose for one in owned(found, Desk().facts, {})] == [Whose.OURS]
    assert "intercept.example" in kept and "S3" not in kept


@pytest.mark.parametrize(
    "address",
    ["https://notintercept.example/x", "https://intercept.example.evil.example/", "it@vandermeer.example"],
)
def test_h28_an_address_that_only_looks_like_ours_is_nobodys_but_theirs(address: str) -> None:
    assert called("microsoft.insights/actiongroups", {"webhookReceivers": [{"serviceUri": address}]}) == ([], "")
