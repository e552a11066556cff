"""Doctor's questions to the vendors: every key of our own house is tried once, and each customer's app. Only reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.subscriptions import subscriptions
from sendoff.connectors.partner_center.client import Partner
from sendoff.connectors.partner_center.entrance import Entrance
from sendoff.connectors.passwordstate.client import Vault
from sendoff.connectors.smtp.client import Post, trusting
from sendoff.connectors.smtp.returns_client import Returns
from sendoff.connectors.topdesk.client import ServiceDesk, signed, topdesk_code
from sendoff.connectors.wire.circuit import OPEN
from sendoff.connectors.wire.client import Http
from sendoff.connectors.wire.login.client import TokenSource
from sendoff.connectors.wire.login.sources import AppKey, source_of
from sendoff.engine.look import parallel
from sendoff.model.errors import BadInput, Confusing, Denied, Refused, SendoffError, Unreachable
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.key import Key
from sendoff.model.places import Places
from sendoff.model.template import Tier
from sendoff.wiring.house import House
from sendoff.wiring.onlylooking import facts_for_looking
from sendoff.wiring.ourmail import post_door, returns_door
from sendoff.wiring.worlds import credentials, desk_door, partner_doors

BUCKET = "doctor"
NO_CUSTOMER = "sendoff-doctor"
"""A customer that no system has: what is told about them tells that our key was taken."""


class State(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing that doctor looked at, and what to do about it."""

    subject: str
    state: State
    said: str

    @property
    def good(self) -> bool:
        """True when there is nothing to do."""
        return self.state is State.GOOD


Probe = Callable[[House], str]
"""Asks one vendor one harmless question; what was heard, in words. Raises when the answer is no answer."""


def probed(house: House) -> tuple[Examined, ...]:
    """Every configured system and every customer's app, each asked once, in parallel."""
    found = [(name, probe) for name, (there, probe) in _PROBES.items() if there(house)]
    found += [(f"customers.{slug}.app", _app(slug)) for slug, row in house.settings.customers.items() if row.app]
    return tuple(parallel(lambda one: _asked(house, *one), found))


def _asked(house: House, name: str, probe: Probe) -> Examined:
    subject = f"{name}: key"
    try:
        return Examined(subject=subject, state=State.GOOD, said=probe(house))
    except BadInput as wrong:
        return Examined(subject=subject, state=State.MISSING, said=str(wrong))
    except SendoffError as failed:
        return Examined(subject=subject, state=State.FAILED, said=f"{failed}; {_advice(failed, name)}")


def _advice(failed: SendoffError, name: str) -> str:
    """What to do now."""
    if isinstance(failed, Denied):
        return f"check the key that [{name}] names, and what it may read"
    if isinstance(failed, Unreachable) and failed.code == OPEN:
        return "it is asked again by itself after that"
    if isinstance(failed, Unreachable):
        return f"check the address in [{name}], and whether this machine gets there"
    if isinstance(failed, Confusing):
        return f"check that the address in [{name}] is the vendor's own, with nothing in between"
    if isinstance(failed, Refused):
        return f"mend [{name}] in the settings"
    return "try again later"


def facts_of_nobody(house: House, places: Places | None = None) -> Facts:
    """The smallest honest facts: we ourselves stand where a customer would, and nothing leaves."""
    we = house.provider
    facts = facts_for_looking(we, we.tenant, (), Tier.FULL_STACK)
    return replace(
        facts,
        customer=replace(facts.customer, slug=NO_CUSTOMER, name=we.name, domains=we.domains),
        places=places or Places(),
    )


def _probe_of(system: System, key: Key, said: str) -> Probe:
    """The connector's own probe, where it asks nothing about a customer."""

    def probe(house: House) -> str:
        hand = house.world.connector(facts_of_nobody(house), system)
        if hand is None:
            raise BadInput("not configured", where=system)
        hand.probe(key)
        return said

    return probe


def _tokens(house: House, who: AppKey, system: str) -> TokenSource:
    return source_of(
        who,
        system=system,
        audience=ARM,
        login_url=house.settings.login.url,
        clients=house.world.clients,
        limits=house.world.limits,
        bucket=f"{BUCKET}|{who.client_id}",
    )


def _subscriptions(house: House, who: AppKey) -> str:
    azure = house.settings.azure
    url = azure.url if azure else ARM
    source = _tokens(house, who, "azure")
    seen = subscriptions(source, clients=house.world.clients, limits=house.world.limits, arm_url=url)
    others = {one.tenant.lower() for one in seen} - {house.provider.tenant.lower()}
    return f"{len(seen)} subscriptions in {len(others)} tenants of customers"


def _lighthouse(house: House) -> str:
    azure = house.settings.azure
    who = credentials(azure.lighthouse if azure else None, house.provider.tenant, "azure.lighthouse")
    if who is None:
        raise BadInput("name our Lighthouse principal: lighthouse = { client_id, secret }", where="azure")
    return f"our Lighthouse principal signs in and sees {_subscriptions(house, who)}"


def _vault(house: House) -> str:
    told = house.settings.passwordstate
    if told is None:
        raise BadInput("not configured", where="passwordstate")
    door, world = house.world.vault.door(told), house.world
    reason, bucket = "sendoff doctor: does the key work", f"{BUCKET}|passwordstate"
    if door.account is not None:
        vault = Vault(
            door=door, key=door.account, reason=reason, clients=world.clients, limits=world.limits, bucket=bucket
        )
        return (
            f"{door.account.name} signs in with Windows and may see {len(vault.lists())} lists; of others nobody tells"
        )
    for number, key in door.list_keys.items():
        vault = Vault(door=door, key=key, reason=reason, clients=world.clients, limits=world.limits, bucket=bucket)
        vault.one_list(number)
    if door.system_key is not None:
        key = door.system_key
        Vault(door=door, key=key, reason=reason, clients=world.clients, limits=world.limits, bucket=bucket).lists()
    elif not door.list_keys:
        raise BadInput("it has no key: give list_keys, one for each list", where="passwordstate")
    return f"{len(door.list_keys)} lists open by keys of their own"


