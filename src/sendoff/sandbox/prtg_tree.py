"""PRTG's object tree: parents, subtrees, states and the log that every change leaves behind."""

from datetime import UTC, datetime

from sendoff.sandbox.wire import Json, Obj, text, whole
from sendoff.sandbox.world import Thing, World

KINDS = ("probe", "group", "device", "sensor")
ASIDE = {
    "notification": -3,
    "schedule": -7,
    "report": -1,
    "user": -1,
    "usergroup": -1,
    "map": -1,
    "library": -1,
}
"""What lies outside the tree, and its parent as far as anybody has seen it (-1: nobody has)."""
STATES = {
    1: "Unknown",
    2: "Collecting",
    3: "Up ",
    4: "Warning ",
    5: "Down ",
    6: "No Probe ",
    7: "Paused  (paused)",
    8: "Paused  (paused by dependency)",
    9: "Paused  (paused by schedule)",
    10: "Unusual ",
    11: "Paused  (paused by license)",
    12: "Paused  (paused until)",
    13: "Down  (Acknowledged)",
    14: "Down  (Partial)",
}
LOGGED = {
    501: "Created",
    502: "Deleted",
    506: "Child deleted",
    604: "Paused by User",
    605: "Resumed by User",
    612: "Connected",
    613: "Disconnected",
    701: "Probe approved",
    710: "New Probe",
    5: "GID denied",
    12: "Probe denied",
}
PROTECTED = frozenset({"0", "1", "40"})


def find(world: World, ident: str) -> Thing | None:
    """The object with this id, of the tree or beside it."""
    for kind in (*KINDS, *ASIDE):
        thing = world.get("prtg", kind, ident)
        if thing is not None:
            return thing
    return None


def every(world: World) -> list[Thing]:
    """All objects of the tree, probes first."""
    return [one for kind in KINDS for one in world.all("prtg", kind)]


def parent(world: World, thing: Thing) -> Thing | None:
    """The object above; None below the root."""
    return find(world, text(thing.raw, "parentid"))


def above(world: World, thing: Thing) -> list[Thing]:
    """All objects above, nearest first."""
    found = []
    up = parent(world, thing)
    while up is not None:
        found.append(up)
        up = parent(world, up)
    return found


Children = dict[str, list[Thing]]


def children_of(world: World) -> Children:
    """The objects right below each id."""
    children: Children = {}
    for thing in every(world):
        children.setdefault(text(thing.raw, "parentid"), []).append(thing)
    return children


def below(world: World, ident: str, known: Children | None = None) -> list[Thing]:
    """All objects under an id, parents first; id 0 is the root and holds everything."""
    children = children_of(world) if known is None else known
    found: list[Thing] = []
    waiting = [ident]
    while waiting:
        held = children.get(waiting.pop(0), [])
        found.extend(held)
        waiting.extend(one.id for one in held)
    return found


def state(world: World, thing: Thing) -> int:
    """status_raw: 7 or 12 when paused itself, 8 under a paused parent, else what was seeded."""
    if whole(thing.raw.get("pausedas")):
        return whole(thing.raw.get("pausedas"))
    if any(whole(one.raw.get("pausedas")) for one in above(world, thing)):
        return 8
    return whole(thing.raw.get("state"), 3)


def ole(moment: datetime) -> float:
    """Days since 1899-12-30 in UTC, as PRTG's raw dates are."""
    return (moment.astimezone(UTC) - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86400


def log(world: World, thing: Thing, code: int) -> None:
    """Write a line of the PRTG log; it belongs to the core and stays when the object is gone."""
    ident = str(len(world.all("prtg", "log")) + 1)
    raw: Obj = {
        "objid": whole(thing.id),
        "name": text(thing.raw, "name"),
        "type": thing.kind.capitalize(),
        "status_raw": code,
        "status": LOGGED.get(code, "Notice"),
        "datetime_raw": ole(world.now),
        "datetime": world.now.strftime("%d-%m-%Y %H:%M:%S"),
        "parent": text(thing.raw, "parentid"),
        "message": f"GID denied: {text(thing.raw, 'gid')}" if code == 5 else LOGGED.get(code, "Notice"),
        "gid": text(thing.raw, "gid"),
        "customer": thing.owner,
    }
    world.add(Thing("prtg", "log", ident, "msp", raw))


def hurry(world: World) -> None:
    """One call nearer to the end of every delete that lags."""
    for ident in list(world.prtg_pending):
        world.prtg_pending[ident] -= 1
        thing = find(world, ident)
        if world.prtg_pending[ident] <= 0:
            del world.prtg_pending[ident]
            if thing is not None:
                remove(world, thing)


def remove(world: World, thing: Thing) -> None:
    """Delete an object with everything below it; there is no recycle bin."""
    up = parent(world, thing)
    for one in reversed(below(world, thing.id)):
        world.remove(one)
        log(world, one, 502)
    world.remove(thing)
    log(world, thing, 502)
    if up is not None:
        log(world, up, 506)


def row(world: World, thing: Thing, known: Children | None = None) -> Obj:
    """Every column this object can show, display value and raw value."""
    ups = above(world, thing)
    named = {one.kind: one for one in [*reversed(ups), thing]}
    status, active = state(world, thing), not whole(thing.raw.get("pausedas"))
    under = [] if thing.kind == "sensor" else [one.kind for one in below(world, thing.id, known)]
    columns: Obj = {
        "objid": whole(thing.id),
        "name": text(thing.raw, "name"),
        "tags": text(thing.raw, "tags"),
        "parentid": whole(text(thing.raw, "parentid")),
        "type": text(thing.raw, "type") or thing.kind.capitalize(),
        "basetype": thing.kind + ("node" if thing.kind == "probe" else ""),
        "baselink": f"/{thing.kind}.htm?id={thing.id}",
        "host": text(thing.raw, "host"),
        "location": text(thing.raw, "location"),
        "dependency": "Parent",
        "comments": text(thing.raw, "comments"),
        "message": f'<div class="status">{text(thing.raw, "message")}</div>',
        "lastvalue": text(thing.raw, "lastvalue"),
        "schedule": "",
        "notifiesx": "",
        "size": "",
        **{kind: text(named[kind].raw, "name") if kind in named else "" for kind in KINDS},
    }
    raws: Obj = {**{f"{key}_raw": value for key, value in columns.items()}, "message_raw": text(thing.raw, "message")}
    return {**columns, **raws, **_counted(thing, status, active, under, world)}


def _counted(thing: Thing, status: int, active: bool, under: list[str], world: World) -> Obj:
    pairs: dict[str, tuple[Json, Json]] = {
        "active": (active, -1 if active else 0),
        "status": (STATES[status], status),
        "priority": ("3", 3),
        "interval": ("60 s", 60),
        "access": ("Full", 400),
        "uptime": ("99.98 %", 999800),
        "cumsince": ("2025", 45658.0),
        "groupnum": (str(under.count("group")), under.count("group")),
        "downtime": ("0.02 %", 200),
        "devicenum": (str(under.count("device")), under.count("device")),
        "upsens": ("", under.count("sensor")),
        "totalsens": (f'<a href="/sensors.htm?id={thing.id}">{under.count("sensor")}</a>', under.count("sensor")),
        "condition": ("Connected", 2),
        "lastcheck": ("now", ole(world.now)),
        "lastup": ("now", ole(world.now)),
        "downsens": ("", 0),
        "warnsens": ("", 0),
        "pausedsens": ("", 0),
        "lastdown": ("-", 0),
    }
    return {name: value for key, (shown, raw) in pairs.items() for name, value in ((key, shown), (f"{key}_raw", raw))}
