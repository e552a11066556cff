"""What of the customer lies in our own subscriptions: read by a key of the house, shared, and never removed by us."""

from dataclasses import replace

import pytest
from connector_hands import azure, seen

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from sendoff.model.errors import ConnectorError, Refused
from sendoff.model.facts import Marks
from sendoff.model.inventory import Kind, SignKind, Verb, Whose
from sendoff.model.key import Key
from sendoff.rules.certifying import with_us
from sendoff.rules.provenance import owned


def planted() -> Desk:
    """A desk whose settings name a subscription of ours, with things of the customer in it."""
    desk = Desk()
    desk.control("POST", "/hands", {"do": "arm.plant-house", "customer": SLUG})
    marks = Marks(subscriptions=(desk.sandbox.world.guid("msp", "subscription"),))
    desk.facts = replace(desk.facts, provider=replace(desk.facts.provider, marks=marks))
    return desk


def test_what_is_about_the_customer_is_found_with_the_reason_and_of_others_nothing_is_kept() -> None:
    desk = planted()
    connector = azure(desk)
    found = seen(connector, desk, Kind.HOUSE_THING)
    assert {one.name: one.fact("because") for one in found} == {
        "vandermeer.example": "it is about vandermeer.example",
        "vnet-hub": "it names a subscription of theirs",
        "stbackups": "its tag names them",
    }
    again = [connector.read(one.target, desk.tray) for one in found]
    assert [(one.ref, one.detail) for one in again if one] == [(one.ref, one.detail) for one in found]
    assert {one.key for one in found} == {Key.HOUSE}
    kept = b"".join(desk.tray.images.values()).decode()
    assert "meerzicht" not in kept and "stothers" not in kept


def test_it_is_shared_told_to_a_person_and_no_deed_of_ours() -> None:
    desk = planted()
    connector = azure(desk)
    found = seen(connector, desk, Kind.HOUSE_THING)
    tagged = [replace(one, signs=(*one.signs, *found[0].signs)) for one in found]
    rows = owned(tagged, desk.facts, {})
    assert {row.provenance.whose for row in rows} == {Whose.SHARED}
    assert len(with_us(rows)) == 3 and all(row.endswith("a person hands it over") for row in with_us(rows))
    for one in found:
        with pytest.raises(Refused):
            connector.apply(deed(one, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == 0 and SignKind.NAME not in {sign.kind for sign in found[0].signs}


def test_only_subscriptions_that_the_settings_name_and_that_are_ours_are_read_so() -> None:
    desk = planted()
    assert not [one for one in azure(Desk()).cells() if one.kind is Kind.HOUSE_THING], "none named, no cell"
    for other in (desk.facts.scope[0].id, "11111111-2222-4333-8444-555555555555"):
        facts = replace(desk.facts, provider=replace(desk.facts.provider, marks=Marks(subscriptions=(other,))))
        desk.facts = facts
        with pytest.raises((Refused, ConnectorError)):
            seen(azure(desk), desk, Kind.HOUSE_THING)


def test_our_own_subscription_that_cannot_be_read_is_a_blind_spot() -> None:
    desk = planted()
    azure(desk).probe(Key.HOUSE)
    desk.trouble(do="forbid", vendor="arm", path="/resources$")
    with pytest.raises(ConnectorError):
        seen(azure(desk), desk, Kind.HOUSE_THING)
