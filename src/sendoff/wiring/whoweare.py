"""Who we are, for a look before anything is configured: told by flags, by settings, or by who signed in."""

from dataclasses import dataclass, replace

from sendoff.connectors.wire.login.client import Claims
from sendoff.model.errors import BadInput
from sendoff.model.facts import Marks, Provider
from sendoff.settings import Settings

GUEST = "#EXT#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said on the command line about us; empty where nothing was said."""

    name: str = ""
    tenant: str = ""
    domains: tuple[str, ...] = ()
    tag: str = ""
    principals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class We:
    """Us, as a look takes us to be, and where that comes from."""

    name: str
    tenant: str
    domains: tuple[str, ...]
    tag: str
    principals: tuple[str, ...]
    source: str
    marks: Marks


def who_we_are(told: Told, settings: Settings, person: Claims, customer: str) -> We:
    """Flags before settings before the sign-in. BadInput when that would make the customer ourselves."""
    found = _over(_from_settings(settings) or _from_sign_in(person), told)
    if not found.tenant or found.tenant.lower() == customer.lower():
        why = (
            "the tenant to look at is our own. Somebody of the customer signed in, or the wrong tenant is named: say "
            "who the provider is with --provider-tenant ID --provider-domain DOMAIN"
        )
        raise BadInput(why, where="--tenant")
    if not found.name or not found.domains:
        raise BadInput("the sign-in has no mail domain: give --provider-name and --provider-domain", where="who we are")
    if not all(found.tag.partition("=")[::2]):
        raise BadInput("a tag is name=value", where=f"--tag {found.tag}")
    return found


def as_provider(we: We) -> Provider:
    """The noun that the rules read. There is no mailbox: nothing is written."""
    return Provider(
        name=we.name,
        tenant=we.tenant,
        domains=we.domains,
        mailbox="",
        tag=we.tag,
        principals=we.principals,
        marks=we.marks,
    )


def _from_settings(settings: Settings) -> We | None:
    told = settings.provider
    if told is None:
        return None
    return We(
        name=told.name,
        tenant=told.tenant,
        domains=tuple(one.lower() for one in told.domains),
        tag=told.tag,
        principals=tuple(told.principals),
        source="[provider] of the settings",
        marks=Marks(
            addresses=tuple(told.addresses),
            phones=tuple(told.phones),
            pipelines=tuple(told.pipelines),
            subscriptions=tuple(told.subscriptions),
        ),
    )


def _from_sign_in(person: Claims) -> We:
    domain = domain_of(person.name)
    label = domain.partition(".")[0]
    return We(
        name=label.capitalize(),
        tenant=person.home,
        domains=(domain,) if domain else (),
        tag=f"managedBy={label}",
        principals=(person.object_id,) if person.tenant == person.home and person.object_id else (),
        source=f"the sign-in of {person.name}",
        marks=Marks(),
    )


def _over(found: We, told: Told) -> We:
    """What was told goes before what was found. A tenant that was told makes whoever signed in somebody else."""
    if told.tenant and told.tenant.lower() != found.tenant.lower():
        found = We(name="", tenant=told.tenant, domains=(), tag="", principals=(), source="", marks=found.marks)
    domains = tuple(one.lower() for one in told.domains) or found.domains
    label = domains[0].partition(".")[0] if domains else ""
    said = any((told.name, told.tenant, told.domains, told.tag, told.principals))
    return replace(
        found,
        name=told.name or found.name or label.capitalize(),
        domains=domains,
        tag=told.tag or found.tag or f"managedBy={label}",
        principals=(*found.principals, *told.principals),
        source=" and ".join(one for one in (found.source, "flags" if said else "") if one),
    )


def domain_of(name: str) -> str:
    """The mail domain of a sign-in name; for guests the one written into it."""
    bare = name.rpartition("live.com#")[2]
    head, guest, _ = bare.partition(GUEST)
    found = head.rpartition("_")[2] if guest else head.rpartition("@")[2]
    return found.lower() if "." in found else ""
