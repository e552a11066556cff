"""The seed of PRTG: the core's own probe, a probe for each customer, look-alikes and one shared device."""

from sendoff.sandbox.seed_build import Build
from sendoff.sandbox.wire import Obj
from sendoff.sandbox.world import Thing, World

SENSORS = (
    ("Ping", "ping"),
    ("CPU Load", "wmiprocessor"),
    ("Memory", "wmimemory"),
    ("Disk Free", "wmidiskspace"),
    ("HTTP", "http"),
)
BASE = {"vandermeer": 2000, "vandermeer-advocaten": 3000, "meerzicht": 4000}
TEST_GROUP = 3900
CROWD = 100_000
BESIDE = ((500, "notification", "mail naar de beheerder"), (510, "map", "scherm in de hal"))
"""What a customer has outside the tree."""
SHARED = 60


def core(world: World) -> None:
    """The core server: local probe 1, its own device 40, and a device that several customers use."""
    _add(world, "msp", "probe", 1, 0, "Local Probe (Local Probe)", "core")
    _add(world, "msp", "device", 40, 1, "Probe Device", "core", host="127.0.0.1")
    _add(world, "msp", "sensor", 41, 40, "Core Health", "core", type="corestate")
    _add(world, "msp", "group", 50, 1, "Shared services", "shared")
    _add(world, "msp", "device", SHARED, 50, "sql-shared-01 (Van der Meer, Meerzicht)", "shared", host="10.0.0.60")
    _add(world, "vandermeer", "sensor", 61, SHARED, "SQL Van der Meer Logistics", "shared vandermeer")
    _add(world, "meerzicht", "sensor", 62, SHARED, "SQL Meerzicht", "shared meerzicht")


def _add(world: World, owner: str, kind: str, ident: int, parent: int, name: str, tags: str, **more: str) -> None:
    raw: Obj = {
        "objid": ident,
        "name": name,
        "tags": tags,
        "parentid": str(parent),
        "pausedas": 0,
        "state": 3,
        "message": "OK",
        "lastvalue": "12 %" if kind == "sensor" else "",
        "host": "",
        "location": "Amsterdam",
        "comments": "",
        **more,
    }
    world.add(Thing("prtg", kind, str(ident), owner, raw))


def gid_of(world: World, slug: str) -> str:
    """The GID by which the core knows a customer's probe, whatever its object id."""
    return "{" + world.guid(slug, "probe-gid").upper() + "}"


def prtg(build: Build) -> None:
    """A customer's probe, groups, devices and sensors; at tier csp one forgotten group under the core's probe."""
    world, slug, base = build.world, build.plan.slug, BASE[build.plan.slug]
    if build.plan.tier == "csp":
        _group(build, base + 1, 1, "Van der Meer Logistics (oud)", devices=1, noted=False)
        return
    gid = gid_of(world, slug)
    _add(world, slug, "probe", base, 0, f"Probe {build.plan.name}", f"customer-{slug}", gid=gid, authorized="1")
    build.note("prtg", "probe", str(base))
    for number, kind, title in BESIDE:
        thing: Obj = {"objid": base + number, "name": f"{build.plan.name}: {title}"}
        world.add(Thing("prtg", kind, str(base + number), slug, thing))
    _group(build, base + 1, base, build.plan.name, devices=5)
    _group(build, base + 100, base, f"{build.plan.name} - Netwerk", devices=3)
    if slug == "vandermeer-advocaten":
        _group(build, TEST_GROUP, 1, "Van der Meer-Test", devices=1)


def watched(build: Build, many: int) -> None:
    """So many sensors more, below the customer's probe: ten to a device, fifty devices to a group."""
    world, slug, tag = build.world, build.plan.slug, f"customer-{build.plan.slug}"
    for number in range(many):
        group, device = CROWD + number // 500, 2 * CROWD + number // 10
        if number % 500 == 0:
            _add(world, slug, "group", group, BASE[slug], f"{build.plan.name} {group}", tag)
        if number % 10 == 0:
            host = f"crowd-{device}.{build.plan.domain}"
            _add(world, slug, "device", device, group, f"srv-{device}", tag, host=host)
        _add(world, slug, "sensor", 5 * CROWD + number, device, "Ping", f"{tag} ping", type="ping")


def _group(build: Build, ident: int, parent: int, name: str, devices: int, *, noted: bool = True) -> None:
    world, slug = build.world, build.plan.slug
    tag = f"customer-{slug}"
    _add(world, slug, "group", ident, parent, name, tag)
    if noted:
        build.note("prtg", "group", str(ident))
    for at in range(devices):
        device = ident + 10 * (at + 1)
        host = f"srv-{build.plan.short}-{at:02d}.{build.plan.domain}"
        _add(world, slug, "device", device, ident, f"srv-{at:02d}", tag, host=host)
        for number, (title, kind) in enumerate(SENSORS):
            _add(world, slug, "sensor", device + number + 1, device, title, f"{tag} {kind}", type=kind)
