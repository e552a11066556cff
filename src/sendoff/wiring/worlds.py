"""The answer to the port World: which connector reaches which system, with which doors."""

import ssl
import threading
from collections.abc import Callable, Mapping

from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.entra.client import AUDIENCE as GRAPH
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.github.client import GithubDoor
from sendoff.connectors.github.connector import GithubConnector
from sendoff.connectors.office.client import OfficeDoors
from sendoff.connectors.office.connector import OfficeConnector
from sendoff.connectors.partner_center.client import GRAPH_URL, PARTNER_URL, PartnerCenterDoors
from sendoff.connectors.partner_center.connector import PartnerCenterConnector
from sendoff.connectors.passwordstate.connector import PasswordstateConnector
from sendoff.connectors.prtg.client import PrtgDoor
from sendoff.connectors.prtg.connector import PrtgConnector
from sendoff.connectors.reassure.client import ReassureDoor
from sendoff.connectors.reassure.connector import ReassureConnector
from sendoff.connectors.smtp.connector import SmtpConnector
from sendoff.connectors.topdesk.client import TopdeskDoor
from sendoff.connectors.topdesk.connector import TopdeskConnector
from sendoff.connectors.wire.login.client import ClientCredentials, TokenSource
from sendoff.connectors.wire.login.identity_client import Identity, Way
from sendoff.connectors.wire.login.refresh_client import RefreshGrant
from sendoff.connectors.wire.login.sources import AppKey
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.issue import IssueStyle
from sendoff.papers.rendering import JinjaPapers
from sendoff.ports import Clock, Connector, Limits
from sendoff.settings import App, AppUser, GraphSettings, Settings, TopdeskSettings
from sendoff.wiring.clocks import SystemClock
from sendoff.wiring.ourmail import post_door, post_url, returns_door
from sendoff.wiring.ourvault import OurVault
from sendoff.wiring.pools import Clients
from sendoff.wiring.signingin import Persons, nobody


