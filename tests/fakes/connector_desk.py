"""One sandbox with one leaving customer, the facts of that leaving, and answers to the ports that connectors use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import httpx2

from fakes.in_process import InProcess
from sendoff.connectors.wire.login.client import ClientCredentials
from sendoff.model.digest import Digest, digest_bytes
from sendoff.model.facts import Customer, Destination, Facts, LeavesCsp, Notice, Provider, ScopeRow, Supplier
from sendoff.model.inventory import Item, System, Verb
from sendoff.model.people import Contact, PersonId
from sendoff.model.places import Places
from sendoff.model.plan import NEEDS_BEFORE_IMAGE, Action
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Json, Obj, Request, arr, dig, obj, text

SLUG = "vandermeer"
ONCE = Digest("sha256:" + "ab" * 32)


@dataclass(eq=False)
class Tray:
    """A Sink that keeps everything in memory."""

    children: bool = True

    images: dict[Digest, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    secrets: list[tuple[dict[str, str], dict[str, Secret]]] = field(default_factory=list)
    approved: dict[Digest, bytes] = field(default_factory=dict)

    def image(self, data: bytes) -> Digest:
        self.images[digest_bytes(data)] = data
        return digest_bytes(data)

    def file(self, name: str, data: bytes) -> Digest:
        self.files[name] = data
        return digest_bytes(data)

    def secret(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        self.secrets.append((dict(row), dict(hidden)))

    def fetch(self, digest: Digest) -> bytes:
        return self.approved[digest]


@dataclass
class Buckets:
    """Limits that never wait, and remember."""

    taken: list[str] = field(default_factory=list)
    stopped: list[tuple[str, float]] = field(default_factory=list)

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        assert rate > 0 and burst > 0
        self.taken.append(bucket)

    def blocked(self, bucket: str, seconds: float) -> None:
        self.stopped.append((bucket, seconds))


class Desk:
    """A seeded sandbox, a client into it, and the facts of the customer who leaves."""

    def __init__(self, *, seed: int = 7, tier: str = "full-stack") -> None:
        self.sandbox = Sandbox(seed=seed, tier=tier)
        self.known = self.sandbox.known()
        self.wire = InProcess(self.sandbox)
        self.client = httpx2.Client(transport=self.wire)
        self.limits, self.tray = Buckets(), Tray()
        self.facts = facts_of(self.known)

    def clients(self) -> httpx2.Client:
        """The client of this thread."""
        return self.client

    def app(self) -> ClientCredentials:
        """Our app in the customer's tenant."""
        app = dig(self.known, "customers", SLUG, "app")
        return ClientCredentials(
            tenant=self.facts.customer.tenant,
            client_id=text(app, "client_id"),
            secret=Secret(text(app, "client_secret")),
        )

    def ours(self, name: str) -> ClientCredentials:
        """A principal of ours in our own tenant: lighthouse or house."""
        ours = dig(self.known, "msp", name)
        return ClientCredentials(
            tenant=self.facts.provider.tenant,
            client_id=text(ours, "client_id"),
            secret=Secret(text(ours, "client_secret")),
        )

    def control(self, method: str, path: str, body: Obj | None = None) -> Json:
        """One call at the control port."""
        answer = self.sandbox.answer(
            "control",
            Request(
                method=method,
                path=path,
                headers={"x-control": self.sandbox.token},
                body=json.dumps(body).encode() if body is not None else b"",
            ),
        )
        assert answer.status < 300, answer.body
        return answer.json()

    def control_objects(self, slug: str) -> Json:
        """Every object of one customer, by its key."""
        answer = self.sandbox.answer(
            "control",
            Request(
                method="GET",
                path="/world/objects",
                query=(("customer", slug),),
                headers={"x-control": self.sandbox.token},
            ),
        )
        return answer.json()

    def trouble(self, **fault: Json) -> None:
        """Switch a fault on."""
        self.control("POST", "/trouble", dict(fault))

    def calm(self) -> None:
        """Switch all faults off."""
        self.control("DELETE", "/trouble")

    def others(self) -> dict[str, Json]:
        """The digests of everybody who stays."""
        found = obj(self.control("GET", "/world/digests"))
        return {slug: value for slug, value in found.items() if slug != SLUG}

    def secrets(self) -> list[str]:
        """Every secret of ours that may appear nowhere."""
        msp, app = obj(self.known["msp"]), dig(self.known, "customers", SLUG, "app")
        keys = [text(one) for one in obj(dig(msp, "passwordstate", "list_keys")).values()]
        return [
            text(app, "client_secret"),
            text(msp, "lighthouse", "client_secret"),
            text(msp, "house", "client_secret"),
            text(msp, "prtg", "apitoken"),
            text(msp, "passwordstate", "api_key"),
            text(msp, "topdesk", "password"),
            text(msp, "reassure", "token"),
            text(msp, "github", "token"),
            text(msp, "partner_center", "client_secret"),
            text(msp, "partner_center", "refresh_token"),
            *keys,
            *self.sandbox.world.tokens,
        ]