def _desk(house: House) -> str:
    told = house.settings.topdesk
    if told is None:
        raise BadInput("not configured", where="topdesk")
    door = desk_door(told)
    if not door.url.startswith("https://"):
        raise Refused("the address must begin with https://: the password goes there")
    http = Http(
        system="topdesk",
        base=door.url,
        bucket=f"{BUCKET}|topdesk",
        clients=house.world.clients,
        limits=house.world.limits,
        sign=lambda: signed(door.login, door.password),
        code=topdesk_code,
    )
    ServiceDesk(http=http, page=door.page).me()
    return f"operator {door.login} signs in"


def _portal(house: House) -> str:
    """The portal has no page without a customer: it must know that it has none of this name."""
    hand = house.world.connector(facts_of_nobody(house, Places(reassure_customer=NO_CUSTOMER)), System.REASSURE)
    if hand is None:
        raise BadInput("not configured", where="reassure")
    try:
        hand.probe(Key.REASSURE)
    except Confusing as told:
        if not told.code or told.code.isdecimal():
            raise
    return "the token is taken; whether it sees a customer is tried by `case preflight`"


def _partner(house: House) -> str:
    if not _stored(house):
        return "no refresh token is stored: somebody in Admin agents signs in for each run (--sign-in)"
    partner = _partner_of(house)
    partner.fresh()
    partner.mfa()
    return "the app and its person sign in with MFA and read our customers"


def _partner_of(house: House) -> Partner:
    doors = partner_doors(house.settings, house.provider.tenant)
    if doors is None:
        raise BadInput("not configured", where="partner_center")
    world = house.world
    return Entrance(facts_of_nobody(house), doors, world.clients, world.limits).partner(Key.PARTNER_CENTER)


def _stored(house: House) -> bool:
    told = house.settings.partner_center
    return told is not None and told.app_user.refresh_token is not None


def _opened(house: House) -> str:
    """A refresh token that lies somewhere opens every customer to whoever finds it; in a rehearsal nobody is there."""
    said = f"a stored refresh token opens {_partner_of(house).customers()} customers"
    if house.control is None:
        raise Refused(f"{said}: leave it out, and somebody in Admin agents signs in for each run (--sign-in)")
    return f"{said} of the sandbox"


def _post(house: House) -> str:
    smtp = house.settings.smtp
    if smtp is None:
        raise BadInput("not configured", where="smtp")
    context = house.world.trust or trusting()
    Post(post_door(smtp), context=context, limits=house.world.limits, bucket=f"{BUCKET}|smtp").opens()
    said, back = f"{smtp.login or 'we'} may send at {smtp.host}", returns_door(smtp)
    if back is None:
        return f"{said}; letters that come back are not looked for: set returns"
    Returns(back, context=context, limits=house.world.limits, bucket=f"{BUCKET}|imap").opens()
    return f"{said}; letters that come back are looked for at {back.url}"


def _app(slug: str) -> Probe:
    """A customer's app: the directory in their tenant, and the subscriptions that it sees."""

    def probe(house: House) -> str:
        tenant = _tenant_of(house, slug)
        facts = facts_for_looking(house.provider, tenant, (), Tier.FULL_STACK)
        facts = replace(facts, customer=replace(facts.customer, slug=slug, name=slug))
        hand = house.world.connector(facts, System.ENTRA)
        if hand is None:
            raise BadInput("the app is tried through Microsoft Graph: write a [graph] table", where="graph")
        hand.probe(Key.APP)
        who = credentials(house.settings.customers[slug].app, tenant, f"customers.{slug}.app")
        seen = _subscriptions(house, who) if who and house.settings.azure else "no Azure: there is no [azure] table"
        return f"signs in to tenant {tenant}, reads the directory, and sees {seen}"

    return probe


def _tenant_of(house: House, slug: str) -> str:
    """By the settings, else by the newest case of that customer."""
    told = house.settings.customers[slug].tenant
    known = [one.facts.customer.tenant for one in house.desk.cases() if one.facts.customer.slug == slug]
    if not told and not known:
        raise BadInput("whose tenant it is in is not known yet: write tenant = ID beside it", where=f"customers.{slug}")
    return told or known[-1]


def _house_app(house: House) -> bool:
    return house.settings.graph is not None and house.settings.graph.house is not None


_PROBES: Mapping[str, tuple[Callable[[House], bool], Probe]] = {
    "azure": (lambda house: house.settings.azure is not None, _lighthouse),
    "graph": (_house_app, _probe_of(System.OFFICE, Key.HOUSE, "our app opens our mailbox")),
    "smtp": (lambda house: house.settings.smtp is not None, _post),
    "prtg": (
        lambda house: house.settings.prtg is not None,
        _probe_of(System.PRTG, Key.PRTG, "the token reads the core's status and sees everything"),
    ),
    "passwordstate": (lambda house: house.settings.passwordstate is not None, _vault),
    "partner_center": (lambda house: house.settings.partner_center is not None, _partner),
    "partner_center.app_user.refresh_token": (_stored, _opened),
    "topdesk": (lambda house: house.settings.topdesk is not None, _desk),
    "reassure": (lambda house: house.settings.reassure is not None, _portal),
    "github": (
        lambda house: house.settings.github is not None,
        _probe_of(System.GITHUB, Key.GITHUB, "the repository is private and has issues"),
    ),
}
"""Each table of the settings that names a system: whether it is there, and how it is tried."""
