"""API v2 as a second transport to the same core: what it does, what the classic API does, and what it says badly."""

import re
from dataclasses import replace

import pytest
from connector_hands import PRTG_URL, PRTG_V2_URL, prtg, prtg_v2, seen

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.prtg.client import PrtgDoor
from sendoff.connectors.prtg.connector import PrtgConnector
from sendoff.model.errors import Confusing, Denied, Refused, Unreachable
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Again, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.ports import Connector
from sendoff.sandbox.wire import text


def by(desk: Desk, *, url: str = PRTG_URL, url_v2: str = PRTG_V2_URL) -> Connector:
    door = PrtgDoor(url=url, token=Secret(text(desk.known, "msp", "prtg", "apitoken")), url_v2=url_v2)
    return PrtgConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def done(desk: Desk, connector: Connector, item: Item, verb: Verb) -> Receipt:
    answer = connector.apply(deed(item, verb), once=ONCE, out=desk.tray)
    while isinstance(answer, Again):
        answer = connector.follow(deed(item, verb), answer.operation)
    return answer


def test_both_transports_see_the_same_things() -> None:
    first, other = Desk(), Desk()
    one, two = prtg(first), prtg_v2(other)
    assert [replace(item) for cell in one.cells() for item in one.look(cell, first.tray)] == [
        replace(item) for cell in two.cells() for item in two.look(cell, other.tray)
    ]


def test_groups_devices_and_probes_are_paused_and_deleted_by_v2_and_a_probe_is_denied_by_the_classic_api() -> None:
    desk = Desk()
    connector, others = prtg_v2(desk), desk.others()
    group, probe = seen(connector, desk, Kind.PRTG_GROUP)[0], seen(connector, desk, Kind.PRTG_PROBE)[0]
    for item in (group, probe):
        for verb in (Verb.DISABLE, Verb.REMOVE):
            assert done(desk, connector, item, verb).outcome is Outcome.DONE
    assert desk.wire.calls("GET", "deleteobject") == desk.wire.calls("GET", "pause.htm") == 0
    assert desk.wire.calls("DELETE", "/api/v2/experimental/") == desk.wire.calls("POST", "/pause") == 2
    assert desk.wire.calls("GET", "probestate") == 1
    assert desk.others() == others


def test_a_sensor_and_what_lies_beside_the_tree_go_by_the_classic_api() -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    for kind in (Kind.PRTG_SENSOR, Kind.PRTG_OBJECT):
        assert done(desk, connector, seen(connector, desk, kind)[0], Verb.REMOVE).outcome is Outcome.DONE
    assert desk.wire.calls("GET", "deleteobject") == 2 and desk.wire.calls("DELETE", "") == 0


def test_no_address_of_a_call_to_v2_holds_the_key() -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    done(desk, connector, seen(connector, desk, Kind.PRTG_GROUP)[0], Verb.REMOVE)
    token = text(desk.known, "msp", "prtg", "apitoken")
    calls = [one for one in desk.wire.seen if one.url.port == 1616]
    assert calls and not [one for one in calls if token in str(one.url)]
    assert [one for one in desk.wire.seen if token in str(one.url)], "the classic API's do"


def test_the_port_of_the_classic_api_is_told_apart_from_that_of_v2() -> None:
    desk = Desk()
    with pytest.raises(Confusing, match=r"prtg\.url_v2 names that of API v2, 1616"):
        by(desk, url_v2=PRTG_URL).probe(Key.PRTG)
    desk.trouble(do="login-redirect", vendor="prtg-v2")
    with pytest.raises(Confusing, match=r"prtg\.url_v2"):
        by(desk).probe(Key.PRTG)
    desk.calm()
    by(desk).probe(Key.PRTG)


def test_an_address_without_tls_is_refused_before_anything_is_sent() -> None:
    desk = Desk()
    connector = by(desk, url_v2="http://prtg.intercept.example:1616")
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    with pytest.raises(Refused, match="https://"):
        connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert not [one for one in desk.wire.seen if one.url.scheme == "http"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"do": "status", "status": 401, "code": "AUTH_FAILED"}, Denied),
        ({"do": "forbid"}, Denied),
        ({"do": "status", "status": 503, "code": "LICENSE_INACTIVE"}, Unreachable),
        ({"do": "status", "status": 504, "code": "GATEWAY_TIMEOUT"}, Unreachable),
        ({"do": "status", "status": 400, "code": "INVALID_FILTER"}, Confusing),
        ({"do": "html", "status": 200}, Unreachable),
        ({"do": "drop"}, Unreachable),
    ],
)
def test_what_v2_says_badly_is_never_a_deed(fault: dict[str, str | int], error: type[Exception]) -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(vendor="prtg-v2", **fault)
    with pytest.raises(error):
        connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    with pytest.raises(error):
        connector.probe(Key.PRTG)
    desk.calm()
    assert connector.read(group.target, desk.tray) is not None


def test_what_v2_still_shows_is_not_gone_although_the_classic_table_lacks_it() -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="empty-list", vendor="prtg", path="table")
    desk.wire.edit = lambda _, body: re.sub(rb'"treesize": \d+', b'"treesize": 0', body)
    answer = connector.find(deed(group, Verb.REMOVE), once=ONCE)
    assert answer is None, "the second transport still has it"


def test_a_delete_that_never_happens_ends_as_unknown() -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="lie", vendor="prtg-v2", method="DELETE")
    assert done(desk, connector, group, Verb.REMOVE).outcome is Outcome.UNKNOWN


def test_a_slow_delete_is_asked_after_until_both_have_lost_it() -> None:
    desk = Desk()
    connector = prtg_v2(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="slow-delete", vendor="prtg-v2", polls=8)
    assert done(desk, connector, group, Verb.REMOVE).outcome is Outcome.DONE
