"""GitHub's issues, played: every answer fits the vendor's own contract, and the traps of a two-way sync are there."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from sandbox_callers import Estate, estate

from sendoff.sandbox.trouble import local
from sendoff.sandbox.wire import Json, Obj, Response, arr, dig, obj, text

HOME = "/repos/intercept/offboarding"
HOST = "https://api.github.com"


def contract() -> OpenAPI:
    shared = os.environ.get("SENDOFF_SHARED", "")
    file = Path(shared) / "contracts" / "github" / "issues-subset.openapi.json"
    if not shared or not file.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("SENDOFF_SHARED does not lead to the contracts")
        pytest.skip("SENDOFF_SHARED does not lead to the contracts")
    found: Obj = json.loads(file.read_text(encoding="utf-8"))
    return OpenAPI.from_dict(_with_null(found))


def _with_null(node: Json) -> Obj:
    """The vendor's file says nullable beside an enum without null, and the vendor does send null there."""
    for one in node if isinstance(node, list) else obj(node).values():
        _with_null(one)
    if isinstance(node, dict) and node.get("nullable") is True and isinstance(node.get("enum"), list):
        node["enum"] = [*arr(node["enum"]), None]
    return obj(node)


@dataclass
class Hub:
    """A world and our token at its GitHub."""

    world: Estate = field(default_factory=estate)

    def __call__(self, method: str, url: str, body: Obj | None = None, **head: str) -> Response:
        token = text(self.world.known, "msp", "github", "token")
        return self.world.call("github", method, url, token, body, **{"x-github-api-version": "2022-11-28", **head})

    def make(self, **more: Json) -> Obj:
        return obj(self("POST", f"{HOME}/issues", {"title": "A leaving", **more}).json())

    def change(self, name: str, **more: Json) -> None:
        world = self.world.sandbox.world
        repo = world.get("github", "repository", name)
        assert repo is not None
        world.change(repo, dict(more))


def checked(spec: OpenAPI, hub: Hub, method: str, url: str, body: Obj | None = None, *, valid: bool = True) -> Response:
    got = hub(method, url, body)
    path, query = local(url)
    raw = json.dumps(body).encode() if body is not None else None
    asked = MockRequest(HOST, method.lower(), path, args=dict(query), data=raw)
    if valid:
        spec.validate_request(asked)
    spec.validate_response(asked, MockResponse(got.body, got.status, dict(got.headers), "application/json"))
    return got


def test_every_answer_of_a_tour_fits_the_contract() -> None:
    spec, hub = contract(), Hub()
    tour: list[tuple[str, str, Obj | None]] = [
        ("POST", "/issues", {"title": "A leaving", "body": "- [ ] one\r\n", "labels": ["offboarding"]}),
        ("GET", "/issues?state=all&labels=offboarding&per_page=100", None),
        ("GET", "/issues/1", None),
        ("PATCH", "/issues/1", {"body": "- [x] one\r\n", "labels": ["offboarding", "done"]}),
        ("POST", "/issues/1/comments", {"body": "done"}),
        ("GET", "/issues/1/comments", None),
        ("GET", "/issues/1/labels", None),
        ("GET", "/labels", None),
        ("POST", "/labels", {"name": "new"}),
        ("POST", "/labels", {"name": "new"}),
        ("PATCH", "/issues/1", {"state": "closed", "state_reason": "completed"}),
        ("GET", "/issues/2", None),
        ("POST", "/issues", {"title": "x", "body": "x" * 65_537}),
    ]
    statuses = [checked(spec, hub, method, HOME + url, body).status for method, url, body in tour]
    assert statuses == [201, 200, 200, 200, 201, 200, 200, 200, 201, 422, 200, 404, 422]
    hub.change("intercept/offboarding", has_issues=False)
    assert checked(spec, hub, "POST", f"{HOME}/issues", {"title": "x"}).status == 410
    assert checked(spec, hub, "POST", "/repos/intercept/unheard/issues", {"title": "x"}).status == 404


