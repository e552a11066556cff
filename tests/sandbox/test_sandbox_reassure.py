"""Our portal, played after its profile: every request and answer of a tour fits it, and the books are kept."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from sandbox_callers import LEAVES, Estate, estate

from sendoff.sandbox.trouble import local
from sendoff.sandbox.wire import Obj, Response, arr, dig, obj, text

PROFILE = Path(__file__).parents[2] / "docs" / "reassure.openapi.yaml"
HOST = "https://reassure.intercept.example"
HOME = "/customers/RA-1001"


def profile() -> OpenAPI:
    return OpenAPI.from_dict(yaml.safe_load(PROFILE.read_text(encoding="utf-8")))


@dataclass
class Portal:
    """A world and our token for its portal; with a profile every call is held against it."""

    world: Estate = field(default_factory=estate)
    spec: OpenAPI | None = None

    def __call__(self, method: str, url: str, body: Obj | None = None, *, valid: bool = True, **head: str) -> Response:
        token = text(self.world.known, "msp", "reassure", "token")
        named = {key.replace("_", "-"): value for key, value in head.items()}
        got = self.world.call("reassure", method, url, token, body, **named)
        if self.spec is not None:
            path, query = local(url)
            raw = json.dumps(body).encode() if body is not None else None
            signed = {"Authorization": f"Bearer {token}", **named}
            asked = MockRequest(HOST, method.lower(), path, args=dict(query), headers=signed, data=raw)
            if valid:
                self.spec.validate_request(asked)
            self.spec.validate_response(
                asked, MockResponse(got.body, got.status, dict(got.headers), "application/json")
            )
        return got

    def list(self, what: str) -> list[Obj]:
        return [obj(one) for one in arr(self("GET", f"{HOME}/{what}?per_page=100").json())]

    def patch(self, url: str, body: Obj) -> Response:
        return self("PATCH", url, body, if_match=self("GET", url).headers["ETag"])

    def draft(self, until: str, once: str = "once-1") -> Response:
        return self("POST", f"{HOME}/invoice-drafts", {"until": until}, idempotency_key=once)

    def day(self, moment: str) -> None:
        self.world.control("POST", "/clock", {"now": moment})


def test_every_request_and_answer_of_a_tour_fits_the_profile() -> None:
    ours = Portal(spec=profile())
    for what in ("", "/users", "/articles", "/invoices", "/invoice-drafts", "/reports"):
        assert ours("GET", HOME + what).status == 200
    assert ours.patch("/users/RA-1001-U1", {"enabled": False}).status == 200
    assert ours.patch("/articles/RA-1001-A1", {"end_date": "2027-01-31"}).status == 200
    assert ours.draft("2026-12-15").status == 201
    assert ours("GET", "/invoice-drafts/draft-1").status == 200
    assert ours("POST", "/invoice-drafts/draft-1/freeze").status == 200
    assert ours("GET", f"{HOME}/invoice-drafts").status == 200
    assert ours("GET", "/invoices/inv-RA-1001-20261001").status == 200
    assert ours("DELETE", "/users/RA-1001-U1").status == 409
    assert ours("GET", "/users/RA-9999-U1").status == 404


def test_what_is_refused_fits_the_profile_too() -> None:
    ours = Portal(spec=profile())
    user, article = "/users/RA-1001-U1", "/articles/RA-1001-A1"
    tag = ours("GET", article).headers["ETag"]
    assert ours("GET", f"{HOME}/users?page=0", valid=False).status == 400
    assert ours("PATCH", user, {"enabled": False}, valid=False).status == 428
    assert ours("PATCH", user, {"enabled": False}, if_match='"old"').status == 412
    assert ours("PATCH", article, {"end_date": "soon"}, valid=False, if_match=tag).status == 422
    assert ours("PATCH", article, {"end_date": "2020-01-01"}, if_match=tag).status == 422
    assert ours("PATCH", article, {"price": "1.00"}, valid=False, if_match=tag).status == 422
    assert ours("POST", f"{HOME}/invoice-drafts", {"until": "2026-12-31"}, valid=False).status == 400
    assert ours.draft("2026-10-31").status == 422
    assert Estate.call(ours.world, "reassure", "GET", HOME, "wrong").status == 401


def test_a_change_that_somebody_else_made_first_is_a_412() -> None:
    ours = Portal()
    tag = ours("GET", "/users/RA-1001-U1").headers["ETag"]
    assert ours("PATCH", "/users/RA-1001-U1", {"enabled": False}, if_match=tag).status == 200
    assert ours("PATCH", "/users/RA-1001-U1", {"enabled": True}, if_match=tag).status == 412
    assert [one["id"] for one in ours.list("users") if one["enabled"] is False] == ["RA-1001-U1"]


def test_users_come_by_page_with_their_number_and_one_never_signed_in() -> None:
    ours = Portal()
    first, last = ours("GET", f"{HOME}/users?per_page=3"), ours("GET", f"{HOME}/users?per_page=3&page=2")
    assert first.headers["X-Total-Count"] == last.headers["X-Total-Count"] == "5"
    assert len(arr(first.json())) == 3 and len(arr(last.json())) == 2
    assert [one["last_login"] for one in ours.list("users")].count(None) == 1


def test_nothing_is_deleted() -> None:
    ours = Portal()
    for url in ("/users/RA-1001-U1", "/articles/RA-1001-A1"):
        refused = ours("DELETE", url)
        assert (refused.status, text(refused.json(), "code")) == (409, "retention")
    assert ours("DELETE", "/invoices/inv-RA-1001-20261001").status == 405


def test_an_invoice_is_made_on_the_first_of_every_month_for_the_month_before() -> None:
    ours = Portal()
    assert [text(one, "until") for one in ours.list("invoices")] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    ours.day("2026-11-30T23:59:00+01:00")
    assert len(ours.list("invoices")) == 3
    ours.day("2027-02-01T00:00:00+01:00")
    made = ours.list("invoices")[3:]
    assert [(one["from"], one["until"]) for one in made] == [
        ("2026-11-01", "2026-11-30"),
        ("2026-12-01", "2026-12-31"),
        ("2027-01-01", "2027-01-31"),
    ]


def test_an_article_is_billed_to_its_last_day_and_no_further() -> None:
    ours = Portal()
    for one in ours.list("articles"):
        ours.patch(f"/articles/{text(one, 'id')}", {"end_date": "2026-12-15"})
    ours.day("2027-03-02T09:00:00+01:00")
    made = ours.list("invoices")[3:]
    assert [one["until"] for one in made] == ["2026-11-30", "2026-12-31"]
    assert {text(line, "until") for line in arr(made[-1]["lines"])} == {"2026-12-15"}
    assert text(arr(made[-1]["lines"])[0], "amount") == "701.61"


def test_a_frozen_draft_is_the_last_invoice_and_its_days_are_not_billed_again() -> None:
    ours = Portal(spec=profile())
    for one in ours.list("articles"):
        ours.patch(f"/articles/{text(one, 'id')}", {"end_date": "2026-12-15"})
    where = f"/invoice-drafts/{text(ours.draft('2026-12-15').json(), 'id')}/freeze"
    assert ours("POST", where).json() == ours("POST", where).json()
    ours.day("2027-03-02T09:00:00+01:00")
    (draft,) = ours.list("invoice-drafts")
    assert (draft["from"], draft["until"], draft["frozen"]) == ("2026-11-01", "2026-12-15", True)
    (last,) = ours.list("invoices")[3:]
    assert (last["draft"], last["total"], last["until"]) == (draft["id"], draft["total"], "2026-12-15")


def test_the_same_key_gives_the_same_draft_and_another_body_is_refused() -> None:
    ours = Portal()
    first, again = ours.draft("2026-12-15"), ours.draft("2026-12-15")
    assert first.json() == again.json() and again.headers["Idempotent-Replayed"] == "true"
    assert text(ours.draft("2026-12-31").json(), "code") == "idempotency-mismatch"
    assert len(ours.list("invoice-drafts")) == 1


def test_looking_at_another_customer_s_invoices_changes_nothing_of_that_customer() -> None:
    ours = Portal()
    before = obj(ours.world.control("GET", "/world/digests"))
    ours.day("2027-02-01T00:00:00+01:00")
    for ident in ("RA-1001", "RA-1002", "RA-1003"):
        assert ours("GET", f"/customers/{ident}/invoices").status == 200
    assert ours.world.control("GET", "/world/digests") == before
    ours.patch("/users/RA-1001-U1", {"enabled": False})
    after = obj(ours.world.control("GET", "/world/digests"))
    assert {slug for slug in before if before[slug] != after[slug]} == {LEAVES}


def test_troubles_speak_the_dialect_of_the_portal() -> None:
    ours = Portal()
    ours.world.control("POST", "/trouble", {"do": "status", "vendor": "reassure", "status": 503, "times": 1})
    assert set(obj(ours("GET", HOME).json())) == {"code", "message"}
    ours.world.control("POST", "/trouble", {"do": "lost-answer", "vendor": "reassure", "method": "POST", "times": 1})
    assert ours.draft("2026-12-15").status == 0
    assert dig(ours.draft("2026-12-15").json(), "frozen") is False and len(ours.list("invoice-drafts")) == 1
