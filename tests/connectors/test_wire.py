"""The shared wire: what is tried again, what never is, and what no message shows."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest

from fakes.connector_desk import Buckets
from sendoff.connectors.azure.client import Arm, arm_code
from sendoff.connectors.azure.versions import newest
from sendoff.connectors.wire.body import image, scrubbed, whole
from sendoff.connectors.wire.client import Call, Http, Pace, Shape, Sign
from sendoff.connectors.wire.login.client import ClientCredentials, Tokens
from sendoff.model.digest import Json
from sendoff.model.errors import Conflict, Confusing, ConnectorError, Denied, Throttled, Unreachable
from sendoff.model.secret import Secret

PACE = Pace(kind="reads", rate=1, burst=1)
PLANTED = "planted-secret-0123456789"
Answer = Callable[[httpx2.Request], httpx2.Response]


class Vendor:
    """Answers in turn, the last one again and again; remembers what it was asked."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers, self.asked, self.limits = list(answers), list[httpx2.Request](), Buckets()
        self.client = httpx2.Client(transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        found = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

    def http(self) -> Http:
        return Http(
            system="vendor", base="https://vendor.example", bucket="vendor|acme", clients=lambda: self.client,
            limits=self.limits, code=arm_code,
            sign=lambda: Sign(headers={"Authorization": f"Bearer {PLANTED}"}, query=(("apitoken", PLANTED),)),
        )  # fmt: skip

    def call(self, method: str = "GET", path: str = "/thing", *, repeat: bool = True) -> ConnectorError | None:
        try:
            self.http().call(Call(method=method, path=path, what="ask", pace=PACE, repeat=repeat))
        except ConnectorError as error:
            return error
        return None


def reply(status: int, body: object = None, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, headers=headers, content=json.dumps(body or {}).encode())


@pytest.mark.parametrize("fault", [reply(500), reply(503), httpx2.ReadTimeout("x"), httpx2.ConnectError("x")])
def test_a_read_that_failed_is_tried_three_times(fault: httpx2.Response | Exception) -> None:
    vendor = Vendor(fault)
    assert isinstance(vendor.call(), Unreachable) and len(vendor.asked) == 3
    assert vendor.call() is not None and Vendor(fault, fault, reply(200)).call() is None


@pytest.mark.parametrize("fault", [reply(500), httpx2.ReadTimeout("x"), httpx2.RemoteProtocolError("x")])
def test_a_write_that_failed_is_never_repeated(fault: httpx2.Response | Exception) -> None:
    vendor = Vendor(fault)
    assert isinstance(vendor.call("DELETE", repeat=False), Unreachable) and len(vendor.asked) == 1


def test_a_short_throttle_is_waited_for_even_by_a_write() -> None:
    vendor = Vendor(reply(429, **{"Retry-After": "1"}), reply(200))
    assert vendor.call("DELETE", repeat=False) is None
    assert vendor.limits.stopped == [("vendor|acme|reads", 1.0)] and len(vendor.limits.taken) == 2


def test_a_long_throttle_is_handed_on() -> None:
    vendor = Vendor(reply(429, **{"Retry-After": "77"}))
    error = vendor.call()
    assert isinstance(error, Throttled) and error.after == 77.0 and len(vendor.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Denied), (403, Denied), (404, Confusing), (409, Conflict), (412, Conflict),
                         (423, Conflict), (400, Confusing), (302, Confusing), (201, Confusing)]
)  # fmt: skip
def test_every_status_has_its_error(status: int, kind: type[ConnectorError]) -> None:
    error = Vendor(reply(status, {"error": {"code": "ScopeLocked", "message": PLANTED}})).call()
    assert type(error) is kind and error.code == "ScopeLocked" and PLANTED not in str(error)


def test_a_redirect_is_not_followed() -> None:
    vendor = Vendor(reply(302, Location="https://vendor.example/elsewhere"), reply(200))
    assert isinstance(vendor.call(), Confusing) and len(vendor.asked) == 1


def test_a_page_for_people_is_no_answer_whatever_its_status_and_a_read_is_tried_again() -> None:
    page = httpx2.Response(200, headers={"content-type": "text/html; charset=utf-8"}, content=b"\n<html>busy</html>")
    read, write = Vendor(page, reply(200)), Vendor(page)
    assert read.call() is None and len(read.asked) == 2
    error = write.call("DELETE", repeat=False)
    assert isinstance(error, Unreachable) and error.code == "PageForPeople" and len(write.asked) == 1
    told = Call(method="GET", path="/page", what="ask", pace=PACE, page=True)
    assert Vendor(page).http().call(told).status == 200


def test_a_next_page_at_another_host_does_not_get_our_key() -> None:
    vendor = Vendor(reply(200, {"value": [], "nextLink": "https://thief.example/page"}))
    call = Call(method="GET", path="/list", what="list", pace=PACE, repeat=True)
    with pytest.raises(Confusing):
        list(vendor.http().pages(call, rows="value", following="nextLink"))
    assert [one.url.host for one in vendor.asked] == ["vendor.example"]


def test_a_page_that_names_itself_as_the_next_ends_in_an_error() -> None:
    vendor = Vendor(reply(200, {"value": [{"id": "1"}], "nextLink": "https://vendor.example/list?page=2"}))
    call = Call(method="GET", path="/list", what="list", pace=PACE, repeat=True)
    with pytest.raises(Confusing):
        list(vendor.http().pages(call, rows="value", following="nextLink"))


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {"id": 1}}, {"value": ["x"]}, []])
def test_a_page_without_its_rows_is_confusing(body: object) -> None:
    vendor = Vendor(httpx2.Response(200, content=json.dumps(body).encode()))
    call = Call(method="GET", path="/list", what="list", pace=PACE, repeat=True)
    with pytest.raises(Confusing):
        list(vendor.http().pages(call, rows="value", following="nextLink"))


