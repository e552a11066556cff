"""The house as it lies on disks: upgrade its tables, back it up, see whether it holds together. No vendor is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, exists, select

from sendoff import __version__
from sendoff.model.envelope import HOUSE, Entry, Registered
from sendoff.model.errors import BadInput, Refused
from sendoff.rules.chaining import chained
from sendoff.rules.folding import after, body_of
from sendoff.rules.life import due
from sendoff.settings import Settings, read_settings
from sendoff.store.backup import Belongings, Manifest, backed_up
from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.chains import chains, kept
from sendoff.store.database import is_server, reading
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from sendoff.store.evidence import BlobStore
from sendoff.store.journal import SqlJournal
from sendoff.store.schema import VERSION, event
from sendoff.store.signing import PublicKey, fingerprint, house_signer, public_pem, read_public
from sendoff.store.upgrading import upgraded
from sendoff.store.versions import prepared, versions
from sendoff.wiring.clocks import RandomIds, SystemClock
from sendoff.wiring.house import database, majors
from sendoff.wiring.signers import rehearsal
from sendoff.wiring.soundness import Filed, Soundness, evidence_held, journal_held

Say = Callable[[str], None]
HOUSE_KEY, SIGNING_KEY, PUBLIC_KEY = "keys/house.key", "keys/certificate-key.pem", "keys/certificate.pub.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a house lies: its database, as it is, and its folders."""

    settings: Settings
    engine: Engine

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.settings.data

    @property
    def evidence(self) -> Path:
        """The folder of evidence."""
        return self.settings.evidence or self.data / "evidence"

    def file(self, name: str) -> bytes:
        """A file of the data folder; empty when it is not there."""
        path = self.data / name
        return path.read_bytes() if path.exists() else b""

    def keys(self) -> CaseKeys:
        """The keys of the cases. Refused, and no key is made, when there is no house key."""
        if not self.file(HOUSE_KEY):
            raise Refused(f"{self.data / HOUSE_KEY} is missing: without it no body can be read. Put it back first")
        return CaseKeys(house_key(self.data / HOUSE_KEY))

    def dispatch(self) -> EmbeddedDispatch:
        """Who hands out work in this place."""
        answer = ProcrastinateDispatch if is_server(self.engine) else EmbeddedDispatch
        return answer(self.engine, SystemClock(), lease=self.settings.lease_seconds, versions=majors())

    def journal(self) -> SqlJournal:
        """The journal, over tables that may still be older."""
        made = (self.engine, self.keys(), RandomIds(), self.dispatch())
        return SqlJournal(*made, after=after, link=chained, body_of=body_of, due=due)

    def signer(self) -> PublicKey | None:
        """The public key of this house's certificates; None when its key is not there. No key is made."""
        if self.settings.sandbox is not None:
            return read_public(rehearsal().public(), "rehearsal")
        if not self.file(SIGNING_KEY):
            return None
        return house_signer(self.data / SIGNING_KEY).public_key()


def place(file: Path | None = None, *, settings: Settings | None = None) -> Place:
    """The place that a settings file tells of. Nothing is made or changed but an empty database file."""
    found = settings or read_settings(file)
    return Place(settings=found, engine=database(found))


# ---- upgrade ------------------------------------------------------------------------------------------------------


def upgrade(here: Place) -> str:
    """Bring the tables to this program's version, in one transaction, while cases are open; what was done."""
    with reading(here.engine) as connection:
        told = versions(connection)
    older = told is not None and told[0] < VERSION
    before = upgraded(here.engine, here.journal().rebuilt if older else _nothing)
    if before is None:
        return f"nothing to do: the tables are of version {(told or (VERSION, 0))[0]}"
    here.dispatch().sweep()
    return f"the tables were of version {before} and are of {VERSION} now; every case goes on where it was"


def _nothing(connection: Connection) -> None:
    """Newer tables, or new ones, have nothing to be rebuilt."""


# ---- backup -------------------------------------------------------------------------------------------------------


def backup(here: Place, file: Path, *, with_keys: bool, say: Say) -> Manifest:
    """Write a backup while cases are open. Refused when the file exists or there is nothing to back up."""
    with reading(here.engine) as connection:
        if versions(connection) is None or not chains(connection):
            raise Refused("there are no cases here, and so there is nothing to back up")
    if not file.parent.is_dir():
        raise BadInput("there is no such folder", where=str(file.parent))
    signer = here.signer()
    files = {PUBLIC_KEY: public_pem(signer)} if signer else {}
    here.keys()
    if with_keys:
        files |= {name: data for name in (HOUSE_KEY, SIGNING_KEY) if (data := here.file(name))}
    mine = Belongings(
        evidence=BlobStore(here.evidence),
        files=files,
        house_key=key_name(here.file(HOUSE_KEY)),
        signer=fingerprint(signer) if signer else "",
        with_keys=with_keys,
        program=__version__,
        made_at=datetime.now(UTC).isoformat(),
    )
    return backed_up(here.engine, file, mine, say)


def key_name(key: bytes) -> str:
    """What a house key is told from others by; nothing of the key follows from it."""
    return "SHA256:" + sha256(b"sendoff house key\0" + key).hexdigest() if key else ""


# ---- verify -------------------------------------------------------------------------------------------------------


def verified(here: Place, say: Say) -> Soundness:
    """Check everything there is. Tables of another version are refused before."""
    prepared(here.engine)
    found, filed = Soundness(), list[Filed]()
    with reading(here.engine) as connection:
        if not connection.execute(select(exists().select_from(event))).scalar():
            return found
        say("chains and register")
        filed += journal_held(connection, here.keys(), found, say)
    say("evidence and certificates")
    store, signer = BlobStore(here.evidence), here.signer()

    def chain(case: str) -> tuple[Entry, ...]:
        with reading(here.engine) as connection:
            return kept(connection, here.keys(), case).entries

    for one in filed:
        evidence_held(store, one, signer, chain, found)
    return found


def erased(here: Place) -> tuple[Registered, ...]:
    """The cases that were erased, by the house register."""
    prepared(here.engine)
    with reading(here.engine) as connection:
        lines = [body_of(entry) for entry in kept(connection, here.keys(), HOUSE).entries]
    return tuple(one for one in lines if isinstance(one, Registered) and one.what == "erased")
