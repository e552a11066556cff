"""The connectors side by side, each with a deed that can be seen in the sandbox's own record."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from house_hands import archiving, disabling, github, issue, reassure, revoke, topdesk

from fakes.connector_desk import Desk, deed, facts_of
from fakes.microsoft_hands import partner_center, revoked, unrelating
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.office.client import OfficeDoors
from sendoff.connectors.office.connector import OfficeConnector
from sendoff.connectors.passwordstate.client import VaultDoor
from sendoff.connectors.passwordstate.connector import PasswordstateConnector
from sendoff.connectors.prtg.client import PrtgDoor
from sendoff.connectors.prtg.connector import PrtgConnector
from sendoff.model.inventory import Cell, Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.papers.rendering import JinjaPapers
from sendoff.ports import Connector
from sendoff.sandbox.wire import Obj, dig, obj, text

PRTG_URL = "https://prtg.intercept.example"
PRTG_V2_URL = "https://prtg.intercept.example:1616"
VAULT_URL = "https://vault.intercept.example"


@dataclass(frozen=True)
class Hands:
    """One connector, and what the suite needs to know of it."""

    name: str
    vendor: str
    build: Callable[[Desk], Connector]
    kind: Kind
    """A kind of which there are several, and whose number can be checked."""
    action: Callable[[Desk, Connector], Action]
    """A deed that leaves exactly one effect."""
    effect: str
    """The verb of that effect in the sandbox's record."""
    elsewhere: Callable[[Action], Action]
    """The same deed outside the scope."""
    revoke: Callable[[Desk], None]


def azure(desk: Desk) -> Connector:
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"), app=desk.app())
    return AzureConnector(
        desk.facts, doors, clients=desk.clients, limits=desk.limits, wait=lambda _: None, papers=JinjaPapers()
    )


def entra(desk: Desk) -> Connector:
    return EntraConnector(desk.facts, EntraDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)


def office(desk: Desk) -> Connector:
    doors = OfficeDoors(house=desk.ours("house"))
    return OfficeConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)


def prtg(desk: Desk) -> Connector:
    token = Secret(text(desk.known, "msp", "prtg", "apitoken"))
    return PrtgConnector(
        desk.facts, PrtgDoor(url=PRTG_URL, token=token, page=2), clients=desk.clients, limits=desk.limits
    )


def prtg_v2(desk: Desk) -> Connector:
    """The same, with API v2 for what it can do."""
    token = Secret(text(desk.known, "msp", "prtg", "apitoken"))
    door = PrtgDoor(url=PRTG_URL, token=token, page=2, url_v2=PRTG_V2_URL)
    return PrtgConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def vault(desk: Desk, staff: tuple[str, ...] = ()) -> Connector:
    ours = dig(desk.known, "msp", "passwordstate")
    keys = {ident: Secret(text(key)) for ident, key in obj(dig(ours, "list_keys")).items() if ident != "102"}
    door = VaultDoor(url=VAULT_URL, system_key=Secret(text(ours, "api_key")), list_keys=keys, staff=staff)
    return PasswordstateConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def cells(connector: Connector, kind: Kind) -> list[Cell]:
    """The cells of a kind, the first key's only."""
    found = [one for one in connector.cells() if one.kind is kind]
    return [one for one in found if one.key is found[0].key]


def seen(connector: Connector, desk: Desk, kind: Kind) -> list[Item]:
    """Everything of a kind that a look shows."""
    return [item for cell in cells(connector, kind) for item in connector.look(cell, desk.tray)]


def removal(kind: Kind, part: str) -> Callable[[Desk, Connector], Action]:
    """The removal of the first thing of a kind whose id or name has this in it."""

    def action(desk: Desk, connector: Connector) -> Action:
        found = seen(connector, desk, kind)
        return deed(next(one for one in found if part in f"{one.id} {one.name}".lower()), Verb.REMOVE)

    return action


