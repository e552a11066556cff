"""What is kept of a PRTG object before it goes: configuration, sensors, logs, and measurements within its limits.

A core answers about five requests for measurements a minute [M], so they go in parts of their own, each an action.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from sendoff.connectors.prtg.client import EXPORTED, LOG_COLUMNS, Core, PrtgDoor, Row
from sendoff.connectors.prtg.tree import BELOW, CONTENT
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.ports import Sink

PART = 25
"""Sensors whose measurements are fetched by one action: five minutes at five a minute, and a batch waits for ten."""
WORD = {Kind.PRTG_GROUP: "group", Kind.PRTG_DEVICE: "device", Kind.PRTG_SENSOR: "sensor", Kind.PRTG_PROBE: "probe"}


def parts(door: PrtgDoor, sensors: int) -> int:
    """In how many actions the measurements of so many sensors are fetched."""
    return -(-sensors // PART) if door.history_days else 0


def exported(core: Core, row: Row, action: Action, door: PrtgDoor, out: Sink) -> Receipt:
    """The tables of everything inside, and the log; and where the measurements are."""
    ident, inside = row["objid"], (("id", row["objid"]),)
    tables: dict[str, list[Row]] = {
        WORD[action.kind]: core.table(CONTENT[action.kind], (("filter_objid", ident),), columns=EXPORTED),
        **{content: core.table(content, inside, columns=EXPORTED) for content in BELOW[action.kind]},
        "logs": core.table("messages", inside, columns=LOG_COLUMNS),
    }
    files: dict[str, Json] = {}
    for name, rows in tables.items():
        data = json.dumps(rows, indent=2, ensure_ascii=False).encode("utf-8", "replace")
        files[f"{name}.json"] = out.file(f"prtg/{ident}/{name}.json", data)
    counts: dict[str, Json] = {name: len(rows) for name, rows in tables.items()}
    kept = "in history/" if door.history_days else "not exported"
    proof: Json = {WORD[action.kind]: ident, "counts": counts, "files": files, "measurements": kept}
    manifest = out.file(f"prtg/{ident}/manifest.json", json.dumps(proof, indent=2, sort_keys=True).encode())
    said = tuple((name, str(len(rows))) for name, rows in tables.items())
    return Receipt(outcome=Outcome.DONE, said=(*said, ("measurements", kept), ("manifest", manifest)))


def measured(core: Core, row: Row, part: str, facts: Facts, door: PrtgDoor, out: Sink) -> Receipt:
    """One part of the measurements: a file a sensor, as the core writes it. A sensor of which it has none is named."""
    sensors = _part(_sensors(core, row), part)
    end = facts.contract_end + timedelta(days=1)
    start = end - timedelta(days=door.history_days)
    without: list[Json] = []
    files: dict[str, Json] = {}
    for ident in sensors:
        data = core.history(ident, start, end, door.history_average)
        if data is None:
            without.append(ident)
        else:
            files[ident] = out.file(f"prtg/{row['objid']}/history/{ident}.csv", data)
    number = part.partition(" ")[0]
    proof: Json = {
        "from": start.isoformat(),
        "until": end.isoformat(),
        "seconds": door.history_average,
        "files": files,
        "without": without,
    }
    name = f"prtg/{row['objid']}/history/part-{number}.json"
    manifest = out.file(name, json.dumps(proof, indent=2, sort_keys=True).encode())
    said = (("sensors", str(len(sensors))), ("with-history", str(len(files))), ("without", str(len(without))))
    return Receipt(outcome=Outcome.DONE, said=(*said, ("days", str(door.history_days)), ("manifest", manifest)))


def _sensors(core: Core, row: Row) -> list[str]:
    """Of a sensor, itself; else all below."""
    found = core.table("sensors", (("id", row["objid"]),))
    return sorted({one["objid"] for one in found} or {row["objid"]}, key=int)


def place(kind: Kind, target: str) -> tuple[str, str]:
    """The object that a deed is about, and which part of its measurements, as `ID/PART of PARTS`."""
    ident, _, part = target.partition("/") if kind is Kind.PRTG_MEASUREMENTS else (target, "", "")
    return ident, part


def _part(sensors: Sequence[str], said: str) -> Sequence[str]:
    """Part `2 of 5`; the last one takes all that is left."""
    first, _, last = said.partition(" of ")
    if not first.isdecimal() or not last.isdecimal() or not 0 < int(first) <= int(last):
        raise Refused(f"{said!r} is no part of the measurements")
    at = (int(first) - 1) * PART
    return sensors[at:] if first == last else sensors[at : at + PART]
