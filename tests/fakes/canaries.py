"""Secrets seeded in every system of the sandbox, each told from all others, and what of our own is as secret."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence

from fakes.houses import LEAVER
from fakes.in_process import InProcess
from sendoff.sandbox.arm_ids import CONTENT, DEPLOYMENT, SUBSCRIPTION, VARIABLE
from sendoff.sandbox.graph_mail import deliver
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Json, Obj, arr, obj, text
from sendoff.sandbox.world import Thing, World

KEYS = frozenset(
    {
        "client_secret",
        "apitoken",
        "passhash",
        "password",
        "token",
        "api_key",
        "refresh_token",
        "access_token",
        "device_code",
        "temporaryAccessPass",
        "secretText",
    }
)
"""Names under which a vendor hands out what opens something."""
Secrets = dict[str, str]
SOMEBODYS = "{}#1"
"""The issue in our repository that somebody else wrote."""


class Planting:
    """Puts canaries into a world, and remembers each by where it was put."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made: Secrets = {}

    def canary(self, where: str) -> str:
        """A new one, with everything in it that a writer may escape."""
        told = self.world.guid("canary", where)[:18]
        self.made[where] = f"Reiger \"{told}\" & 'zilver' </é>\\7"
        return self.made[where]

    def vault(self) -> None:
        """Passwordstate: passwords, codes, notes, generic fields, documents and history."""
        for at, one in enumerate(self._mine("vault", "password")):
            one.raw["Password"] = self.canary(f"vault password {one.id}")
            if at % 8 == 0:
                one.raw |= {"OTP": self.canary(f"vault OTP {one.id}"), "Notes": self.canary(f"vault notes {one.id}")}
                one.raw["GenericField4"] = self.canary(f"vault field {one.id}")
                one.raw["History"] = [{"Password": self.canary(f"vault history {one.id}")}]
            for number, paper in enumerate(arr(one.raw.get("Documents"))):
                content = self.canary(f"vault document {one.id}/{number}")
                obj(paper)["Content"] = base64.b64encode(content.encode()).decode()

        for kind in ("list", "folder"):
            for one in self._mine("vault", kind)[:1]:
                kept = base64.b64encode(self.canary(f"vault paper of {kind} {one.id}").encode()).decode()
                one.raw["Documents"] = [{"DocumentID": 900 + len(kind), "DocumentName": "plan.pdf", "Content": kept}]

    def azure(self) -> None:
        """Azure: where a password hides in what the management plane shows."""
        web, mine = "/resourceGroups/rg-web", "/resourceGroups/rg-intercept-mgmt"
        aa = f"{mine}/providers/Microsoft.Automation/automationAccounts/aa-intercept"
        first = f"{web}/providers/Microsoft.Resources/deployments/canary"
        told: Obj = {"adminPassword": {"type": "String", "value": self.canary("azure deployment parameter")}}
        self._arm(DEPLOYMENT, first, {"properties": {"mode": "Incremental", "parameters": told}})
        settings: list[Json] = [{"name": "DB_PASSWORD", "value": self.canary("azure app setting")}]
        strings: list[Json] = [{"name": "main", "connectionString": self.canary("azure connection string")}]
        site: Obj = {"siteConfig": {"appSettings": settings, "connectionStrings": strings}}
        tags: Obj = {"dbPassword": self.canary("azure tag")}
        there = f"{web}/providers/Microsoft.Web/sites/app-canary"
        self._arm("microsoft.web/sites", there, {"location": "westeurope", "tags": tags, "properties": site})
        value: Obj = {"value": self.canary("azure automation variable")}
        self._arm(VARIABLE, f"{aa}/variables/canary", {"properties": value})
        script = f"$password = '{self.canary('azure runbook')}'"
        self._arm(CONTENT, f"{aa}/runbooks/rb-patching/content", {"text": script})

    def house(self) -> None:
        """Directory, monitoring, service desk, portal and Partner Center: fields that a careless answer may show."""
        for system, kind, name in (
            ("graph", "user", "passwordProfile"),
            ("graph", "application", "passwordCredentials"),
            ("prtg", "device", "windowsloginpassword"),
            ("topdesk", "person", "tasPassword"),
            ("topdesk", "incident", "remotePassword"),
            ("topdesk", "branch", "wifi-password"),
            ("topdesk", "asset", "admin-password"),
            ("reassure", "user", "password"),
            ("reassure", "report", "access_token"),
            ("reassure", "article", "api_key"),
            ("partner-center", "customer", "password"),
        ):
            found = self._mine(system, kind)
            assert found or system in ("graph", "partner-center"), (system, kind)
            for one in found[:3]:
                secret = self.canary(f"{system} {kind} {one.id}")
                one.raw[name] = [{"secretText": secret}] if name.endswith("s") else secret

    def mail(self, sender: str) -> None:
        """Mail: somebody writes a password into a mail to our mailbox."""
        words = f"The password is {self.canary('a mail to us')}\n{'0' * 64}"
        deliver(self.world, text(self.world.msp, "mailbox"), sender, "About the export", words)

    def github(self) -> None:
        """GitHub: somebody writes a password into an issue of the same repository, and into a comment on it."""
        repo = text(self.world.msp, "github", "repository")
        at = "2026-11-01T09:00:00Z"
        dates: Obj = {"created_at": at, "updated_at": at, "closed_at": None}
        issue: Obj = {"number": 1, "title": "The export", "body": f"password: {self.canary('github issue')}", **dates}
        more: Obj = {"labels": ["ISSUE"], "state": "open", "state_reason": None}
        self.world.add(Thing("github", "issue", SOMEBODYS.format(repo), "msp", {**issue, **more}, repo))
        comment: Obj = {"body": f"it is {self.canary('github comment')}", **dates}
        self.world.add(Thing("github", "comment", "9001", "msp", comment, SOMEBODYS.format(repo)))

    def _mine(self, system: str, kind: str) -> list[Thing]:
        return [one for one in self.world.all(system, kind) if one.owner in (LEAVER, "msp")]

    def _arm(self, kind: str, ident: str, raw: Obj) -> None:
        sub = next(one.place for one in self.world.all("arm", SUBSCRIPTION) if one.owner == LEAVER)
        whole: Obj = {"id": f"/subscriptions/{sub}{ident}", "name": ident.rsplit("/", 1)[-1], "type": kind, **raw}
        self.world.add(Thing("arm", kind, text(whole, "id"), LEAVER, whole, sub))


