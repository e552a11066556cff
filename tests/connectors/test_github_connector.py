"""The repository: never a public one, one issue a case, and a tick that changes exactly one character."""

import json
from dataclasses import replace

import httpx2
import pytest
from connector_hands import another
from house_hands import act, approved, checklist, found, github, issue

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.github.connector import GithubConnector
from sendoff.connectors.github.marks import belongs, box_of, flipped, marker_in
from sendoff.model.errors import Denied, Refused, Throttled
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt

MARK = Desk().facts.customer.mark
MARKER = f"{MARK}.case0"


def made(desk: Desk) -> GithubConnector:
    """The issue of a case, made."""
    connector = github(desk)
    receipt = connector.apply(issue(desk, connector), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    return connector


def tick(desk: Desk, connector: GithubConnector, box: str = "x", comment: bytes = b"Removed: 3 of 3.") -> Action:
    content = [("box", box), *([("comment", str(approved(desk, comment)))] if comment else [])]
    target = f"{MARKER}/remove-lighthouse"
    return act(connector, Kind.ISSUE_LINE, Verb.SEND, target, connector.cells()[0].scope, *content)


def writes(desk: Desk) -> list[httpx2.Request]:
    return [one for one in desk.wire.seen if one.method != "GET"]


def test_a_public_repository_is_refused_before_any_write() -> None:
    desk = Desk()
    connector = github(desk, "intercept/handbook")
    for go in (lambda: connector.probe(Key.GITHUB), lambda: found(connector, desk, Kind.ISSUE),
               lambda: connector.apply(issue(desk, connector), once=ONCE, out=desk.tray)):  # fmt: skip
        with pytest.raises(Refused, match="not a private repository"):
            go()
    assert writes(desk) == []


def test_a_tick_changes_one_character_and_keeps_every_other_byte() -> None:
    desk = Desk()
    connector = made(desk)
    connector.apply(tick(desk, connector), once=ONCE, out=desk.tray)
    sent = next(json.loads(one.read())["body"] for one in writes(desk) if one.method == "PATCH")
    before = checklist(MARKER).decode()
    changed = [(old, new) for old, new in zip(before, sent, strict=True) if old != new]
    assert changed == [(" ", "x")] and "\r\n" in sent and "[x] Remove Lighthouse" in sent


def test_a_tick_is_made_and_commented_once_and_taken_back() -> None:
    desk = Desk()
    connector = made(desk)
    action = tick(desk, connector)
    assert connector.find(action, once=ONCE) is None
    for _ in range(2):
        connector.apply(action, once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "/issues/") == 1 and desk.wire.calls("POST", "/comments") == 1
    found_again = github(desk).find(action, once=ONCE)
    assert found_again is not None and found_again.outcome is Outcome.FOUND
    connector.apply(tick(desk, connector, " ", b""), once=ONCE, out=desk.tray)
    assert connector.read(replace(action.at, id=MARKER, kind=Kind.ISSUE), desk.tray) is not None
    assert found(connector, desk, Kind.ISSUE)[0].fact("ticked") == "0"


def test_a_comment_that_a_crash_left_out_is_still_made() -> None:
    desk = Desk()
    connector = made(desk)
    desk.trouble(do="status", vendor="github", path="comments", method="POST", status=503, times=1)
    with pytest.raises(Exception, match="vendor failed"):
        connector.apply(tick(desk, connector), once=ONCE, out=desk.tray)
    desk.calm()
    assert connector.find(tick(desk, connector), once=ONCE) is None
    connector.apply(tick(desk, connector), once=ONCE, out=desk.tray)
    assert connector.find(tick(desk, connector), once=ONCE) is not None
    assert desk.wire.calls("PATCH", "/issues/") == 1


@pytest.mark.parametrize("body", [
    "- [ ] x",
    "- [ ] a <!-- sendoff step:s -->\n- [ ] b <!-- sendoff step:s -->",
    "- [ ] a <!-- sendoff step:s2 -->",
    "a [ ] <!-- sendoff step:s -->",
    "- [ ]x <!-- sendoff step:s -->",
])  # fmt: skip
def test_a_line_that_is_not_there_exactly_once_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        box_of(body, "s")


@pytest.mark.parametrize("line", ["- [ ] a", "  * [x] a", "> - [X] a", "12. [ ] a", "3) [ ] a [ ] b"])
def test_the_box_of_a_line_is_found_however_the_list_is_written(line: str) -> None:
    body = f"é\r\n{line} <!-- sendoff step:s --> \r\n- [ ] other"
    place = box_of(body, "s")
    assert body[place - 1] == "[" and body[place + 1] == "]" and len(flipped(body, place, "x")) == len(body)


@pytest.mark.parametrize("marker", ["0123456789ab.case0", MARK, f"{MARK}x.case0", "case0", "a/b.c"])
def test_a_mark_of_somebody_else_is_refused(marker: str) -> None:
    desk = Desk()
    connector = github(desk)
    assert not belongs(marker, MARK) and belongs(MARKER, MARK)
    with pytest.raises(Refused):
        connector.apply(replace(issue(desk, connector), target=marker), once=ONCE, out=desk.tray)
    assert writes(desk) == []


def test_an_issue_of_another_customer_is_not_read_by_its_number() -> None:
    desk = Desk()
    stays = another(desk)
    other = github(stays)
    other.apply(issue(stays, other), once=ONCE, out=desk.tray)
    with pytest.raises(Refused):
        github(desk).read(replace(found(other, stays, Kind.ISSUE)[0].target), desk.tray)


def test_a_text_without_its_mark_or_with_another_ones_is_not_sent() -> None:
    desk = Desk()
    connector = github(desk)
    for body in (b"no mark", checklist(f"{MARK}.case1"), checklist(MARKER) + checklist(f"{MARK}.case1")):
        content = (("title", "t"), ("body", approved(desk, body)))
        with pytest.raises(Refused, match="mark"):
            connector.apply(replace(issue(desk, connector), content=content), once=ONCE, out=desk.tray)
    assert writes(desk) == [] and marker_in("<!-- sendoff case:a.b -->") == "a.b"


def test_a_text_that_is_too_long_is_refused_before_it_is_sent() -> None:
    desk = Desk()
    connector = github(desk)
    content = (("title", "t"), ("body", approved(desk, checklist(MARKER) + b"x" * 60_000)))
    with pytest.raises(Refused, match="60000"):
        connector.apply(replace(issue(desk, connector), content=content), once=ONCE, out=desk.tray)
    assert writes(desk) == []


def test_an_issue_whose_label_got_lost_is_found_and_not_made_again() -> None:
    desk = Desk()
    connector = made(desk)
    bare = replace(connector._door, label="never-set")
    again = GithubConnector(desk.facts, bare, clients=desk.clients, limits=desk.limits)
    receipt = again.apply(issue(desk, again), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.FOUND
    assert desk.wire.calls("POST", "/issues") == 1


def test_labels_that_were_dropped_without_a_word_are_told() -> None:
    desk = Desk()

    def handle(request: httpx2.Request) -> httpx2.Response:
        answer = desk.wire.handle_request(request)
        body = answer.json() if "/issues" in request.url.path else None
        for one in body if isinstance(body, list) else [body] if isinstance(body, dict) else []:
            if "labels" in one:
                one["labels"] = []
        return answer if body is None else httpx2.Response(answer.status_code, json=body, request=request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    connector = github(desk)
    receipt = connector.apply(issue(desk, connector), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["labels-dropped"] == "leaves, sendoff"


def test_a_text_that_comes_back_otherwise_is_unknown() -> None:
    desk = Desk()
    connector = made(desk)
    desk.wire.edit = lambda request, body: body.replace(b"Remove", b"Move") if request.method == "PATCH" else body
    receipt = connector.apply(tick(desk, connector), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("headers", "error", "after"), [
    ({"Retry-After": "90"}, Throttled, 90.0),
    ({"x-ratelimit-remaining": "0"}, Throttled, 60.0),
    ({"x-ratelimit-remaining": "7"}, Denied, 0.0),
])  # fmt: skip
def test_a_403_is_a_limit_only_when_it_says_so(headers: dict[str, str], error: type[Exception], after: float) -> None:
    desk = Desk()
    answer = httpx2.Response(403, headers=headers, json={"message": "secondary"})
    desk.client = httpx2.Client(transport=httpx2.MockTransport(lambda _: answer))
    with pytest.raises(error) as caught:
        github(desk).probe(Key.GITHUB)
    assert getattr(caught.value, "after", 0.0) == after
    assert [seconds for _, seconds in desk.limits.stopped] == ([after] if after else [])


def test_issues_that_are_switched_off_are_refused_with_what_to_do() -> None:
    desk = Desk()

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            return httpx2.Response(410, json={"message": "Issues are disabled for this repo"}, request=request)
        return desk.wire.handle_request(request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))
    connector = github(desk)
    with pytest.raises(Refused, match="switch them on"):
        connector.apply(issue(desk, connector), once=ONCE, out=desk.tray)


def test_each_call_names_the_version_that_we_speak() -> None:
    desk = Desk()
    connector = made(desk)
    connector.apply(tick(desk, connector), once=ONCE, out=desk.tray)
    assert {one.headers["x-github-api-version"] for one in desk.wire.seen} == {"2022-11-28"}
