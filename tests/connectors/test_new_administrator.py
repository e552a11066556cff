"""The administrator of the new supplier, and the customer's own: made once, named exactly, told to nobody else."""

import json
from dataclasses import replace

import httpx2
import pytest
from connector_hands import seen

from fakes.connector_desk import ONCE, Desk
from fakes.microsoft_hands import asked, with_supplier
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.model.errors import Refused
from sendoff.model.facts import Administrator, Invited
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Thing


def supplied(desk: Desk, how: Invited = Invited.GUEST, role: str = "") -> EntraConnector:
    """The customer permits the new supplier one administrator."""
    desk.facts = with_supplier(desk, how, role)
    return EntraConnector(desk.facts, EntraDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)


def permitted(desk: Desk) -> Administrator:
    assert desk.facts.supplier is not None and desk.facts.supplier.administrator is not None
    return desk.facts.supplier.administrator


def making(desk: Desk, verb: Verb = Verb.CREATE, key: Key = Key.APP, **said: str) -> Action:
    """A deed about the permitted administrator, as a plan would hold it."""
    one = permitted(desk)
    content = {"name": one.name, "role": one.role, "how": str(one.how)} | said
    rows = tuple(content.items()) if verb is Verb.CREATE else ()
    return asked(None, Kind.NEW_ADMINISTRATOR, verb, one.mail, desk.facts.customer.tenant, *rows, key=key)


def done(connector: EntraConnector, desk: Desk, action: Action) -> Receipt:
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    for _ in range(30):
        if isinstance(answer, Receipt):
            return answer
        answer = connector.follow(action, answer.operation)
    raise AssertionError("it does not end")


@pytest.mark.parametrize("how", list(Invited))
def test_the_new_administrator_is_made_once_with_exactly_the_role_that_was_named(how: Invited) -> None:
    desk = Desk()
    connector, others = supplied(desk, how), desk.others()
    action = making(desk)
    assert connector.find(action, once=ONCE) is None and seen(connector, desk, Kind.NEW_ADMINISTRATOR) == []
    assert done(connector, desk, action).outcome is Outcome.DONE
    assert done(connector, desk, action).outcome is Outcome.FOUND
    found = connector.find(action, once=ONCE)
    (item,) = seen(connector, desk, Kind.NEW_ADMINISTRATOR)
    assert found is not None and found.outcome is Outcome.FOUND
    assert (item.fact("mail"), item.fact("how"), item.fact("roles")) == (
        permitted(desk).mail,
        how,
        "User Administrator",
    )
    assert item.fact("redeemed") == ("no" if how is Invited.GUEST else "yes") and desk.others() == others
    again = connector.read(action.at, desk.tray)
    assert again is not None and again.ref == action.ref and again.image == item.image


def test_somebody_who_is_there_already_only_gets_the_role() -> None:
    desk = Desk()
    connector = supplied(desk)
    done(connector, desk, making(desk))
    world = desk.sandbox.world
    (item,) = seen(connector, desk, Kind.NEW_ADMINISTRATOR)
    rights = [one for one in world.all("graph", "roleAssignment") if text(one.raw, "principalId") == item.id]
    world.remove(rights[0])
    invited = desk.wire.calls("POST", "/invitations")
    assert connector.find(making(desk), once=ONCE) is None
    assert done(connector, desk, making(desk)).outcome is Outcome.DONE
    assert desk.wire.calls("POST", "/invitations") == invited == 1


def test_nobody_gets_a_role_that_the_customer_did_not_name() -> None:
    desk = Desk()
    connector = supplied(desk)
    for odd in (making(desk, role="Global Administrator"), making(desk, how="account"),
                replace(making(desk), target="somebody@elsewhere.example")):  # fmt: skip
        with pytest.raises(Refused):
            connector.apply(odd, once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "/v1.0/") == 0


def test_a_role_that_the_directory_does_not_know_is_refused_by_name() -> None:
    desk = Desk()
    connector = supplied(desk, role="Administrator of Everything")
    with pytest.raises(Refused, match="Administrator of Everything"):
        connector.apply(making(desk), once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "/v1.0/") == 0


def test_global_administrator_under_another_name_is_refused() -> None:
    desk = Desk()
    connector = supplied(desk)
    desk.wire.edit = lambda request, body: body.replace(b'"User Administrator"', b'"Something else"').replace(
        b'"Global Administrator"', b'"User Administrator"'
    )
    with pytest.raises(Refused, match="is Global Administrator"):
        connector.apply(making(desk), once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "/v1.0/") == 0


def test_the_one_time_pass_goes_into_the_parcel_and_nowhere_else() -> None:
    desk = Desk()
    connector = supplied(desk, Invited.ACCOUNT)
    done(connector, desk, making(desk))
    receipt = done(connector, desk, making(desk, Verb.DISCLOSE))
    ((row, hidden),) = desk.tray.secrets
    value = hidden["Temporary access pass"].reveal()
    assert receipt.outcome is Outcome.DONE and len(value) > 5 and row["Mail"] == permitted(desk).mail
    assert value not in repr((row, receipt, vars(connector))) + b"".join(desk.tray.images.values()).decode()
    (made,) = [one for one in desk.wire.seen if one.url.path.endswith("/temporaryAccessPassMethods")]
    assert json.loads(made.content) == {"lifetimeInMinutes": 480, "isUsableOnce": True}