class SettingsWorld:
    """The systems of one provider as the settings name them. `clock` and `trust` are for plain mail: the time that it
    carries, and whom to believe besides the machine's own authorities."""

    def __init__(
        self,
        settings: Settings,
        limits: Limits,
        clients: Clients,
        *,
        name: str,
        sandbox: bool,
        clock: Clock | None = None,
        trust: ssl.SSLContext | None = None,
        people: Persons = nobody,
    ) -> None:
        self.settings, self.limits, self.clients, self.people = settings, limits, clients, people
        self._clock, self.trust = clock or SystemClock(), trust
        self.id, self.sandbox = name, sandbox
        self.addresses: Mapping[System, str] = _addresses(settings)
        self.issues = _issues(settings)
        self._made: dict[tuple[Facts, System], Connector | None] = {}
        self._lock = threading.Lock()
        self.vault = OurVault()

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands in a system for one customer, made once for the same facts."""
        place = (facts, system)
        with self._lock:
            if place not in self._made:
                maker = _MAKERS.get(system)
                self._made[place] = maker(self, facts) if maker else None
            return self._made[place]

    def _app(self, facts: Facts) -> AppKey | None:
        row = self.settings.customers.get(facts.customer.slug)
        return credentials(row.app if row else None, facts.customer.tenant, f"customers.{facts.customer.slug}.app")

    def _person(self, facts: Facts, audience: str) -> TokenSource | None:
        """Whoever signed in for this run, in the customer's tenant: as partner (AOBO, GDAP) or with an account."""
        person = self.people(None)
        return person.tokens(audience, facts.customer.tenant) if person else None

    def _azure(self, facts: Facts) -> Connector | None:
        azure = self.settings.azure
        if azure is None:
            return None
        doors = AzureDoors(
            lighthouse=credentials(azure.lighthouse, facts.provider.tenant, "azure.lighthouse"),
            app=self._app(facts),
            reader=credentials(azure.lighthouse_reader, facts.provider.tenant, "azure.lighthouse_reader"),
            aobo=self._person(facts, ARM),
            login_url=self.settings.login.url,
            arm_url=azure.url,
            graph_url=f"{(self.settings.graph or GraphSettings()).url}/v1.0",
        )
        return AzureConnector(
            facts, doors, clients=self.clients, limits=self.limits, now=self._clock.now, papers=JinjaPapers()
        )

    def _entra(self, facts: Facts) -> Connector | None:
        graph, app, person = self.settings.graph, self._app(facts), self._person(facts, GRAPH)
        if graph is None or (app is None and person is None):
            return None
        doors = EntraDoors(
            app=app,
            gdap=person,
            control=credentials(graph.house, facts.provider.tenant, "graph.house"),
            login_url=self.settings.login.url,
            graph_url=f"{graph.url}/v1.0",
        )
        return EntraConnector(facts, doors, clients=self.clients, limits=self.limits, now=self._clock.now)

    def _office(self, facts: Facts) -> Connector | None:
        graph = self.settings.graph
        house = credentials(graph.house if graph else None, facts.provider.tenant, "graph.house")
        if graph is None or house is None:
            return self._post(facts)
        doors = OfficeDoors(house=house, login_url=self.settings.login.url, graph_url=f"{graph.url}/v1.0")
        return OfficeConnector(facts, doors, clients=self.clients, limits=self.limits)

    def _post(self, facts: Facts) -> Connector | None:
        """Plain mail, where we have no house app for Microsoft Graph."""
        smtp = self.settings.smtp
        if smtp is None:
            return None
        door = post_door(smtp)
        back = returns_door(smtp)
        return SmtpConnector(facts, door, limits=self.limits, clock=self._clock, context=self.trust, returns=back)

    def _prtg(self, facts: Facts) -> Connector | None:
        prtg = self.settings.prtg
        if prtg is None:
            return None
        door = PrtgDoor(
            url=prtg.url,
            token=prtg.token.read("prtg.token"),
            tags=tuple(prtg.tags),
            others=tuple(self.settings.customers),
            history_days=prtg.history_days,
            history_average=prtg.history_average,
            history_per_minute=prtg.history_per_minute,
            url_v2=prtg.url_v2,
        )
        return PrtgConnector(facts, door, clients=self.clients, limits=self.limits, now=self._clock.now)

    def _passwordstate(self, facts: Facts) -> Connector | None:
        vault = self.settings.passwordstate
        if vault is None:
            return None
        door, now = self.vault.door(vault), self._clock.now
        return PasswordstateConnector(facts, door, clients=self.clients, limits=self.limits, now=now)

    def _partner_center(self, facts: Facts) -> Connector | None:
        doors = partner_doors(self.settings, facts.provider.tenant, self.people)
        if doors is None:
            return None
        return PartnerCenterConnector(facts, doors, clients=self.clients, limits=self.limits)

    def _topdesk(self, facts: Facts) -> Connector | None:
        told = self.settings.topdesk
        if told is None or not facts.places.topdesk_branch:
            return None
        door = desk_door(told)
        return TopdeskConnector(facts, door, clients=self.clients, limits=self.limits)

    def _reassure(self, facts: Facts) -> Connector | None:
        told = self.settings.reassure
        if told is None or not facts.places.reassure_customer:
            return None
        door = ReassureDoor(url=told.url, token=told.token.read("reassure.token"), paths=told.paths, fields=told.fields)
        return ReassureConnector(facts, door, clients=self.clients, limits=self.limits)

    def _github(self, facts: Facts) -> Connector | None:
        told = self.settings.github
        if told is None:
            return None
        door = GithubDoor(url=told.url, token=told.token.read("github.token"), repository=told.repository)
        return GithubConnector(facts, door, clients=self.clients, limits=self.limits)


