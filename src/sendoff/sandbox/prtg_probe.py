"""A probe and its service: who is denied, and who comes back. The node is the core's, the service is the host's.

A node that is deleted while its service still runs is made anew, unapproved, when the service calls again. A denied GID
only leaves rows in the log. Vendor's page: paessler.com/manuals/prtg/remote_probes_and_multiple_probes.
"""

from sendoff.sandbox.arm_ids import SERVICE
from sendoff.sandbox.prtg_tree import log, ole
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing, World

AGAIN = 30 / (24 * 60)
"""How long a service waits before it calls again, in days; the vendor gives no number [3]."""
DELETED, DENIED_GID, DENIED, CONNECTED, APPROVED, NEW = 502, 5, 12, 612, 701, 710


def running(world: World, slug: str) -> bool:
    """Whether PRTG's probe service runs on a machine of this customer; without such a machine it does not."""
    return any(one.owner == slug for one in world.all("arm", SERVICE))


def decide(world: World, probe: Thing, action: str) -> None:
    """Allow a probe, or deny it: then its GID goes on the core's list, which has no API of its own."""
    gid, denied = text(probe.raw, "gid"), action == "deny"
    world.change(probe, {"authorized": "0" if denied else "1"})
    listed = world.get("prtg", "denied-gid", gid) if gid else None
    if denied and gid and listed is None:
        world.add(Thing("prtg", "denied-gid", gid, "msp", {"gid": gid}))
    if not denied and listed is not None:
        world.remove(listed)
    log(world, probe, DENIED if denied else APPROVED)
    if not denied:
        log(world, probe, CONNECTED)


def look(world: World) -> None:
    """Every service whose node is gone and that has not called for a while calls again."""
    there = {text(one.raw, "gid") for one in world.all("prtg", "probe")}
    last: dict[str, Thing] = {text(one.raw, "gid"): one for one in world.all("prtg", "log") if text(one.raw, "gid")}
    gone = {text(one.raw, "gid"): one for one in world.all("prtg", "log") if _deleted(one)}
    for gid, row in gone.items():
        if gid not in there and _since(world, last[gid]) >= AGAIN and running(world, text(row.raw, "customer")):
            _call(world, gid, row)


def _deleted(row: Thing) -> bool:
    return row.raw.get("status_raw") == DELETED and bool(text(row.raw, "gid"))


def _since(world: World, row: Thing) -> float:
    then = row.raw.get("datetime_raw")
    return ole(world.now) - then + 1e-6 if isinstance(then, float) else 0.0


def _call(world: World, gid: str, row: Thing) -> None:
    probe = Thing("prtg", "probe", _number(world), text(row.raw, "customer"), {})
    probe.raw = fresh(int(probe.id), text(row.raw, "name"), gid)
    if world.get("prtg", "denied-gid", gid) is not None:
        log(world, probe, DENIED_GID)
        return
    world.add(probe)
    log(world, probe, NEW)


def _number(world: World) -> str:
    return str(9000 + len(world.all("prtg", "log")))


def fresh(ident: int, name: str, gid: str) -> Obj:
    """A probe that nobody has approved yet."""
    blank: dict[str, Json] = dict.fromkeys(("tags", "message", "lastvalue", "host", "location", "comments"), "")
    return {
        "objid": ident,
        "name": name,
        "parentid": "0",
        "pausedas": 0,
        "state": 1,
        **blank,
        "gid": gid,
        "authorized": "0",
    }