def test_a_guest_has_no_secret_to_disclose() -> None:
    desk = Desk()
    connector = supplied(desk)
    done(connector, desk, making(desk))
    with pytest.raises(Refused, match="guest"):
        connector.apply(making(desk, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert desk.tray.secrets == []


def test_the_password_of_an_account_is_another_each_time_and_kept_nowhere() -> None:
    words = []
    for _ in range(2):
        desk = Desk()
        connector = supplied(desk, Invited.ACCOUNT)
        receipt = done(connector, desk, making(desk))
        (made,) = [one for one in desk.wire.seen if one.method == "POST" and one.url.path.endswith("/users")]
        words.append(json.loads(made.content)["passwordProfile"]["password"])
        assert words[-1] not in repr((receipt, vars(connector), desk.tray))
    assert words[0] != words[1] and len(words[0]) > 40


def test_the_new_administrator_counts_as_in_when_they_signed_in_with_mfa() -> None:
    desk = Desk()
    connector = supplied(desk)
    done(connector, desk, making(desk))
    action = making(desk, Verb.ACCEPT, Key.PERSON)
    assert connector.find(action, once=ONCE) is None
    with pytest.raises(Refused):
        connector.apply(action, once=ONCE, out=desk.tray)
    (item,) = seen(connector, desk, Kind.NEW_ADMINISTRATOR)
    signed_in(desk, "n", item.id)
    found = connector.find(action, once=ONCE)
    assert found is not None and found.outcome is Outcome.FOUND


def signed_in(desk: Desk, name: str, user: str) -> None:
    row: Obj = {
        "id": name,
        "userId": user,
        "createdDateTime": "2026-11-22T09:00:00Z",
        "authenticationRequirement": "multiFactorAuthentication",
        "status": {"errorCode": 0},
    }
    desk.sandbox.world.add(Thing("graph", "signIn", name, "vandermeer", row, desk.facts.customer.tenant))


def test_a_new_user_that_is_not_known_everywhere_yet_gets_the_role_later() -> None:
    desk = Desk()
    connector = supplied(desk)
    gone: Obj = {"error": {"code": "Request_ResourceNotFound", "message": "not yet"}}
    slow = Slow(desk, "roleAssignments", gone)
    desk.client = httpx2.Client(transport=slow)
    answer = connector.apply(making(desk), once=ONCE, out=desk.tray)
    assert isinstance(answer, Again)
    slow.times = 0
    receipt = connector.follow(making(desk), answer.operation)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert desk.wire.calls("POST", "/invitations") == 1


class Slow(httpx2.BaseTransport):
    """Answers 404 to a POST whose path has this in it, as long as `times` is not 0; all else is the sandbox's."""

    def __init__(self, desk: Desk, part: str, body: Obj) -> None:
        self.desk, self.part, self.body, self.times = desk, part, body, 1

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.times and request.method == "POST" and self.part in request.url.path:
            return httpx2.Response(404, json=self.body, request=request)
        return self.desk.wire.handle_request(request)


def test_who_may_become_administrator_is_seen_with_how_they_hold_it_and_whether_they_registered() -> None:
    desk = Desk()
    found = seen(supplied(desk), desk, Kind.ADMINISTRATOR)
    assert {one.fact("held") for one in found} == {"assigned", "eligible"}
    assert {one.fact("mfa-registered") for one in found} <= {"yes", "no"}


def test_two_administrators_of_the_customers_own_are_enough_and_ours_do_not_count() -> None:
    desk = Desk()
    connector = supplied(desk)
    tenant = desk.facts.customer.tenant
    action = asked(None, Kind.ADMINISTRATOR, Verb.CREATE, "second-administrator", tenant, key=Key.PERSON)
    theirs = [one for one in seen(connector, desk, Kind.ADMINISTRATOR) if one.fact("ours") == "no"]
    found = connector.find(action, once=ONCE)
    assert found is not None and dict(found.said)["administrators"] == str(
        sum(1 for one in theirs if one.fact("mfa-registered") == "yes" and one.fact("enabled") == "yes")
    )
    for item in theirs[1:]:
        thing = desk.sandbox.world.get("graph", "user", item.id)
        assert thing is not None
        desk.sandbox.world.change(thing, {"accountEnabled": False})
    assert connector.find(action, once=ONCE) is None
    with pytest.raises(Refused):
        connector.apply(action, once=ONCE, out=desk.tray)


def test_a_tenant_without_pim_has_nobody_eligible() -> None:
    desk = Desk()
    connector = supplied(desk)
    body = {"error": {"code": "AadPremiumLicenseRequired", "message": "no P2"}}

    class NoPim(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            if "roleEligibility" in request.url.path:
                return httpx2.Response(400, json=body, request=request)
            return desk.wire.handle_request(request)

    desk.client = httpx2.Client(transport=NoPim())
    found = seen(connector, desk, Kind.ADMINISTRATOR)
    assert {one.fact("held") for one in found} == {"assigned"}
