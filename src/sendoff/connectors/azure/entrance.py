"""The ways into a customer's Azure: a wire for each key and leaving subscription, made once and checked once."""

import threading

from sendoff.connectors.azure.client import AUDIENCE, GRAPH_AUDIENCE, IN_USE, SYSTEM, Arm, AzureDoors, arm_code
from sendoff.connectors.azure.ids import bare
from sendoff.connectors.azure.versions import Versions
from sendoff.connectors.wire.body import text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.client import TokenSource
from sendoff.connectors.wire.login.sources import AppKey, source_of
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.key import Key
from sendoff.ports import Limits


class Entrance:
    """Denied without a key; Refused outside the subscriptions that leave, and for another tenant's."""

    def __init__(self, facts: Facts, doors: AzureDoors, clients: Clients, limits: Limits) -> None:
        self._facts, self._doors, self._clients, self._limits = facts, doors, clients, limits
        self.leaving = tuple(bare(row.id) for row in facts.leaving if row.system is System.AZURE)
        self._versions = Versions()
        self._arms: dict[tuple[Key, str, bool], Arm] = {}
        self._sources: dict[tuple[Key, str, bool], TokenSource] = {}
        self._lock = threading.Lock()

    def holds(self, key: Key) -> bool:
        """Whether we hold this key; a person who signed in to look stands in for Lighthouse, and for nothing else."""
        if self._doors.person:
            return key is Key.LIGHTHOUSE
        return self._doors.aobo is not None if key is Key.AOBO else self._door(key) is not None

    def arm(self, key: Key, scope: str, *, looks: bool = False) -> Arm:
        """The wire to a leaving subscription, whose tenant is asked for when it is made. Who `looks` comes in as
        another identity than who acts, where we have one."""
        subscription, looks = bare(scope), looks and key is Key.LIGHTHOUSE and self._doors.reader is not None
        if subscription not in self.leaving:
            raise Refused(f"subscription {scope} is not leaving with {self._facts.customer.slug}; nothing was done")
        with self._lock:
            arm = self._arms.get((key, subscription, looks))
        if arm is None:
            arm = self._made(key, subscription, looks)
            self.same_customer(arm)
            with self._lock:
                arm = self._arms.setdefault((key, subscription, looks), arm)
        return arm

    def untried(self, key: Key, scope: str, *, looks: bool = False) -> Arm:
        """The wire to a leaving subscription without a question first: to try whether it opens anything at all."""
        subscription = bare(scope)
        if subscription not in self.leaving:
            raise Refused(f"subscription {scope} is not leaving with {self._facts.customer.slug}; nothing was tried")
        return self._made(key, subscription, looks and self._doors.reader is not None)

    def home(self, scope: str) -> Arm:
        """The wire to a subscription of our own that the settings name, by the principal we have in our own tenant."""
        subscription, provider = bare(scope), self._facts.provider
        if subscription not in {bare(one) for one in provider.marks.subscriptions} - set(self.leaving):
            raise Refused(f"subscription {scope} is not one of ours; nothing was read")
        arm = self._made(Key.LIGHTHOUSE, subscription)
        tenant = text(arm.subscription(), "tenantId")
        if tenant.lower() != provider.tenant.lower():
            raise Refused(f"{arm.root} belongs to tenant {tenant}, not to us")
        return arm

    def same_customer(self, arm: Arm) -> None:
        """The subscription must say the tenant that the case says."""
        tenant = text(arm.subscription(), "tenantId")
        if tenant.lower() != self._facts.customer.tenant.lower():
            raise Refused(f"{arm.root} belongs to tenant {tenant}, not to {self._facts.customer.slug}")

    def directory(self) -> Http | None:
        """The wire to the customer's directory, to ask who principals are; None when we have no way in there."""
        if self._doors.person:
            source = self._doors.directory
        else:
            source = self._source(Key.APP, GRAPH_AUDIENCE) if self._doors.app else None
        if source is None:
            return None
        return Http(
            system=SYSTEM,
            base=self._doors.graph_url,
            bucket=f"graph|{self._facts.customer.slug}|{Key.APP}|{self._facts.customer.tenant.lower()}",
            clients=self._clients,
            limits=self._limits,
            sign=source.sign,
            code=arm_code,
        )

    def _door(self, key: Key) -> AppKey | None:
        return {Key.LIGHTHOUSE: self._doors.lighthouse, Key.APP: self._doors.app}.get(key)

    def _made(self, key: Key, subscription: str, looks: bool = False) -> Arm:
        source, who = self._source(key, looks=looks), "reader" if looks else key
        http = Http(
            system=SYSTEM,
            base=self._doors.arm_url,
            clients=self._clients,
            limits=self._limits,
            sign=source.sign,
            bucket=f"arm|{self._facts.customer.slug}|{who}|{subscription}",
            code=arm_code,
            busy=IN_USE,
        )
        return Arm(http, subscription, source.fresh, self._versions)

    def _source(self, key: Key, audience: str = AUDIENCE, *, looks: bool = False) -> TokenSource:
        door = self._doors.reader if looks else self._door(key)
        if self._doors.person and self.holds(key):
            return self._doors.person
        if self._doors.aobo and key is Key.AOBO:
            return self._doors.aobo
        if self._doors.person or door is None:
            raise Denied(f"we hold no {key} key for this customer", system=SYSTEM, code="NoKey")
        home = {Key.LIGHTHOUSE: self._facts.provider.tenant, Key.APP: self._facts.customer.tenant}[key]
        if door.tenant.lower() != home.lower():
            raise Refused(f"the {key} key belongs to another tenant than this case; nothing was done")
        with self._lock:
            return self._sources.setdefault(
                (key, audience, looks),
                source_of(
                    door,
                    system=SYSTEM,
                    audience=audience,
                    login_url=self._doors.login_url,
                    clients=self._clients,
                    limits=self._limits,
                    bucket=f"login|{self._facts.customer.slug}|{'reader' if looks else key}",
                ),
            )
