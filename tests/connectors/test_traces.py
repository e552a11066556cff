"""Traces of ours in the customer's directory: found by what decides, left where they have a part, never theirs."""

from dataclasses import replace

import pytest
from connector_hands import seen

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.entra.traces import READS
from sendoff.model.errors import ConnectorError, Refused
from sendoff.model.facts import Facts, Marks, Recorded
from sendoff.model.inventory import Item, Kind, System, Verb, Whose
from sendoff.rules.keys import is_executors
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import Obj, arr, dig, text
from sendoff.sandbox.world import Thing

PLANTED = {
    Kind.SIGN_IN_METHOD: 3,
    Kind.APP_REGISTRATION: 2,
    Kind.TRUST: 2,
    Kind.CONSENT: 3,
    Kind.ACCESS_POLICY: 2,
    Kind.NAMED_LOCATION: 1,
    Kind.NOTICE_CONTACT: 2,
    Kind.DELETED_ITEM: 3,
}
"""How many of each a look keeps once all is planted: what is ours, and what is only called like us."""


def known(desk: Desk) -> Facts:
    """The facts with our marks, and with our group on the record."""
    ours = dig(desk.known, "msp")
    told = {name: tuple(text(one) for one in arr(dig(ours, name))) for name in ("addresses", "phones", "pipelines")}
    noted = {"group": Kind.DIRECTORY_GROUP, "user": Kind.USER}
    rows = [(text(one, "kind"), text(one, "id")) for one in arr(dig(desk.known, "customers", SLUG, "onboarding"))]
    return replace(
        desk.facts,
        provider=replace(desk.facts.provider, marks=Marks(**told)),
        record=tuple(
            Recorded(system=System.ENTRA, kind=noted[kind], id=ident) for kind, ident in rows if kind in noted
        ),
    )


def planted() -> Desk:
    """A desk at whose customer every trace lies."""
    desk = Desk()
    desk.control("POST", "/hands", {"do": "graph.plant-traces", "customer": SLUG})
    return desk


def connected(desk: Desk) -> EntraConnector:
    """Our hands with the marks."""
    doors = EntraDoors(app=desk.app())
    return EntraConnector(known(desk), doors, clients=desk.clients, limits=desk.limits)


def whose(desk: Desk, items: list[Item]) -> dict[str, Whose]:
    """Whose everything is, by name."""
    return {one.item.name: one.provenance.whose for one in owned(items, known(desk), {})}


@pytest.mark.parametrize("kind", READS)
def test_a_planted_trace_is_found_and_read_again_directly(kind: Kind) -> None:
    before, desk = Desk(), planted()
    found = seen(connected(desk), desk, kind)
    assert len(found) == PLANTED[kind] > len(seen(connected(before), before, kind))
    connector = connected(desk)
    assert [connector.read(one.target, desk.tray) for one in found] == found


def test_whose_each_trace_is_follows_from_our_own_marks_and_never_from_a_name() -> None:
    desk = planted()
    said = {name: who for kind in READS for name, who in whose(desk, seen(connected(desk), desk, kind)).items()}
    unknown = sorted(name for name, who in said.items() if who is Whose.UNKNOWN)
    assert len(said) == sum(PLANTED.values()) and {*said.values()} == {Whose.OURS, Whose.UNKNOWN}
    assert unknown[0] == "Post In" and len(unknown) == 2 and unknown[1].startswith("fido2 on account")
    assert "MFA behalve beheer: names 1 of ours" in said and "Beheer: holds addresses of ours" in said


def test_of_the_customers_own_settings_nothing_is_kept() -> None:
    desk = planted()
    for kind in READS:
        seen(connected(desk), desk, kind)
    kept = b"".join(desk.tray.images.values()).decode()
    for theirs in ("Hoofdkantoor", "MFA voor iedereen", "intranet:ref", "it@vandermeer", "0101", "Piet", "Payroll"):
        assert theirs not in kept
    assert "landing-zones" in kept


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.SIGN_IN_METHOD, "/authentication/methods$"),
        (Kind.APP_REGISTRATION, "/applications$"),
        (Kind.TRUST, "/federatedIdentityCredentials$"),
        (Kind.CONSENT, "/oauth2PermissionGrants$"),
        (Kind.ACCESS_POLICY, "/conditionalAccess/policies$"),
        (Kind.NAMED_LOCATION, "/namedLocations$"),
        (Kind.DELETED_ITEM, "/deletedItems/"),
    ],
)
def test_traces_that_cannot_be_read_are_never_no_traces(kind: Kind, path: str) -> None:
    desk = planted()
    desk.trouble(do="forbid", vendor="graph", path=path)
    with pytest.raises(ConnectorError):
        seen(connected(desk), desk, kind)


def test_a_dropped_page_of_applications_is_noticed() -> None:
    desk = planted()
    for number in range(12):
        raw: Obj = {"id": f"a-{number}", "appId": f"c-{number}", "displayName": "x"}
        desk.sandbox.world.add(Thing("graph", "application", f"a-{number}", SLUG, raw, desk.facts.customer.tenant))
    assert len(seen(connected(desk), desk, Kind.APP_REGISTRATION)) == PLANTED[Kind.APP_REGISTRATION]
    desk.trouble(do="drop-page", vendor="graph", path="/applications$")
    with pytest.raises(ConnectorError):
        seen(connected(desk), desk, Kind.APP_REGISTRATION)