def test_a_repository_tells_whether_it_is_private_and_one_that_is_not_seen_is_a_404() -> None:
    hub = Hub()
    assert dig(hub("GET", HOME).json(), "private") is True
    assert dig(hub("GET", "/repos/Intercept/Handbook").json(), "private") is False
    hub.change("intercept/offboarding", seen=False)
    assert (hub("GET", HOME).status, hub("GET", f"{HOME}/issues").status) == (404, 404)


def test_carriage_returns_and_every_other_byte_of_a_body_stay() -> None:
    hub = Hub()
    body = "line\r\n- [ ] één\t\n\n<!-- sendoff case:1 -->\r"
    assert hub.make(body=body)["body"] == body
    assert dig(hub("PATCH", f"{HOME}/issues/1", {"title": "other"}).json(), "body") == body


def test_the_longest_body_is_taken_and_one_more_character_is_not() -> None:
    hub = Hub()
    assert hub.make(body="x" * 65_536)["number"] == 1
    assert hub("PATCH", f"{HOME}/issues/1", {"body": "x" * 65_537}).status == 422
    assert hub("POST", f"{HOME}/issues/1/comments", {"body": "x" * 65_537}).status == 422
    assert hub("POST", f"{HOME}/issues", {"body": "no title"}).status == 422


def test_labels_replace_the_set_and_are_dropped_silently_without_push() -> None:
    hub = Hub()
    hub.make(labels=["one", "two"])
    got = hub("PATCH", f"{HOME}/issues/1", {"labels": ["three"]}).json()
    assert [text(one, "name") for one in arr(dig(got, "labels"))] == ["three"]
    hub.change("intercept/offboarding", push=False)
    assert hub.make(labels=["one"])["labels"] == []
    assert len(arr(dig(hub("PATCH", f"{HOME}/issues/1", {"labels": []}).json(), "labels"))) == 1


def test_a_list_goes_on_by_its_link_header_newest_first_and_only_open_ones_unless_asked() -> None:
    hub = Hub()
    for at in range(5):
        hub.make(title=f"issue {at}", labels=["a", "b"] if at % 2 else ["a"])
    hub("PATCH", f"{HOME}/issues/5", {"state": "closed"})
    first = hub("GET", f"{HOME}/issues?{urlencode({'state': 'all', 'labels': 'a', 'per_page': 2})}")
    rows, page = arr(first.json()), first
    while 'rel="next"' in page.headers.get("Link", ""):
        link = next(one for one in page.headers["Link"].split(", ") if 'rel="next"' in one)
        page = hub("GET", link.partition("<")[2].partition(">")[0])
        rows += arr(page.json())
    assert [dig(one, "number") for one in rows] == [5, 4, 3, 2, 1]
    assert [dig(one, "number") for one in arr(hub("GET", f"{HOME}/issues?labels=A,b").json())] == [4, 2]
    assert hub("GET", f"{HOME}/issues?state=never").status == 422


def test_a_wrong_token_an_unknown_version_and_no_json_are_refused() -> None:
    hub = Hub()
    assert hub.world.call("github", "GET", HOME, "wrong").status == 401
    assert hub("GET", HOME, None, **{"x-github-api-version": "1999-01-01"}).status == 400
    assert hub("POST", f"{HOME}/issues").status == 400


def test_the_secondary_limit_is_a_403_with_a_time_to_wait() -> None:
    hub = Hub()
    fault: Obj = {"do": "throttle", "vendor": "github", "method": "POST", "seconds": 60, "times": 1}
    hub.world.control("POST", "/trouble", fault)
    slow = hub("POST", f"{HOME}/issues", {"title": "x"})
    assert (slow.status, slow.headers["Retry-After"]) == (403, "60")
    assert "secondary rate limit" in text(slow.json(), "message")
    hub.world.control("POST", "/trouble", {"do": "lost-answer", "vendor": "github", "method": "POST", "times": 1})
    assert hub("POST", f"{HOME}/issues", {"title": "x"}).status == 0
    assert len(arr(hub("GET", f"{HOME}/issues").json())) == 1