def planted(sandbox: Sandbox) -> Secrets:
    """Canaries in every system of this sandbox, by where each was put; the same for the same seed and tier."""
    planting = Planting(sandbox.world)
    for plant in (planting.vault, planting.azure, planting.house, planting.github):
        plant()
    contacts = arr(sandbox.world.customers[LEAVER].known.get("contacts"))
    planting.mail(text(obj(contacts[1]), "mail"))
    return planting.made


def our_keys(sandbox: Sandbox) -> Secrets:
    """Every key of ours in this sandbox, by its name on file."""
    known: Obj = {"msp": sandbox.world.msp, LEAVER: sandbox.world.customers[LEAVER].known}
    found = {name: value for name, value in _keys(known, "our key") if len(value) >= 12}
    lists = obj(obj(sandbox.world.msp.get("passwordstate")).get("list_keys"))
    return found | {f"our key of list {number}": text(value) for number, value in lists.items()}


def handed_out(wire: InProcess) -> Secrets:
    """Every token, pass and code that a vendor gave to this program."""
    found: Secrets = {}
    for number, (request, response) in enumerate(wire.answered):
        if not any(name.encode() in response.content for name in KEYS):
            continue
        body: Json = json.loads(response.content) if response.content[:1] in (b"{", b"[") else None
        for name, value in _keys(body, f"{number} {request.url.host}"):
            if len(value) >= 12 and "Reiger" not in value and value not in found.values():
                found[name] = value
    return found


def _keys(value: Json, way: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in KEYS and isinstance(inner, str):
                yield f"{way} {name}", inner
            else:
                yield from _keys(inner, f"{way} {name}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for at, inner in enumerate(value):
            yield from _keys(inner, f"{way} {at}")
