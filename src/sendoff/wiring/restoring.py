"""A backup into an empty place: all of it, verified, or nothing at all.

Evidence and keys are put first, under a mark that a killed restore leaves behind; the rows come in one transaction
that is committed only when everything was verified in it.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, exists, insert, select

from sendoff.model.errors import BadInput, Broken, Refused
from sendoff.model.people import ROBOT
from sendoff.store.backup import TRUTH, Backup, Manifest
from sendoff.store.chains import kept
from sendoff.store.database import is_server, locked, reading, swept, writing
from sendoff.store.evidence import BlobStore
from sendoff.store.schema import VERSION, case_key, event
from sendoff.store.signing import fingerprint, private_name, read_public
from sendoff.store.versions import prepared, versions
from sendoff.wiring.keeping import HOUSE_KEY, SIGNING_KEY, Place, key_name
from sendoff.wiring.signers import rehearsal
from sendoff.wiring.soundness import Soundness, evidence_held, journal_held

Say = Callable[[str], None]
MARK = "RESTORING"
"""The file that says a restore is under way; it names the keys that it brought."""
ROWS = 500
"""Rows written at once."""
SHOWN = 5
"""Faults told of when a restore is refused."""


def restore(
    here: Place, file: Path, *, say: Say, erased: Sequence[str] = (), with_faults: bool = False
) -> tuple[Manifest, Soundness]:
    """Restore a backup into an empty place. Cases in `erased` come back without their keys and evidence, and the
    register says so. Refused when the place is not empty or a key is missing; Broken when the backup, or what it
    gives, does not hold, unless `with_faults`. After either, nothing of it is left."""
    _interrupted(here)
    _empty(here)
    say(f"reading {file}")
    backup = Backup(file)
    keys = _keys(here, backup)
    _fits(file, backup.manifest)
    with _marked(here, keys):
        store = BlobStore(here.evidence)
        say("evidence")
        for case, data in backup.evidence():
            if case not in erased:
                store.put(case, data)
        prepared(here.engine)
        say("rows")
        with writing(here.engine) as connection:
            found = _rows(connection, here, backup, frozenset(erased), say)
            if found.faults and not with_faults:
                first = "; ".join(f"{one.where}: {one.what}" for one in found.faults[:SHOWN])
                raise Broken(f"{file}: what it gives does not hold ({len(found.faults)} faults): {first}")
    if erased:
        swept(here.engine)
    here.dispatch().sweep()
    return backup.manifest, found


def _rows(connection: Connection, here: Place, backup: Backup, erased: frozenset[str], say: Say) -> Soundness:
    """Rows, projections and what was erased since, and all of it verified, in the transaction of this connection."""
    if is_server(connection):
        # To verify a large house takes longer than a worker may stand still.
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    locked(connection, "tables")
    if connection.execute(select(exists().select_from(event))).scalar():
        raise Refused("a case was opened here meanwhile: a backup is restored into an empty place only")
    gone = set()
    for table in TRUTH:
        rows = backup.rows(table)
        while some := list(islice(rows, ROWS)):
            mine = [row for row in some if not (table is case_key and row["chain"] in erased)]
            gone |= {str(row["chain"]) for row in some if row not in mine}
            if mine:
                connection.execute(insert(table), mine)
    journal, keys, found = here.journal(), here.keys(), Soundness()
    for case in sorted(gone):
        journal.erased(connection, case, ROBOT, datetime.now(UTC))
    journal.rebuilt(connection)
    store, signer = BlobStore(here.evidence), here.signer()
    for filed in journal_held(connection, keys, found, say):
        evidence_held(store, filed, signer, lambda case: kept(connection, keys, case).entries, found)
    return found


# ---- is it an empty place, and does the backup fit it? ------------------------------------------------------------


def _empty(here: Place) -> None:
    """Refused unless there is neither a case nor evidence."""
    if _has_cases(here):
        raise Refused("there are cases in the database: a backup is restored into an empty place only")
    if here.evidence.exists() and any(here.evidence.iterdir()):
        raise Refused(f"{here.evidence} is not empty: a backup is restored into an empty place only")


def _has_cases(here: Place) -> bool:
    with reading(here.engine) as connection:
        there = versions(connection) is not None
        return there and connection.execute(select(exists().select_from(event))).scalar() is True


def _fits(file: Path, told: Manifest) -> None:
    if told.runs_from > VERSION:
        raise Refused(
            f"{file}: a newer program made it, from tables of version {told.version}, and this one works on {VERSION}: "
            "install the newer program and restore with it"
        )


def _keys(here: Place, backup: Backup) -> Mapping[str, bytes]:
    """The keys that the backup brings and that are not here. Refused when one is missing, or is another one."""
    told, brought = backup.manifest, {}
    if (told.signer == _rehearsal()) is not (here.settings.sandbox is not None):
        raise Refused("a case cannot change worlds: a rehearsal is restored into a house in the sandbox, and no other")
    wanted: dict[str, tuple[str, Callable[[bytes], str]]] = {HOUSE_KEY: (told.house_key, key_name)}
    if told.signer and told.signer != _rehearsal():
        wanted[SIGNING_KEY] = (told.signer, _signer_name)
    for name, (right, name_of) in wanted.items():
        path, mine, theirs = here.data / name, here.file(name), backup.files.get(name, b"")
        if mine and name_of(mine) != right:
            raise Refused(
                f"{path} is another key than the one of the backup ({right}). The place is empty, so that nothing here "
                "needs it: move it away first"
            )
        if not mine and not theirs:
            raise Refused(
                f"the backup was made without keys, and {path} is missing: put the key {right} there first, from where "
                "you keep it"
            )
        if not mine:
            brought[name] = theirs
    return brought


def _rehearsal() -> str:
    return fingerprint(read_public(rehearsal().public(), "rehearsal"))


def _signer_name(pem: bytes) -> str:
    return private_name(pem, SIGNING_KEY)


# ---- nothing is left half-done ------------------------------------------------------------------------------------


@contextmanager
def _marked(here: Place, keys: Mapping[str, bytes]) -> Iterator[None]:
    """Keys are put, and whatever was put goes again when the restore does not come through."""
    here.data.mkdir(parents=True, exist_ok=True)
    mark = here.data / MARK
    mark.write_text(json.dumps(sorted(keys)), encoding="utf-8")
    try:
        for name, data in keys.items():
            _put(here.data / name, data)
        yield
    except BaseException:
        _interrupted(here)
        raise
    mark.unlink()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def _interrupted(here: Place) -> None:
    """Take away what a restore put that did not come through. One whose rows are there did come through."""
    mark = here.data / MARK
    if not mark.exists():
        return
    if not _has_cases(here):
        for part in here.evidence.iterdir() if here.evidence.exists() else ():
            shutil.rmtree(part)
        for name in json.loads(mark.read_text(encoding="utf-8")):
            (here.data / str(name)).unlink(missing_ok=True)
    mark.unlink()


def cases_in(file: Path | None) -> tuple[str, ...]:
    """The cases that a list of erased cases names, one a line; what follows the number is for people."""
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as wrong:
        raise BadInput(f"it cannot be read: {wrong.strerror}", where=str(file)) from wrong
    return tuple(line.split()[0] for line in lines if line.strip())