_MAKERS: Mapping[System, Callable[[SettingsWorld, Facts], Connector | None]] = {
    System.AZURE: SettingsWorld._azure,
    System.ENTRA: SettingsWorld._entra,
    System.OFFICE: SettingsWorld._office,
    System.PRTG: SettingsWorld._prtg,
    System.PASSWORDSTATE: SettingsWorld._passwordstate,
    System.PARTNER_CENTER: SettingsWorld._partner_center,
    System.TOPDESK: SettingsWorld._topdesk,
    System.REASSURE: SettingsWorld._reassure,
    System.GITHUB: SettingsWorld._github,
}


def partner_doors(settings: Settings, tenant: str, people: Persons = nobody) -> PartnerCenterDoors | None:
    """Partner Center as our own tenant comes in; None when it is not configured."""
    partner, graph = settings.partner_center, settings.graph
    if partner is None:
        return None
    told = partner.app_user
    person = people(told)
    return PartnerCenterDoors(
        app_user=_refreshed(told, tenant) if person is None else None,
        person=person.tokens(PARTNER_URL, tenant) if person else None,
        house=credentials(graph.house if graph else None, tenant, "graph.house"),
        login_url=settings.login.url,
        url=partner.url,
        graph_url=f"{graph.url}/v1.0" if graph else GRAPH_URL,
        accept_by_api=partner.accept_by_api,
    )


def _refreshed(told: AppUser, tenant: str) -> RefreshGrant | None:
    if told.refresh_token is None:
        return None
    return RefreshGrant(
        tenant=tenant,
        client_id=told.client_id,
        secret=told.secret.read("partner_center.app_user.secret"),
        refresh_token=told.refresh_token.read("partner_center.app_user.refresh_token"),
    )


def desk_door(told: TopdeskSettings) -> TopdeskDoor:
    """Our service desk with its operator. BadInput when the source of the password is empty."""
    return TopdeskDoor(
        url=told.url,
        login=told.login,
        password=told.password.read("topdesk.password"),
        mode=told.contract_mode,
        asset_template=told.asset_template,
        archive_reason=told.archive_reason,
        operator_group=told.operator_group,
        changes=told.changes,
        activities=told.activities,
        assets=told.assets,
    )


def credentials(app: App | None, tenant: str, what: str) -> AppKey | None:
    """An app in a tenant with what proves it; None when there is no app. BadInput when the source of that is empty."""
    if app is None:
        return None
    if app.secret:
        return ClientCredentials(tenant=tenant, client_id=app.client_id, secret=app.secret.read(f"{what}.secret"))
    proof = app.certificate
    password = proof.password.read(f"{what}.certificate.password") if proof and proof.password else None
    way = Way.CERTIFICATE if proof else Way(app.by)
    file = proof.file.expanduser() if proof else None
    return Identity(tenant=tenant, client_id=app.client_id, way=way, certificate=file, password=password)


def _issues(settings: Settings) -> IssueStyle | None:
    told = settings.github
    if told is None:
        return None
    return IssueStyle(repository=told.repository, labels=tuple(told.labels), name_customer=told.name_customer)


def _office_address(settings: Settings) -> str:
    if settings.smtp and not (settings.graph and settings.graph.house):
        return post_url(settings.smtp)
    return settings.graph.url if settings.graph else ""


def _addresses(settings: Settings) -> Mapping[System, str]:
    found = {
        System.AZURE: settings.azure.url if settings.azure else "",
        System.ENTRA: settings.graph.url if settings.graph else "",
        System.OFFICE: _office_address(settings),
        System.PRTG: settings.prtg.url if settings.prtg else "",
        System.PASSWORDSTATE: settings.passwordstate.url if settings.passwordstate else "",
        System.PARTNER_CENTER: settings.partner_center.url if settings.partner_center else "",
        System.TOPDESK: settings.topdesk.url if settings.topdesk else "",
        System.REASSURE: settings.reassure.url if settings.reassure else "",
        System.GITHUB: settings.github.url if settings.github else "",
    }
    return {system: url for system, url in found.items() if url}