def facts_of(known: Obj) -> Facts:
    """The facts of vandermeer's leaving, as stage 0 would have typed them."""
    mine, msp = dig(known, "customers", SLUG), dig(known, "msp")
    contacts = tuple(
        Contact(name=text(one, "name"), mail=text(one, "mail"), signatory=True) for one in arr(dig(mine, "contacts"))
    )
    new = dig(mine, "new_supplier")
    return Facts(
        customer=Customer(
            slug=SLUG,
            name=text(mine, "name"),
            tenant=text(mine, "tenant_id"),
            domains=tuple(text(one) for one in arr(dig(mine, "domains"))),
            contacts=contacts,
        ),
        provider=Provider(
            name="Intercept",
            tenant=text(msp, "tenant_id"),
            domains=(text(msp, "domain"),),
            mailbox=text(msp, "mailbox"),
            principals=(text(msp, "admin_group_id"),),
            executor=text(mine, "app", "service_principal_id"),
        ),
        contract_end=date(2026, 12, 31),
        ending=Tier.FULL_STACK,
        leaves_csp=LeavesCsp.YES,
        access_until=date(2027, 1, 31),
        scope=_scope(arr(dig(mine, "subscriptions"))),
        notice=Notice(reached=date(2026, 11, 1), evidence=ONCE, sender="x", called_back="", recorded_by=PersonId("p")),
        supplier=Supplier(name=text(new, "name"), domains=(text(new, "admin_mail").rsplit("@", 1)[-1],)),
        places=Places(
            prtg_groups=tuple(text(one) for one in arr(dig(mine, "prtg", "group_ids"))),
            prtg_probe=text(mine, "prtg", "probe_id"),
            prtg_probe_gid=text(mine, "prtg", "probe_gid"),
            prtg_objects=tuple(text(one) for one in arr(dig(mine, "prtg", "objects"))),
            vault_folder=text(mine, "passwordstate", "folder"),
            vault_lists=tuple(text(one) for one in arr(dig(mine, "passwordstate", "list_ids"))),
            topdesk_branch=text(mine, "topdesk", "branch"),
            reassure_customer=text(mine, "reassure", "customer_id"),
        ),
    )


def _scope(rows: list[Json]) -> tuple[ScopeRow, ...]:
    return tuple(
        ScopeRow(
            system=System.AZURE,
            id=text(one, "id"),
            name=text(one, "name"),
            destination=Destination.LEAVES if dig(one, "leaves") is True else Destination.STAYS,
        )
        for one in rows
    )


def deed(item: Item, verb: Verb, *, content: tuple[tuple[str, str], ...] = ()) -> Action:
    """An action on a found item, as a plan would hold it."""
    return Action(
        step=StepId("test"),
        system=item.system,
        verb=verb,
        kind=item.kind,
        target=item.id,
        name=item.name,
        scope=item.scope,
        key=item.key,
        why="a test",
        before=item.image if verb in NEEDS_BEFORE_IMAGE else None,
        content=content,
    )


def elsewhere(action: Action, *, target: str, scope: str | None = None) -> Action:
    """The same deed on something else."""
    return replace(action, target=target, scope=action.scope if scope is None else scope)


NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