def test_a_trace_is_a_persons_to_take_out_and_then_it_is_gone() -> None:
    desk = planted()
    connector, others = connected(desk), desk.others()
    found = [one for kind in READS for one in seen(connector, desk, kind)]
    ours = [one for one in found if (one.kind, Verb.REMOVE) in connector.able]
    for one in ours:
        with pytest.raises(Refused):
            connector.apply(deed(one, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == desk.wire.calls("PATCH", "") == 0
    desk.control("POST", "/hands", {"do": "graph.take-out-traces", "customer": SLUG})
    left = [one.name for one in ours if connector.read(one.target, desk.tray) is not None]
    assert left == ["Intercept Onboarding"], "the app that this program works by goes last"
    assert desk.others() == others


def test_the_app_and_the_consents_that_this_program_works_by_go_last() -> None:
    desk = planted()
    connector, facts = connected(desk), known(desk)
    found = [*seen(connector, desk, Kind.APP_REGISTRATION), *seen(connector, desk, Kind.CONSENT)]
    assert [one.name for one in found if is_executors(one, facts)] == [
        "Intercept Onboarding",
        "consent to Intercept Onboarding: Microsoft Graph",
    ]


def test_consents_go_with_the_app_they_were_given_to() -> None:
    desk = planted()
    connector = connected(desk)
    portal = next(one for one in seen(connector, desk, Kind.SERVICE_PRINCIPAL) if one.name == "Intercept Portal")
    given = [one for one in seen(connector, desk, Kind.CONSENT) if one.uses == (portal.id.lower(),)]
    connector.apply(deed(portal, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert len(given) == 2 and not any(connector.read(one.target, desk.tray) for one in given)
    again = seen(connector, desk, Kind.DELETED_ITEM)
    assert ("Intercept Portal", "2026-12-23") in {(one.name, one.fact("until")) for one in again}


def test_h30_a_group_that_a_policy_names_is_never_deleted() -> None:
    desk = planted()
    connector = connected(desk)
    group = next(one for one in seen(connector, desk, Kind.DIRECTORY_GROUP) if one.name == "Intercept operators")
    assert "Conditional Access policy" in group.fact("stays") and whose(desk, [group])[group.name] is Whose.SHARED
    with pytest.raises(Refused, match="Conditional Access"):
        connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    desk.control("POST", "/hands", {"do": "graph.take-out-traces", "customer": SLUG})
    after = connector.read(group.target, desk.tray)
    assert after is not None and not after.fact("stays"), "taken out of the policy, it may go"


def test_h30_policies_that_cannot_be_read_keep_every_group_of_ours() -> None:
    desk = planted()
    desk.trouble(do="forbid", vendor="graph", path="/conditionalAccess/policies$")
    found = seen(connected(desk), desk, Kind.DIRECTORY_GROUP)
    assert found and all(one.fact("stays") for one in found)


def test_h29_our_addresses_are_found_however_the_range_is_written_and_everything_is_no_address_of_ours() -> None:
    desk = planted()
    world = desk.sandbox.world
    place = next(one for one in world.all("graph", "namedLocation") if text(one.raw, "displayName") == "Hoofdkantoor")
    for written, ours in (("198.51.100.31/32", True), ("198.51.0.0/16", True), ("0.0.0.0/0", False), ("x", False)):
        world.change(place, {"ipRanges": [{"cidrAddress": written}]})
        names = {one.name for one in seen(connected(desk), desk, Kind.NAMED_LOCATION)}
        assert ("Hoofdkantoor: holds addresses of ours" in names) is ours, written


def test_a_named_location_in_use_cannot_be_deleted_at_the_vendor() -> None:
    desk = planted()
    world = desk.sandbox.world
    place = next(one for one in world.all("graph", "namedLocation") if text(one.raw, "displayName") == "Beheer")
    policy = world.all("graph", "conditionalAccessPolicy")[0]
    conditions: Obj = {"locations": {"includeLocations": [place.id]}}
    world.change(policy, {"conditions": conditions})
    named = next(one for one in seen(connected(desk), desk, Kind.NAMED_LOCATION) if one.id == place.id)
    path = f"/identity/conditionalAccess/namedLocations/{named.id}"
    answer = connected(desk)._opened(named.key).delete(path)
    assert answer.status == 400 and world.get("graph", "namedLocation", place.id) is not None


@pytest.mark.parametrize("ident", ["../users/x", "a b", "", "x/../y"])
def test_an_id_that_leads_elsewhere_is_refused_or_not_there(ident: str) -> None:
    desk = planted()
    connector = connected(desk)
    for kind in READS:
        item = seen(connector, desk, kind)[0]
        try:
            assert connector.read(replace(item.target, id=ident), desk.tray) is None
        except Refused:
            continue
