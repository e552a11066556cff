"""The manifest of onboarding from a file, and into a file of facts: the whole of it or nothing."""

import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from sendoff.model.errors import BadInput, StoreDown
from sendoff.model.facts import Recorded, ScopeRow
from sendoff.model.shape import shaped
from sendoff.rules.manifest import lines_of
from sendoff.rules.recording import added, record_of
from sendoff.wiring.factsfile import read_file

Rows = tuple[Recorded, ...]


def read_manifest(path: Path, tenant: str, scope: Sequence[ScopeRow], record: Sequence[Recorded]) -> tuple[Rows, int]:
    """The rows of a manifest that the record does not hold yet, and how many the manifest has. BadInput names every row
    that cannot be used, or of which the record says something else."""
    rows = record_of(lines_of(read_file(path, "the manifest"), path.name), tenant, scope)
    return added(record, rows), len(rows)


def import_into(facts: Path, manifest: Path) -> tuple[Rows, int]:
    """The same, and the new rows are written behind what stands in a file of facts; the rest of it, with its comments,
    stays as it is byte for byte."""
    place = facts.resolve()
    old = read_file(place, "the facts")
    told = _table(old, facts)
    new, all_rows = read_manifest(manifest, *_customer(told, facts.name), _record(told, facts.name))
    if new:
        after = old + _written(new, old)
        _same_but_for(_table(after, facts), told, new, facts)
        _replace(place, old, after)
    return new, all_rows


def _table(data: bytes, path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        said = f"not readable as TOML: {wrong}"
        raise BadInput(f"{said}; rows of the record are [[record]] tables of their own", where=str(path)) from wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The two lists of the facts that are read here; the rest may still be half written."""

    scope: tuple[ScopeRow, ...] = ()
    record: Rows = ()


def _customer(told: Mapping[str, object], name: str) -> tuple[str, tuple[ScopeRow, ...]]:
    customer = told.get("customer")
    tenant = customer.get("tenant") if isinstance(customer, dict) else None
    if not isinstance(tenant, str) or not tenant:
        raise BadInput("[customer] names no tenant: nobody could tell whose rows these are", where=name)
    return tenant, shaped(_Rows, {"scope": told.get("scope", [])}, where=name).scope


def _record(told: Mapping[str, object], name: str) -> Rows:
    return shaped(_Rows, {"record": told.get("record", [])}, where=name).record


def _written(rows: Rows, old: bytes) -> bytes:
    """The rows as TOML, with the ends of lines that the file has."""
    tables = "".join(f"\n[[record]]\n{tomli_w.dumps(_plain(row))}" for row in rows)
    text = ("" if old.endswith(b"\n") or not old else "\n") + tables
    return text.replace("\n", "\r\n" if b"\r\n" in old else "\n").encode("utf-8")


def _plain(row: Recorded) -> dict[str, object]:
    found: dict[str, object] = {"system": str(row.system), "kind": str(row.kind), "id": row.id, "before": row.before}
    return found | ({"on": row.on} if row.on else {}) | ({"by": row.by} if row.by else {})


def _same_but_for(after: Mapping[str, object], told: Mapping[str, object], new: Rows, path: Path) -> None:
    """What would be written is read back before it is written."""
    name = path.name
    rest = {key: value for key, value in after.items() if key != "record"}
    if rest != {key: value for key, value in told.items() if key != "record"} or _record(after, name) != (
        *_record(told, name),
        *new,
    ):
        raise BadInput("the rows would not be read back as they were written; nothing was written", where=str(path))


def _replace(place: Path, old: bytes, after: bytes) -> None:
    """Beside it first, then in one move, so that whoever reads finds the old file or the new one."""
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(place.stat().st_mode & 0o777)
        if place.read_bytes() != old:
            raise BadInput("somebody changed it meanwhile; nothing was written, begin again", where=str(place))
        beside.replace(place)
    except OSError as wrong:
        raise StoreDown(f"cannot write {place}: {wrong.strerror}; it is as it was") from wrong
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
