"""A probe whose service still runs on a machine: it comes back, unless its GID is denied or it is taken off."""

from datetime import datetime, timedelta

from sandbox_callers import LEAVES, Estate, estate

from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

PROBE = "2000"


def running() -> Estate:
    """A world in which the service runs on a machine of the leaving customer."""
    world = estate()
    for one in world.sandbox.world.all("arm", "probeservice"):
        world.sandbox.world.remove(one)
    service = Thing("arm", "probeservice", "vm-one", LEAVES, {"name": "PRTGProbeService"})
    world.sandbox.world.add(service)
    return world


def later(world: Estate, minutes: int) -> None:
    now = datetime.fromisoformat(text(world.control("GET", "/clock"), "now"))
    world.control("POST", "/clock", {"now": (now + timedelta(minutes=minutes)).isoformat()})


def probes(world: Estate) -> list[str]:
    found = world.prtg("table.json", content="probes", columns="objid,name", count="*").json()
    return [text(one, "objid") for one in arr(dig(found, "probes"))]


def codes(world: Estate) -> list[str]:
    found = world.prtg("table.json", content="messages", columns="objid,status", count="*").json()
    return [text(one, "status_raw") for one in arr(dig(found, "messages"))]


def prop(world: Estate, ident: str, name: str) -> str:
    body = world.prtg("getobjectproperty.htm", id=ident, name=name).body.decode()
    return body.partition("<result>")[2].partition("</result>")[0]


def back(world: Estate) -> list[str]:
    return [one for one in probes(world) if int(one) >= 9000]


def test_a_deleted_node_comes_back_unapproved_after_half_an_hour_with_the_same_gid() -> None:
    world = running()
    world.prtg("deleteobject.htm", id=PROBE, approve="1")
    later(world, 29)
    assert back(world) == []
    later(world, 1)
    (again,) = back(world)
    assert "710" in codes(world)
    assert prop(world, again, "gid") == text(world.customer(), "prtg", "probe_gid")
    assert prop(world, again, "authorized") == "0"


def test_it_comes_back_once_and_again_when_it_is_deleted_again() -> None:
    world = running()
    world.prtg("deleteobject.htm", id=PROBE, approve="1")
    later(world, 45)
    (first,) = back(world)
    later(world, 45)
    assert back(world) == [first]
    world.prtg("deleteobject.htm", id=first, approve="1")
    later(world, 45)
    assert len(back(world)) == 1 and back(world) != [first]


def test_a_denied_gid_leaves_only_rows_in_the_log() -> None:
    world = running()
    assert prop(world, PROBE, "authorized") == "1"
    world.prtg("probestate.htm", id=PROBE, action="deny")
    assert prop(world, PROBE, "authorized") == "0"
    world.prtg("deleteobject.htm", id=PROBE, approve="1")
    later(world, 60)
    assert back(world) == []
    assert {"5", "12"} <= set(codes(world)) and not {"710", "612"} & set(codes(world))


def test_an_allowed_probe_is_off_the_list_of_the_denied_and_connects() -> None:
    world = running()
    world.prtg("probestate.htm", id=PROBE, action="deny")
    world.prtg("probestate.htm", id=PROBE, action="allow")
    assert codes(world)[:2] == ["612", "701"]
    world.prtg("deleteobject.htm", id=PROBE, approve="1")
    later(world, 31)
    assert len(back(world)) == 1


def test_a_service_that_was_taken_off_by_hand_does_not_call_again() -> None:
    world = running()
    hands = obj(world.control("POST", "/hands", {"do": "prtg.uninstall-probe", "customer": LEAVES}))
    assert hands == {"touched": ["arm:probeservice:vm-one"]}
    world.prtg("deleteobject.htm", id=PROBE, approve="1")
    later(world, 60)
    assert back(world) == []


def test_only_a_probe_has_a_state_and_only_three_words_change_it() -> None:
    world = running()
    wrong: list[Obj] = [{"id": PROBE, "action": "forget"}, {"id": "2001", "action": "deny"}]
    for one in wrong:
        assert world.prtg("probestate.htm", **{key: text(value) for key, value in one.items()}).status == 400
