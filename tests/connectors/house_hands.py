"""The connectors of our own house: the service desk, the portal, and the repository with the checklists."""

from collections.abc import Callable

from fakes.connector_desk import Desk
from sendoff.connectors.github.client import GithubDoor
from sendoff.connectors.github.connector import GithubConnector
from sendoff.connectors.reassure.client import ReassureDoor
from sendoff.connectors.reassure.connector import ReassureConnector
from sendoff.connectors.topdesk.client import TopdeskDoor
from sendoff.connectors.topdesk.connector import TopdeskConnector
from sendoff.model.digest import Digest
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.plan import NEEDS_BEFORE_IMAGE, Action
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.ports import Connector
from sendoff.sandbox.wire import Json, obj, text

TOPDESK_URL = "https://intercept.topdesk.example"
REASSURE_URL = "https://reassure.intercept.example"
REASON = "No longer a customer"


def topdesk(desk: Desk, *, mode: str = "sla", template: str = "", reason: str = REASON) -> TopdeskConnector:
    door = TopdeskDoor(
        url=TOPDESK_URL,
        login=text(desk.known, "msp", "topdesk", "login"),
        password=Secret(text(desk.known, "msp", "topdesk", "password")),
        mode=mode,
        asset_template=template,
        archive_reason=reason,
        page=2,
    )
    return TopdeskConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def reassure(desk: Desk) -> ReassureConnector:
    token = Secret(text(desk.known, "msp", "reassure", "token"))
    door = ReassureDoor(url=REASSURE_URL, token=token, page=2)
    return ReassureConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def github(desk: Desk, repository: str = "") -> GithubConnector:
    ours = obj(desk.known["msp"])["github"]
    door = GithubDoor(token=Secret(text(ours, "token")), repository=repository or text(ours, "repository"), page=5)
    return GithubConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def act(
    connector: Connector,
    kind: Kind,
    verb: Verb,
    target: str,
    scope: str,
    *content: tuple[str, str],
    before: Digest | None = None,
) -> Action:
    """An action on something that no look found."""
    return Action(
        step=StepId("test"),
        system=connector.system,
        verb=verb,
        kind=kind,
        target=target,
        name=target,
        scope=scope,
        key=connector.able[(kind, verb)].key,
        why="a test",
        content=content,
        before=before or (Digest("sha256:" + "0" * 64) if verb in NEEDS_BEFORE_IMAGE else None),
    )


def approved(desk: Desk, data: bytes) -> Digest:
    """Bytes that were approved with the plan."""
    kept = desk.tray.image(data)
    desk.tray.approved[kept] = data
    return kept


def found(connector: Connector, desk: Desk, kind: Kind) -> list[Item]:
    """Everything of a kind that a look shows."""
    return [one for cell in connector.cells() if cell.kind is kind for one in connector.look(cell, desk.tray)]


def archiving(desk: Desk, connector: Connector) -> Action:
    """The archiving of the first contact person."""
    one = found(connector, desk, Kind.CONTACT_PERSON)[0]
    return act(connector, one.kind, Verb.END, one.id, one.scope, before=one.image)


def disabling(desk: Desk, connector: Connector) -> Action:
    """The disabling of the second user of the portal."""
    one = found(connector, desk, Kind.PORTAL_USER)[1]
    return act(connector, one.kind, Verb.DISABLE, one.id, one.scope, before=one.image)


def checklist(marker: str) -> bytes:
    """A small checklist with the marks of a case and of two steps, and lines that end in CR LF."""
    lines = (
        "# Offboarding",
        f"<!-- sendoff case:{marker} -->",
        "",
        "- [ ] Remove the policies <!-- sendoff step:remove-policies -->",
        "  - [ ] Café ☕ [ ] not ours",
        "- [ ] Remove Lighthouse <!-- sendoff step:remove-lighthouse -->",
        "",
    )
    return "\r\n".join(lines).encode()


def issue(desk: Desk, connector: Connector, number: int = 0) -> Action:
    """The making of the issue of a case."""
    marker = f"{desk.facts.customer.mark}.case{number}"
    content = (("title", f"Offboarding {number}"), ("body", approved(desk, checklist(marker))), ("label", "leaves"))
    return act(connector, Kind.ISSUE, Verb.CREATE, marker, connector.cells()[0].scope, *content)


def revoke(vendor: str, name: str) -> Callable[[Desk], None]:
    """The key of a vendor is changed at the vendor."""

    def go(desk: Desk) -> None:
        rotated: Json = "rotated"
        desk.sandbox.world.msp[vendor] = {**obj(desk.sandbox.world.msp[vendor]), name: rotated}

    return go
