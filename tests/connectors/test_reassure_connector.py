"""The portal: users are disabled and never deleted, articles never run longer by us, one final draft."""

import json
from dataclasses import replace

import httpx2
import pytest
from house_hands import REASSURE_URL, act, disabling, found, reassure

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.reassure.client import ReassureDoor
from sendoff.connectors.reassure.connector import ReassureConnector
from sendoff.model.errors import BadInput, Conflict, Confusing, Refused
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.sandbox.wire import obj, text

SCOPE = "RA-1001"


def ending(desk: Desk, day: str, number: int = 0) -> Action:
    connector = reassure(desk)
    one = found(connector, desk, Kind.ARTICLE)[number]
    return act(connector, Kind.ARTICLE, Verb.END, one.id, one.scope, ("end", day), before=one.image)


def final(connector: ReassureConnector, until: str = "2026-12-31") -> Action:
    return act(connector, Kind.INVOICE_DRAFT, Verb.CREATE, "final", SCOPE, ("until", until))


def test_disabling_leaves_the_image_as_it_was_and_shows_as_ended() -> None:
    desk = Desk()
    connector = reassure(desk)
    action = disabling(desk, connector)
    connector.apply(action, once=ONCE, out=desk.tray)
    after = connector.read(action.at, desk.tray)
    assert after is not None and after.fact("ended") == "yes" and after.image == action.before
    assert desk.wire.calls("DELETE", "") == 0