def test_a_body_that_does_not_fit_is_told_by_place_and_not_by_content() -> None:
    class Page(Shape):
        count: int

    answer = Vendor(reply(200, {"count": PLANTED})).http().call(
        Call(method="GET", path="/x", what="ask", pace=PACE))  # fmt: skip
    with pytest.raises(Confusing) as caught:
        answer.shaped(Page)
    assert "count" in str(caught.value) and PLANTED not in str(caught.value) + repr(answer)
    assert caught.value.__context__ is None


def test_a_code_that_is_no_code_is_not_repeated_in_messages() -> None:
    error = Vendor(reply(400, {"error": {"code": f"<b>{PLANTED}</b>"}})).call()
    assert error is not None and error.code == "400" and PLANTED not in str(error)


def test_the_log_of_the_http_library_stays_silent_about_urls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vendor = Vendor(reply(200))
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    vendor.client.get("https://vendor.example/x", params={"apitoken": PLANTED})
    assert PLANTED in caplog.text, "the plant: without care the library writes the token down"
    caplog.clear()
    assert vendor.call() is None
    assert PLANTED not in caplog.text


def tokens(vendor: Vendor) -> Tokens:
    who = ClientCredentials(tenant="t", client_id="c", secret=Secret(PLANTED))
    return Tokens(system="vendor", who=who, audience="https://a", login_url="https://vendor.example",
                  clients=lambda: vendor.client, limits=vendor.limits, bucket="login")  # fmt: skip


def test_a_token_is_kept_until_its_margin_and_made_anew_when_asked() -> None:
    vendor = Vendor(reply(200, {"access_token": "one", "expires_in": 3600}))
    source = tokens(vendor)
    assert source.sign().headers == source.sign().headers and len(vendor.asked) == 1
    source.fresh()
    assert len(vendor.asked) == 2
    short = Vendor(reply(200, {"access_token": "one", "expires_in": 200}))
    source = tokens(short)
    source.sign(), source.sign()
    assert len(short.asked) == 2


def test_a_sign_in_that_is_refused_is_denied_with_the_vendors_number() -> None:
    for status in (400, 401):
        vendor = Vendor(
            reply(status, {"error": "invalid_client", "error_codes": [7000215], "error_description": PLANTED})
        )
        with pytest.raises(Denied, match="AADSTS7000215") as caught:
            tokens(vendor).fresh()
        assert PLANTED not in str(caught.value)


def test_the_newest_stable_version_is_taken_and_a_preview_only_when_there_is_no_other() -> None:
    assert newest({"apiVersions": ["2024-01-01", "2026-01-01-preview", "2025-01-01"]}) == "2025-01-01"
    assert newest({"apiVersions": ["2024-01-01-preview", "2026-01-01-preview"]}) == "2026-01-01-preview"


def arm(vendor: Vendor) -> Arm:
    return Arm(vendor.http(), "11111111-2222-4333-8444-555555555555", lambda: None)


def test_resource_graph_is_read_to_its_last_page_and_counted() -> None:
    rows = [{"id": f"/subscriptions/x/{number}"} for number in range(3)]
    first = {"totalRecords": 3, "count": 2, "resultTruncated": "false", "data": rows[:2], "$skipToken": "t"}
    last = {"totalRecords": 3, "count": 1, "resultTruncated": "false", "data": rows[2:]}
    vendor = Vendor(reply(200, first), reply(200, last))
    assert len(arm(vendor).graph()) == 3
    assert json.loads(vendor.asked[1].read())["options"]["$skipToken"] == "t"
    for wrong in ({**last, "totalRecords": 9}, {**last, "count": 4}, {**last, "resultTruncated": "true"}):
        with pytest.raises(Confusing):
            arm(Vendor(reply(200, first), reply(200, wrong))).graph()


def test_only_the_objects_own_404_is_absence() -> None:
    def read(status: int, code: str) -> object:
        return arm(Vendor(reply(status, {"error": {"code": code}}))).read("/subscriptions/x/y", "2020-01-01")

    assert read(404, "ResourceNotFound") is None
    with pytest.raises(Denied):
        read(404, "SubscriptionNotFound")
    with pytest.raises(Confusing):
        read(404, "InvalidResourceType")


def test_an_image_has_no_secret_fields_and_no_floats() -> None:
    body: Json = {"adminPassword": PLANTED, "keys": [{"connectionString": PLANTED}], "amount": 2.0, "share": 0.5}
    assert image(body) == (b'{"adminPassword":"(removed)","amount":2,"keys":[{"connectionString":"(removed)"}],'
                           b'"share":"0.5"}')  # fmt: skip
    assert scrubbed({"passwordPolicy": "strong"}) == {"passwordPolicy": "strong"} and whole([1.0]) == [1]


def test_whether_a_call_may_be_made_is_asked_last_after_signing_which_may_take_a_call_of_its_own() -> None:
    order: list[str] = []

    class Last(Buckets):
        def take(self, bucket: str, *, rate: float, burst: int) -> None:
            order.append("may it be made")

    vendor = Vendor(reply(200, {}))
    vendor.limits = Last()
    sign = vendor.http().sign

    def signed() -> Sign:
        order.append("signed")
        return sign()

    replace(vendor.http(), sign=signed).call(Call(method="GET", path="/thing", what="ask", pace=PACE))

    assert order == ["signed", "may it be made"]
    assert len(vendor.asked) == 1
