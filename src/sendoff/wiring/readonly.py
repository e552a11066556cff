"""A look before anything is configured: one person signs in, everything they may see is read, nothing is written."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.azure.subscriptions import SeenSubscription
from sendoff.connectors.entra.client import AUDIENCE as GRAPH
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.wire.login.client import claims
from sendoff.engine.look import scan, sight, with_images
from sendoff.engine.tray import Tray
from sendoff.engine.wholelook import RESIDUE_KINDS
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import BlindSpot, Inventory, Kind, System, Whose
from sendoff.model.situation import Owned
from sendoff.ports import Connector
from sendoff.rules.adding import added
from sendoff.rules.foreseeing import (
    FROM_RECORD,
    LeftBehind,
    MissingKey,
    left_behind,
    missing_keys,
    principals_shown,
    too_empty,
)
from sendoff.settings import AzureSettings, GraphSettings, Settings, settings_or_environment
from sendoff.steps import EVERY
from sendoff.wiring.onlylooking import LOOK_ONLY, case_for_looking, facts_for_looking
from sendoff.wiring.wayin import Asked, WayIn, Wires, unseen, wanted, way_in
from sendoff.wiring.whoweare import We, as_provider, who_we_are

UNCHANGED = "nothing was changed"
KINDS = RESIDUE_KINDS - FROM_RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing that was found, with the signs that say whose it is."""

    kind: Kind
    name: str
    id: str
    scope: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedStep:
    """A step that is on no line of the checklist, and what calls for it."""

    step: str
    text: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """What this look does not look at, and the key or the words that would let it."""

    what: str
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnlyLook:
    """What one look found. `milliseconds` counts from the sign-in's first token to the last answer."""

    tenant: str
    signed_in: str
    way_in: str
    we: We
    subscriptions: tuple[SeenSubscription, ...]
    ours: tuple[Thing, ...]
    shared: tuple[Thing, ...]
    unknown: tuple[Thing, ...]
    customers: int
    left: tuple[LeftBehind, ...]
    added: tuple[AddedStep, ...]
    missing: tuple[MissingKey, ...]
    blind: tuple[BlindSpot, ...]
    unasked: tuple[Unasked, ...]
    cells: int
    milliseconds: int
    changed: str = UNCHANGED


class NoStore:
    """The answer to the port EvidenceStore where nothing is kept: a look with `keep=False` never asks it."""

    def put(self, case: str, data: bytes) -> Digest:
        """Refused."""
        raise Refused("a read-only look keeps nothing")

    def put_parts(self, case: str, parts: Callable[[], Iterable[bytes]]) -> Digest:
        """Refused."""
        raise Refused("a read-only look keeps nothing")

    def get(self, case: str, digest: Digest) -> bytes:
        """Refused."""
        raise Refused("a read-only look keeps nothing")

    def has(self, case: str, digest: Digest) -> bool:
        """Never."""
        return False


def look_read_only(asked: Asked, settings: Settings, wires: Wires) -> ReadOnlyLook:
    """Sign in, read every cell that this person may read, and judge it by the same rules as a case."""
    person = claims(wires.person.tokens(ARM))
    begun = time.monotonic()
    we = who_we_are(asked.us, settings, person, asked.tenant)
    way = way_in(asked, settings, wires)
    rows = wanted(asked, way.seen)
    facts = facts_for_looking(as_provider(we), asked.tenant, rows, asked.tier)
    hands = _hands(facts, way, settings, wires)
    tray = Tray(NoStore(), LOOK_ONLY, keep=False)
    seen = too_empty(scan(hands, tray, KINDS))
    we, facts = _learned(we, facts, seen)
    case = case_for_looking(facts)
    seen = with_images(case, hands, tray, seen, frozenset(Kind))
    seen = replace(seen, blind=(*unseen(asked, rows), *(_as_person(spot) for spot in seen.blind)))
    owned = sight(case, seen).owned
    return ReadOnlyLook(
        tenant=asked.tenant,
        signed_in=person.name,
        way_in=way.through,
        we=we,
        subscriptions=rows,
        ours=_things(owned, Whose.OURS),
        shared=_things(owned, Whose.SHARED),
        unknown=_things(owned, Whose.UNKNOWN),
        customers=sum(one.provenance.whose is Whose.CUSTOMERS for one in owned),
        left=left_behind(case, owned, EVERY),
        added=tuple(
            AddedStep(step=one.step, text=one.text, role=one.role, reason=one.reason)
            for one in added(case, owned, EVERY)
        ),
        missing=missing_keys(seen.blind),
        blind=seen.blind,
        unasked=UNASKED,
        cells=len(seen.read) + len(seen.blind),
        milliseconds=round((time.monotonic() - begun) * 1000),
    )


def _as_person(spot: BlindSpot) -> BlindSpot:
    """Without the name of the key that the person stood in for: they came with none."""
    return replace(spot, reason=spot.reason.removeprefix(f"{spot.cell.key}: "))


def _hands(facts: Facts, way: WayIn, settings: Settings, wires: Wires) -> Mapping[System, Connector]:
    azure, graph = settings.azure or AzureSettings(), settings.graph or GraphSettings()
    login = settings.login.url
    directory = wires.person.tokens(GRAPH, facts.customer.tenant)
    return {
        System.AZURE: AzureConnector(
            facts,
            AzureDoors(
                person=way.source,
                directory=directory,
                login_url=login,
                arm_url=azure.url,
                graph_url=f"{graph.url}/v1.0",
            ),
            clients=wires.clients,
            limits=wires.limits,
        ),
        System.ENTRA: EntraConnector(
            facts,
            EntraDoors(person=directory, login_url=login, graph_url=f"{graph.url}/v1.0"),
            clients=wires.clients,
            limits=wires.limits,
        ),
    }


def _learned(we: We, facts: Facts, seen: Inventory) -> tuple[We, Facts]:
    """Us and the facts, with the object ids of ours that delegations to our tenant show."""
    known = {one.lower() for one in we.principals}
    more = tuple(one for one in principals_shown(seen.items, we.tenant) if one not in known)
    wiser = replace(we, principals=(*we.principals, *more))
    return wiser, replace(facts, provider=as_provider(wiser))


def _things(owned: Sequence[Owned], whose: Whose) -> tuple[Thing, ...]:
    return tuple(
        Thing(
            kind=one.item.kind,
            name=one.item.name,
            id=one.item.id,
            scope=one.item.scope,
            why=one.provenance.reasons,
        )
        for one in owned
        if one.provenance.whose is whose
    )


UNASKED = (
    Unasked(
        what="subscriptions that are not shown to who signed in",
        needs="their names, by --subscription: then they count as not seen",
    ),
    Unasked(
        what="Defender plans and tags that onboarding changed",
        needs="the record of onboarding, in the facts of a case",
    ),
    Unasked(what="administrators of the tenant, and who may become one", needs="a case; `sendoff case preflight`"),
    Unasked(what="the service of a PRTG probe on its machine", needs="a case: asking runs a command there"),
    Unasked(what="licences, terms, transfer and the reseller relationship", needs="[partner_center] in the settings"),
    Unasked(what="monitoring of the customer in our PRTG", needs="[prtg] in the settings"),
    Unasked(what="the customer's secrets in our vault", needs="[passwordstate] in the settings"),
    Unasked(what="contract, persons and branch in our service desk", needs="[topdesk] in the settings"),
    Unasked(what="users and articles in our portal", needs="[reassure] in the settings"),
)

__all__ = ["ReadOnlyLook", "Thing", "look_read_only", "settings_or_environment"]