def test_a_user_that_somebody_changed_meanwhile_is_a_conflict() -> None:
    desk = Desk()
    action = disabling(desk, reassure(desk))

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.method == "PATCH":
            assert request.headers["if-match"]
            request.headers["if-match"] = '"older"'
        return desk.wire.handle_request(request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    with pytest.raises(Conflict):
        reassure(desk).apply(action, once=ONCE, out=desk.tray)


def test_no_name_of_a_person_stands_in_an_item_or_its_image() -> None:
    desk = Desk()
    items = found(reassure(desk), desk, Kind.PORTAL_USER)
    world = [obj(one.raw) for one in desk.sandbox.world.all("reassure", "user")]
    names = [text(one, key) for one in world for key in ("name", "email")]
    said = repr(items) + b"".join(desk.tray.images.values()).decode()
    assert len(items) == 5 and len(names) > 9 and [one for one in names if one and one in said] == []


def test_an_article_ends_on_the_day_and_ending_it_twice_changes_nothing() -> None:
    desk = Desk()
    action = ending(desk, "2026-12-31")
    for outcome in (Outcome.DONE, Outcome.FOUND):
        receipt = reassure(desk).apply(action, once=ONCE, out=desk.tray)
        assert isinstance(receipt, Receipt) and receipt.outcome is outcome
    assert desk.wire.calls("PATCH", "/articles/") == 1
    ended = next(one for one in found(reassure(desk), desk, Kind.ARTICLE) if one.id == action.target)
    assert (ended.fact("end"), ended.fact("ended"), ended.image) == ("2026-12-31", "yes", action.before)


def test_an_article_that_ends_earlier_is_never_made_to_run_longer() -> None:
    desk = Desk()
    reassure(desk).apply(ending(desk, "2026-11-30"), once=ONCE, out=desk.tray)
    receipt = reassure(desk).apply(ending(desk, "2026-12-31"), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.FOUND
    assert found(reassure(desk), desk, Kind.ARTICLE)[0].fact("end") == "2026-11-30"


@pytest.mark.parametrize("day", ["", "31-12-2026", "2026-13-01", "end"])
def test_a_day_that_is_none_is_refused_before_any_write(day: str) -> None:
    desk = Desk()
    with pytest.raises(BadInput):
        reassure(desk).apply(ending(desk, day), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "") == 0


def test_the_final_draft_is_made_and_frozen_once() -> None:
    desk = Desk()
    connector = reassure(desk)
    action = final(connector)
    assert connector.find(action, once=ONCE) is None
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    again = connector.find(action, once=ONCE)
    assert again is not None and dict(again.said)["until"] == "2026-12-31"
    drafts = found(connector, desk, Kind.INVOICE_DRAFT)
    assert [(one.fact("until"), one.fact("frozen")) for one in drafts] == [("2026-12-31", "yes")]


def test_a_draft_that_a_crash_left_unfrozen_is_frozen_and_not_made_again() -> None:
    desk = Desk()
    desk.trouble(do="status", vendor="reassure", path="freeze", status=503, times=1)
    with pytest.raises(Exception, match="vendor failed"):
        reassure(desk).apply(final(reassure(desk)), once=ONCE, out=desk.tray)
    desk.calm()
    assert reassure(desk).find(final(reassure(desk)), once=ONCE) is None
    reassure(desk).apply(final(reassure(desk)), once=ONCE, out=desk.tray)
    drafts = found(reassure(desk), desk, Kind.INVOICE_DRAFT)
    assert [one.fact("frozen") for one in drafts] == ["yes"]
    keys = {one.headers["idempotency-key"] for one in desk.wire.seen if one.url.path.endswith("/invoice-drafts")
            and one.method == "POST"}  # fmt: skip
    assert keys == {ONCE}


def test_another_name_for_the_final_draft_is_refused() -> None:
    desk = Desk()
    connector = reassure(desk)
    with pytest.raises(Refused):
        connector.apply(replace(final(connector), target="other"), once=ONCE, out=desk.tray)


def test_the_reports_are_exported() -> None:
    desk = Desk()
    connector = reassure(desk)
    receipt = connector.apply(act(connector, Kind.REPORT, Verb.EXPORT, SCOPE, SCOPE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt)
    assert str(len(json.loads(desk.tray.files["reassure/reports.json"]))) == dict(receipt.said)["reports"] != "0"


def test_a_list_without_its_count_is_confusing() -> None:
    desk = Desk()

    def handle(request: httpx2.Request) -> httpx2.Response:
        answer = desk.wire.handle_request(request)
        answer.headers.pop("x-total-count", None)
        return answer

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    with pytest.raises(Confusing, match="count"):
        found(reassure(desk), desk, Kind.PORTAL_USER)


@pytest.mark.parametrize("ident", ["RA-1002-U1", "../customers/RA-1002", "RA-1001-U1/..", ""])
def test_a_user_of_another_customer_is_refused_however_it_is_spelled(ident: str) -> None:
    desk = Desk()
    connector = reassure(desk)
    action = replace(disabling(desk, connector), target=ident)
    others = desk.others()
    with pytest.raises(Refused):
        connector.apply(action, once=ONCE, out=desk.tray)
    assert desk.others() == others


def test_other_names_of_paths_and_fields_are_set_in_the_door() -> None:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        rows = [{"nr": "7", "actief": True, "email": "x@y.example"}]
        return httpx2.Response(200, json=rows, headers={"X-Total-Count": "1"}, request=request)

    desk = Desk()
    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    door = ReassureDoor(
        url=REASSURE_URL,
        token=Secret("t"),
        paths={"users": "/klanten/{id}/gebruikers"},
        fields={"id": "nr", "enabled": "actief"},
    )
    connector = ReassureConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)
    items = found(connector, desk, Kind.PORTAL_USER)
    assert asked == ["/klanten/RA-1001/gebruikers"] and [(one.id, one.fact("ended")) for one in items] == [("7", "no")]


def test_a_portal_without_tls_is_refused_before_any_call() -> None:
    desk = Desk()
    door = ReassureDoor(url=REASSURE_URL.replace("https", "http"), token=Secret("t"))
    with pytest.raises(Refused):
        ReassureConnector(desk.facts, door, clients=desk.clients, limits=desk.limits).probe(Key.REASSURE)
    assert not desk.wire.seen