def letter(desk: Desk, connector: Connector) -> Action:
    """A letter to the first contact of the customer."""
    body = desk.tray.image("Geachte mevrouw, hierbij bevestigen wij de opzegging. Tot ziens, café.".encode())
    desk.tray.approved[body] = desk.tray.images[body]
    content = (("letter", body), ("subject", "Bevestiging"), ("to", desk.facts.customer.contacts[0].mail))
    return Action(
        step=StepId("confirm-termination"),
        system=System.OFFICE,
        verb=Verb.SEND,
        kind=Kind.MAIL,
        target="case-1/confirmation",
        name="Bevestiging",
        scope=desk.facts.provider.mailbox,
        key=Key.HOUSE,
        why="a test",
        content=content,
    )


def _revoke_app(part: str) -> Callable[[Desk], None]:
    def revoke(desk: Desk) -> None:
        app = desk.app() if part == "app" else desk.ours(part)
        desk.sandbox.world.secrets[app.client_id] = "rotated"

    return revoke


def _revoke_prtg(desk: Desk) -> None:
    desk.sandbox.world.msp["prtg"] = {**obj(desk.sandbox.world.msp["prtg"]), "apitoken": "rotated"}


def _revoke_vault(desk: Desk) -> None:
    nobody: Obj = {}
    desk.sandbox.world.msp["passwordstate"] = {"api_key": "rotated", "list_keys": nobody}


def _other_subscription(action: Action) -> Action:
    other = "11111111-2222-4333-8444-555555555555"
    return replace(action, target=action.target.replace(action.scope, other), scope=other)


HANDS = (
    Hands("azure", "arm", azure, Kind.RESOURCE, removal(Kind.POLICY_ASSIGNMENT, "int-deny-public-ip"), "removed",
          _other_subscription, _revoke_app("lighthouse")),
    Hands("entra", "graph", entra, Kind.USER, removal(Kind.GUEST, "emma"), "removed",
          lambda one: replace(one, scope="11111111-2222-4333-8444-555555555555"), _revoke_app("app")),
    Hands("office", "graph", office, Kind.MAIL, letter, "sent",
          lambda one: replace(one, content=(*one.content, ("to", "somebody@elsewhere.example"))), _revoke_app("house")),
    Hands("prtg", "prtg", prtg, Kind.PRTG_GROUP, removal(Kind.PRTG_GROUP, "netwerk"), "removed",
          lambda one: replace(one, target="3001"), _revoke_prtg),
    Hands("prtg-v2", "prtg", prtg_v2, Kind.PRTG_GROUP, removal(Kind.PRTG_GROUP, "netwerk"), "removed",
          lambda one: replace(one, target="3001"), _revoke_prtg),
    Hands("passwordstate", "passwordstate", vault, Kind.SECRET, removal(Kind.SECRET, "account 1002"), "removed",
          lambda one: replace(one, target="2001", scope="201"), _revoke_vault),
    Hands("topdesk", "topdesk", topdesk, Kind.CONTACT_PERSON, archiving, "changed",
          lambda one: replace(one, scope="VDA-001"), revoke("topdesk", "password")),
    Hands("reassure", "reassure", reassure, Kind.PORTAL_USER, disabling, "changed",
          lambda one: replace(one, target="RA-1002-U1"), revoke("reassure", "token")),
    Hands("github", "github", github, Kind.ISSUE, issue, "created",
          lambda one: replace(one, target="vandermeer-advocaten.case0"), revoke("github", "token")),
    Hands("partner-center", "partner-center", partner_center, Kind.COMMITMENT, unrelating, "changed",
          lambda one: replace(one, scope="11111111-2222-4333-8444-555555555555"), revoked),
)  # fmt: skip


def another(desk: Desk) -> Desk:
    """The same sandbox as seen from the desk of a customer who stays."""
    twin = object.__new__(Desk)
    twin.__dict__.update(desk.__dict__)
    mine = facts_of(desk.known)
    twin.facts = replace(mine, customer=replace(mine.customer, slug="meerzicht"))
    return twin
