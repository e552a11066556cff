"""Everything put together from one settings file."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from sendoff import __version__
from sendoff.engine.desk import Desk
from sendoff.engine.fence import FencedLimits
from sendoff.engine.mirror import ISSUE
from sendoff.model.errors import BadInput
from sendoff.model.facts import EndedBy, Marks, Provider
from sendoff.model.state import StepId
from sendoff.papers.rendering import JinjaPapers
from sendoff.papers.texts import own_texts
from sendoff.ports import Ids, Limits, Ports
from sendoff.rules.carding import made_by
from sendoff.rules.chaining import chained
from sendoff.rules.folding import after, body_of
from sendoff.rules.life import due
from sendoff.settings import Settings, read_settings
from sendoff.steps import EVERY
from sendoff.store.cards import SqliteCards
from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.changes import Changes
from sendoff.store.database import is_server, open_database
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from sendoff.store.evidence import BlobStore
from sendoff.store.journal import SqlJournal
from sendoff.store.limits import SqlLimits
from sendoff.store.sealing import AgeSealer
from sendoff.store.versions import prepared
from sendoff.wiring import signers
from sendoff.wiring.brakes import FileBrake
from sendoff.wiring.clocks import RandomIds, SandboxClock, SystemClock
from sendoff.wiring.control import Control, read_card, trusting
from sendoff.wiring.identity import Register, registered
from sendoff.wiring.pools import Clients, pool_per_thread
from sendoff.wiring.signingin import Say, SignedIn, nobody
from sendoff.wiring.worlds import SettingsWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A wired house: the desk for people, the register, and the sandbox's control where there is one."""

    desk: Desk
    settings: Settings
    register: Register
    provider: Provider
    control: Control | None
    clock: SystemClock | SandboxClock
    journal: SqlJournal
    world: SettingsWorld

    def release(self) -> None:
        """Let everything on this machine go on again."""
        FileBrake(self.settings.data).release()

    def changes(self) -> Changes:
        """A watcher of its own: whether anything was written since it last asked."""
        return self.journal.changes()

    def close(self) -> None:
        """Hang up on the database; what is asked next makes a new connection."""
        self.journal.close()


def wired(
    file: Path | None = None,
    *,
    settings: Settings | None = None,
    clients: Clients | None = None,
    control: Control | None = None,
    limits: Limits | None = None,
    ids: Ids | None = None,
    lease_clock: Callable[[], float] | None = None,
    sign_in: Say | None = None,
) -> House:
    """The house of a settings file. With `sign_in` a person signs in for this run; the rest is for rehearsals."""
    found, names = settings or read_settings(file), ids or RandomIds()
    sandbox, register = _sandbox(found, control), registered(found.people, found.signing_key)
    engine, clock = prepared(database(found)), SandboxClock(sandbox) if sandbox else SystemClock()
    world = _world(found, sandbox, limits or SqlLimits(engine), clients or _pools(sandbox), clock, sign_in)
    journal, dispatch, cards = _kept(found, engine, clock, names, lease_clock)
    ports = Ports(
        journal=journal,
        cards=cards,
        dispatch=dispatch,
        brake=FileBrake(found.data),
        store=BlobStore(found.evidence or found.data / "evidence"),
        clock=clock,
        ids=names,
        papers=_papers(found),
        sealer=AgeSealer(house_key(found.data / "keys" / "house.key")),
        identity=register,
        world=world,
        signer=signers.rehearsal() if sandbox else signers.house(found.data / "keys"),
    )
    return House(
        desk=Desk(ports=ports, say=lambda line: print(line, file=sys.stderr)),
        settings=found,
        register=register,
        provider=_provider(found),
        control=sandbox,
        clock=clock,
        journal=journal,
        world=world,
    )


def _papers(settings: Settings) -> JinjaPapers:
    return JinjaPapers(own=own_texts(settings.letters.folder) if settings.letters else None)


def majors() -> dict[StepId, int]:
    """The version of each step's code in this build; a worker also brings the issue up to date."""
    return {ISSUE: 1, **{step.id: step.major for step in EVERY}}


def database(settings: Settings) -> Engine:
    """The database of the settings: a server, or the file in the data folder."""
    told = settings.database
    if told is None:
        return open_database(settings.data / "sendoff.db")
    return open_database(told.url, password=told.password.read("database.password") if told.password else None)


def _kept(
    settings: Settings,
    engine: Engine,
    clock: SystemClock | SandboxClock,
    ids: Ids,
    lease_clock: Callable[[], float] | None,
) -> tuple[SqlJournal, EmbeddedDispatch, SqliteCards]:
    """The journal, the dispatch that it hands out to in its own transaction, and the cards of its cases."""
    answer = ProcrastinateDispatch if is_server(engine) else EmbeddedDispatch
    dispatch = answer(engine, clock, lease=settings.lease_seconds, versions=majors(), lease_clock=lease_clock)
    keys = CaseKeys(house_key(settings.data / "keys" / "house.key"))
    cards = SqliteCards(engine, keys, settings.data / "cards.db", made=made_by(__version__, EVERY))
    journal = SqlJournal(engine, keys, ids, dispatch, after=after, link=chained, body_of=body_of, due=due)
    return journal, dispatch, cards


def _world(
    settings: Settings,
    sandbox: Control | None,
    limits: Limits,
    clients: Clients,
    clock: SystemClock | SandboxClock,
    sign_in: Say | None,
) -> SettingsWorld:
    fenced = FencedLimits(limits)
    return SettingsWorld(
        settings,
        fenced,
        clients,
        name=_world_name(settings, sandbox),
        sandbox=sandbox is not None,
        clock=clock,
        trust=trusting(sandbox.card) if sandbox and settings.smtp else None,
        people=SignedIn(settings, clients, fenced, sign_in) if sign_in else nobody,
    )


def _sandbox(settings: Settings, control: Control | None) -> Control | None:
    if control is not None:
        return control
    return Control(read_card(settings.sandbox)) if settings.sandbox else None


def _pools(sandbox: Control | None) -> Clients:
    return pool_per_thread(trusting(sandbox.card)) if sandbox else pool_per_thread()


def _world_name(settings: Settings, sandbox: Control | None) -> str:
    tenant = settings.provider.tenant if settings.provider else ""
    if sandbox is None:
        return f"real:{tenant}"
    return f"sandbox:{tenant}:seed-{sandbox.card['seed']}"


def _provider(settings: Settings) -> Provider:
    told = settings.provider
    if told is None:
        raise BadInput("who are we? write a [provider] table", where="settings")
    return Provider(
        name=told.name,
        tenant=told.tenant,
        domains=tuple(told.domains),
        mailbox=told.mailbox,
        tag=told.tag,
        principals=tuple(told.principals),
        partner_id=told.partner_id,
        partner_kind=told.partner_kind,
        security=told.security,
        foreign_group=EndedBy(told.foreign_group),
        marks=Marks(
            addresses=tuple(told.addresses),
            phones=tuple(told.phones),
            pipelines=tuple(told.pipelines),
            subscriptions=tuple(told.subscriptions),
        ),
    )
