"""The two ways in: Partner Center with an app and a person, and our own delegated relationships with an app."""

import threading
from collections.abc import Callable
from uuid import UUID

from sendoff.connectors.partner_center.client import (
    GRAPH_AUDIENCE,
    SCOPE,
    SYSTEM,
    Partner,
    PartnerCenterDoors,
    Relationships,
    graph_code,
    partner_code,
)
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.client import TokenSource
from sendoff.connectors.wire.login.refresh_client import RefreshTokens
from sendoff.connectors.wire.login.sources import source_of
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.key import Key
from sendoff.ports import Limits


class Entrance:
    """Makes each wire once. Denied without its key, Refused when the key is another tenant's than ours."""

    def __init__(self, facts: Facts, doors: PartnerCenterDoors, clients: Clients, limits: Limits) -> None:
        self._facts, self._doors, self._clients, self._limits = facts, doors, clients, limits
        self._lock = threading.Lock()
        self._partner: Partner | None = None
        self._relationships: Relationships | None = None

    def partner(self, key: Key) -> Partner:
        """Partner Center; what a person does there is looked at with the same key."""
        if key not in (Key.PARTNER_CENTER, Key.PERSON):
            raise Denied(f"{key} is no key for Partner Center", system=SYSTEM, code="NoKey")
        with self._lock:
            if self._partner is None:
                tokens, ours = self._person(), self._facts.provider.tenant.lower()
                http = self._http(self._doors.url, tokens, f"partner-center|{ours}", partner_code)
                self._partner = Partner(http, plain(self._facts.customer.tenant), tokens.fresh)
            return self._partner

    def _person(self) -> TokenSource:
        """Whoever signed in for this run, else the person behind the refresh token."""
        who = self._doors.app_user
        if self._doors.person is not None:
            return self._doors.person
        if who is None:
            why = "we hold no key for Partner Center: somebody in Admin agents signs in for the run (--sign-in)"
            raise Denied(why, system=SYSTEM, code="NoKey")
        self._ours(who.tenant)
        return RefreshTokens(
            system=SYSTEM,
            who=who,
            scope=SCOPE,
            login_url=self._doors.login_url,
            clients=self._clients,
            limits=self._limits,
            bucket="login|house|partner-center",
        )

    def relationships(self) -> Relationships:
        """Microsoft Graph in our own tenant, for the delegated relationships only."""
        who = self._doors.house
        if who is None:
            raise Denied("we hold no house key to read our delegated relationships", system=SYSTEM, code="NoKey")
        self._ours(who.tenant)
        with self._lock:
            if self._relationships is None:
                tokens = source_of(
                    who,
                    system=SYSTEM,
                    audience=GRAPH_AUDIENCE,
                    login_url=self._doors.login_url,
                    clients=self._clients,
                    limits=self._limits,
                    bucket="login|house|graph",
                )
                http = self._http(self._doors.graph_url, tokens, f"graph|{who.tenant}|gdap", graph_code)
                self._relationships = Relationships(http, tokens.fresh)
            return self._relationships

    def _ours(self, tenant: str) -> None:
        if tenant.lower() != self._facts.provider.tenant.lower():
            raise Refused("the key belongs to another tenant than ours; nothing was done")

    def _http(self, base: str, tokens: TokenSource, bucket: str, code: Callable[[bytes], str]) -> Http:
        return Http(
            system=SYSTEM,
            base=base,
            bucket=bucket,
            clients=self._clients,
            limits=self._limits,
            sign=tokens.sign,
            code=code,
        )


def plain(ident: str) -> str:
    """The id, when it is a plain one that leads nowhere else in a path; else Refused. GDAP's is two guids."""
    try:
        return "-".join(str(UUID(ident[at : at + 36])) for at in range(0, max(len(ident), 1), 37))
    except ValueError:
        pass
    raise Refused(f"{ident!r} is not an id of Partner Center")
