"""Which of the customer's Conditional Access policies name something of ours."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendoff.connectors.entra.belonging import recorded
from sendoff.connectors.entra.client import Directory
from sendoff.connectors.entra.marks import all_ours, by_range
from sendoff.connectors.entra.people import domains, signed
from sendoff.connectors.entra.traces_client import Traces
from sendoff.connectors.wire.body import Object, dig, text, texts
from sendoff.model.errors import Denied
from sendoff.model.facts import Facts
from sendoff.model.inventory import Sign, SignKind

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
UNREAD = "nobody could read whether a Conditional Access policy names it"
NAMED = "a Conditional Access policy of the customer names it: first they take it out there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One policy that names something of ours, with the ids that it names."""

    id: str
    name: str
    state: str
    ours: tuple[str, ...]
    signs: tuple[Sign, ...]


def naming(policies: Sequence[Object], directory: Directory, facts: Facts) -> Iterator[Naming]:
    """Each policy whose conditions name an account, a group, an app or the tenant of ours."""
    known = _known(directory, facts) if policies else {}
    for row in policies:
        told = sorted(ids(row))
        ours = tuple(one for one in told if one in known)
        yield Naming(
            id=text(row, "id"),
            name=text(row, "displayName") or text(row, "id"),
            state=text(row, "state"),
            ours=ours,
            signs=tuple(dict.fromkeys(known[one] for one in ours)),
        )


def only_ours(policies: Sequence[Object], locations: Sequence[Object], facts: Facts) -> Mapping[str, tuple[Sign, ...]]:
    """By id, each policy in force that blocks sign-ins from everywhere but our addresses: who is not with us, such as
    the administrator of a new supplier, cannot come in (H50)."""
    places = {text(one, "id").lower(): one for one in locations}
    found: dict[str, tuple[Sign, ...]] = {}
    for row in policies:
        admitted = _admitted(row, places)
        if admitted and all(all_ours(one, facts.provider) for one in admitted):
            found[text(row, "id")] = tuple(sign for one in admitted for sign in by_range(one, facts.provider))
    return found


def _admitted(policy: Object, places: Mapping[str, Object]) -> list[Object]:
    """The locations that a policy in force leaves out of what it blocks; none when it blocks in another way, and one
    of nobody's for a location that cannot be seen."""
    blocks = "block" in texts(dig(policy, "grantControls", "builtInControls"))
    everywhere = "All" in texts(dig(policy, "conditions", "locations", "includeLocations"))
    if text(policy, "state") != "enabled" or not (blocks and everywhere):
        return []
    named = [one.lower() for one in texts(dig(policy, "conditions", "locations", "excludeLocations"))]
    trusted = [one for one in places.values() if "alltrusted" in named and text(one, "isTrusted") == "yes"]
    return [*trusted, *(places.get(one, {}) for one in named if one != "alltrusted")]


def ids(policy: Object) -> frozenset[str]:
    """Every id, in lower case, that the conditions of a policy name."""
    return frozenset(one.lower() for one in texts(dig(policy, "conditions")) if ID.fullmatch(one))


def guarded(directory: Directory, ident: str) -> str:
    """Why a group stays for the sake of the customer's policies; empty when none names it (H30)."""
    try:
        named = any(ident.lower() in ids(row) for row in Traces(directory).policies())
    except Denied:
        return UNREAD
    return NAMED if named else ""


def _known(directory: Directory, facts: Facts) -> Mapping[str, Sign]:
    """Ids of ours, in lower case, each with what says that it is."""
    known = {one: Sign(kind=SignKind.METADATA, value=f"principal={one}") for one in recorded(facts)}
    tenant = facts.provider.tenant.lower()
    known[tenant] = Sign(kind=SignKind.OWNER_TENANT, value=tenant)
    mine = {one.lower() for one in facts.provider.domains}
    for user in directory.users():
        domain = next(iter(set(domains(user)) & mine), "")
        if signed(user, facts) and domain:
            known[user.id.lower()] = Sign(kind=SignKind.MAIL_DOMAIN, value=domain)
    for app in directory.principals(f"appOwnerOrganizationId eq {facts.provider.tenant}"):
        for ident in (app.id.lower(), app.appId.lower()):
            known[ident] = Sign(kind=SignKind.OWNER_TENANT, value=tenant)
    return known
