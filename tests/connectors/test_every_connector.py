"""The contract that every connector keeps, against the sandbox."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import pytest
from connector_hands import HANDS, Hands, another, cells, letter, seen, vault
from house_hands import issue

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from fakes.in_process import PowerCut
from sendoff.model.digest import digest
from sendoff.model.errors import ConnectorError, Denied, Refused
from sendoff.model.inventory import Kind, Target, Verb
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Connector
from sendoff.sandbox.wire import arr, obj, text

MADE = ("office", "github")
"""Where there is nothing before we make it."""
ALSO = {"partner-center": ("graph",)}
"""The other vendors that a connector reads from."""
every = pytest.mark.parametrize("hands", HANDS, ids=[one.name for one in HANDS])


def settled(connector: Connector, desk: Desk, action: Action) -> Receipt:
    """Do it and follow it to its end."""
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    for _ in range(40):
        if isinstance(answer, Receipt):
            return answer
        assert isinstance(answer, Again)
        answer = connector.follow(action, answer.operation)
    raise AssertionError("it does not end")


def effects(desk: Desk, verb: str) -> list[str]:
    """What the sandbox itself wrote down."""
    rows = [obj(one) for one in arr(desk.control("GET", "/effects"))]
    return [f"{text(one, 'kind')} {text(one, 'id')}" for one in rows if one["verb"] == verb]


def lettered(hands: Hands, desk: Desk, connector: Connector, count: int = 1) -> None:
    """Our mailbox is empty at first, and so is the repository: a look needs a letter or an issue to be seen."""
    for number in range(count if hands.name in MADE else 0):
        made = letter(desk, connector) if hands.name == "office" else issue(desk, connector, number + 1)
        connector.apply(made, once=digest(number), out=desk.tray)


@every
def test_it_sees_this_customer_and_nobody_else(hands: Hands) -> None:
    desk = Desk()
    if hands.name in MADE:
        stays = another(desk)
        other = hands.build(stays)
        other.apply(hands.action(stays, other), once=ONCE, out=desk.tray)
    connector = hands.build(desk)
    lettered(hands, desk, connector)
    found = [item for cell in connector.cells() for item in connector.look(cell, desk.tray)]
    world = {"azure": "arm", "passwordstate": "vault", "entra": "graph", "office": "graph", "github": "graph"}
    prefix = world.get(hands.name, hands.name.removesuffix("-v2"))
    strangers = {
        key.split(":", 2)[2].lower()
        for slug in desk.sandbox.world.customers
        if slug != SLUG
        for key in obj(desk.control_objects(slug))
        if key.startswith(f"{prefix}:")
    }
    assert found and strangers
    assert not {item.id.lower() for item in found} & strangers
    if hands.name in MADE:
        assert len(found) == 1


TROUBLE: tuple[Mapping[str, str | int], ...] = (
    {"do": "status", "status": 500},
    {"do": "timeout", "seconds": 0},
    {"do": "drop"},
    {"do": "forbid"},
    {"do": "html", "status": 200},
    {"do": "html", "status": 502},
    {"do": "login-redirect"},
    {"do": "error-page"},
    {"do": "errormsg"},
    {"do": "throttle", "seconds": 1},
)


@every
@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda one: "-".join(map(str, one.values())))
def test_down_is_never_empty(hands: Hands, trouble: Mapping[str, str | int]) -> None:
    desk = Desk()
    connector = hands.build(desk)
    lettered(hands, desk, connector)
    assert seen(connector, desk, hands.kind)
    for vendor in {hands.vendor, *ALSO.get(hands.name, ())}:
        desk.trouble(vendor=vendor, **trouble)
    for cell in connector.cells():
        with pytest.raises(ConnectorError):
            list(connector.look(cell, desk.tray))


@every
@pytest.mark.parametrize("do", ["empty-list", "drop-page", "first-page-only"])
def test_a_page_that_was_dropped_never_makes_the_list_shorter(hands: Hands, do: str) -> None:
    desk = Desk()
    connector = hands.build(desk)
    lettered(hands, desk, connector, 12)
    whole = {item.ref for item in seen(connector, desk, hands.kind)}
    desk.trouble(do=do, vendor=hands.vendor)
    try:
        found = {item.ref for item in seen(connector, desk, hands.kind)}
    except ConnectorError:
        return
    if hands.name == "github" and not any(b"open_issues_count" in one.content for _, one in desk.wire.answered):
        pytest.xfail("the sandbox's repository does not say how many issues are open, as the vendor's does")
    assert found == whole


@every
def test_a_revoked_key_is_noticed(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    key = connector.cells()[0].key
    connector.probe(key)
    hands.revoke(desk)
    with pytest.raises(Denied):
        connector.probe(key)


@every
def test_twice_is_once(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action, others = hands.action(desk, connector), desk.others()
    before = effects(desk, hands.effect)
    assert connector.find(action, once=ONCE) is None
    assert settled(connector, desk, action).outcome is Outcome.DONE
    after = effects(desk, hands.effect)
    again = settled(hands.build(desk), desk, action)
    assert again.outcome in (Outcome.DONE, Outcome.FOUND)
    found = hands.build(desk).find(action, once=ONCE)
    assert found is not None and found.outcome is Outcome.FOUND
    assert effects(desk, hands.effect) == after != before
    assert desk.others() == others or hands.name == "office"


@every
@pytest.mark.parametrize("calls", range(1, 13))
def test_a_power_cut_after_any_call_still_makes_it_once(hands: Hands, calls: int) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action = hands.action(desk, connector)
    desk.wire.cut_after = len(desk.wire.seen) + calls
    with suppress(PowerCut):
        settled(connector, desk, action)
    desk.wire.cut_after = 0
    next_life = hands.build(desk)
    receipt = next_life.find(action, once=ONCE) or settled(next_life, desk, action)
    assert receipt.outcome in (Outcome.DONE, Outcome.FOUND)
    mine = [one for one in effects(desk, hands.effect) if one.lower().endswith(action.target.lower())]
    assert len(mine if hands.name not in MADE else effects(desk, hands.effect)) == 1


@every
def test_the_second_page_is_seen(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    lettered(hands, desk, connector, 12)
    found = seen(connector, desk, hands.kind)
    least = {"prtg": 2, "passwordstate": 20, "topdesk": 6, "reassure": 5, "partner-center": 6, "prtg-v2": 2}
    assert len(found) >= least.get(hands.name, 11) and len({item.ref for item in found}) == len(found)


@every
def test_a_throttle_is_waited_for_and_told_to_the_limits(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    lettered(hands, desk, connector)
    desk.trouble(do="throttle", vendor=hands.vendor, seconds=1, times=1)
    assert seen(connector, desk, hands.kind)
    assert [seconds for _, seconds in desk.limits.stopped] == [1.0]


@every
def test_a_long_throttle_is_the_engines_business(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    desk.trouble(do="throttle", vendor=hands.vendor, seconds=120)
    with pytest.raises(ConnectorError) as caught:
        seen(connector, desk, hands.kind)
    assert getattr(caught.value, "after", 0) == 120.0
    assert len(desk.limits.stopped) == 1


@every
def test_a_lie_is_caught_by_reading_again(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action = hands.action(desk, connector)
    desk.trouble(do="lie", vendor=hands.vendor)
    settled(connector, desk, action)
    desk.calm()
    assert hands.build(desk).find(action, once=ONCE) is None
    if action.verb is Verb.REMOVE:
        assert connector.read(action.at, desk.tray) is not None


@every
def test_a_lost_answer_to_a_write_is_not_repeated_by_the_wire(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action = hands.action(desk, connector)
    writes = (
        r"deleteobject|/experimental/|policyAssignments/INT|/users/[^/]+$|/send$|/api/passwords/\d+$|/archive$"
        r"|/issues$|/v1/customers/"
    )
    methods = {"prtg": "GET", "office": "POST", "topdesk": "PUT", "reassure": "PATCH", "github": "POST"}
    method = (methods | {"partner-center": "PATCH"}).get(hands.name, "DELETE")
    desk.trouble(do="lost-answer", vendor=hands.vendor, method=method, path=writes)
    with pytest.raises(ConnectorError):
        settled(connector, desk, action)
    desk.calm()
    found = hands.build(desk).find(action, once=ONCE)
    assert found is not None and found.outcome is Outcome.FOUND


@every
def test_it_refuses_what_is_outside_the_scope(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action = hands.action(desk, connector)
    outside, others = hands.elsewhere(action), desk.others()
    with pytest.raises(Refused):
        connector.apply(outside, once=ONCE, out=desk.tray)
    assert desk.others() == others
    if hands.name != "office":
        with pytest.raises(Refused):
            connector.read(outside.at, desk.tray)
        with pytest.raises(Refused):
            connector.find(outside, once=ONCE)


@every
def test_it_refuses_a_deed_it_does_not_know(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    action = replace(hands.action(desk, connector), verb=Verb.ACCEPT)
    assert (action.kind, action.verb) not in connector.able
    with pytest.raises(Refused):
        connector.apply(action, once=ONCE, out=desk.tray)


@every
def test_a_cell_of_another_customer_is_refused(hands: Hands) -> None:
    desk = Desk()
    connector = hands.build(desk)
    theirs = {"prtg": "3001", "prtg-v2": "3001", "passwordstate": "\\Customers\\Van der Meer Advocaten"}
    for cell in connector.cells():
        with pytest.raises(Refused):
            list(connector.look(replace(cell, scope=theirs.get(hands.name, "x")), desk.tray))


@every
def test_no_secret_shows_in_what_is_said_kept_or_logged(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = Desk()
    before = desk.secrets()
    passwords = [text(one.raw, "Password") for one in desk.sandbox.world.all("vault", "password")]
    said = "\n".join(_everything_said(hands, desk)) + caplog.text
    kept = b"\n".join([*desk.tray.images.values(), *desk.tray.files.values()]).decode()
    secrets = [one for one in [*before, *desk.secrets(), *passwords] if one and one != "rotated"]
    assert len(before) > 6 and len(passwords) > 20
    assert shown(secrets, f"planted: {before[0]}") == [before[0]]
    assert shown(secrets, said) == shown(secrets, kept) == []


def shown(secrets: list[str], where: str) -> list[str]:
    """Those of the secrets that can be read there."""
    return [one for one in dict.fromkeys(secrets) if one in where]


def _everything_said(hands: Hands, desk: Desk) -> Iterator[str]:
    connector = hands.build(desk)
    lettered(hands, desk, connector)
    yield repr(connector.cells())
    for cell in connector.cells():
        yield from (repr(item) for item in connector.look(cell, desk.tray))
    action = hands.action(desk, connector)
    yield repr(settled(connector, desk, action))
    for trouble in TROUBLE:
        desk.trouble(vendor=hands.vendor, **trouble)
        yield from _complaints(connector, desk, connector.cells()[0].kind, action.at)
        desk.calm()
    hands.revoke(desk)
    yield from _complaints(hands.build(desk), desk, connector.cells()[0].kind, action.at)


def _complaints(connector: Connector, desk: Desk, kind: Kind, at: Target) -> Iterator[str]:
    calls: list[Callable[[], object]] = [
        lambda: connector.probe(at.key),
        lambda: [list(connector.look(one, desk.tray)) for one in cells(connector, kind)],
        lambda: connector.read(at, desk.tray),
    ]
    for go in calls:
        try:
            go()
        except ConnectorError as error:
            yield str(error) + repr(error) + "".join(traceback.format_exception(error))


def test_a_disclosure_puts_the_password_into_the_parcel_and_nowhere_else() -> None:
    desk = Desk()
    connector = vault(desk)
    item = seen(connector, desk, Kind.SECRET)[3]
    receipt = connector.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    (row, hidden), thing = desk.tray.secrets[0], desk.sandbox.world.get("vault", "password", item.id)
    assert thing is not None and hidden["Password"].reveal() == text(thing.raw, "Password")
    assert row["Title"] == item.name and text(thing.raw, "Password") not in repr((row, receipt, hidden))
