"""Holders and members: which of them are ours, by what decides and never by a name."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from sendoff.connectors.entra.access_client import Access, Group
from sendoff.connectors.entra.client import SYSTEM, User
from sendoff.connectors.entra.people import domains
from sendoff.connectors.wire.body import Object, text
from sendoff.model.errors import Confusing
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind

Ours = Callable[[Object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who is in a group, or owns it, also through groups of ours inside it: ids, and how many are not ours."""

    members: tuple[str, ...]
    owners: tuple[str, ...]
    others: int


def kind_of_object(row: Object) -> str:
    """user, group, servicePrincipal and so on, as Graph writes it."""
    named = text(row, "@odata.type")
    if not named:
        raise Confusing("a directory object does not say what it is", system=SYSTEM)
    return named.rsplit(".", 1)[-1]


def recorded(facts: Facts) -> frozenset[str]:
    """Ids, in lower case, that are ours whatever they look like: recorded, listed as ours, or this program itself."""
    known = {one.id for one in facts.record} | {*facts.provider.principals, facts.provider.executor}
    return frozenset(one.lower() for one in known if one)


def recorded_groups(facts: Facts) -> frozenset[str]:
    """Ids, in lower case, of the groups that onboarding made."""
    return frozenset(one.id.lower() for one in facts.record if one.kind is Kind.DIRECTORY_GROUP)


def is_ours(row: Object, facts: Facts, app: str) -> bool:
    """Whether a directory object is ours: recorded, at our domain, or an app of ours; `app` is our app's own id."""
    if text(row, "id").lower() in recorded(facts):
        return True
    match kind_of_object(row):
        case "user":
            return bool(set(domains_of(row)) & {one.lower() for one in facts.provider.domains})
        case "servicePrincipal":
            by_app = bool(app) and text(row, "appId").lower() == app.lower()
            return by_app or text(row, "appOwnerOrganizationId").lower() == facts.provider.tenant.lower()
        case _:
            return False


def domains_of(row: Object) -> tuple[str, ...]:
    """The domains that a user stands for."""
    return domains(user_of(row))


def user_of(row: Object) -> User:
    """A directory object as the user that it is."""
    try:
        return User.model_validate({**row, "otherMails": row.get("otherMails") or []})
    except ValidationError:
        pass
    raise Confusing("a user does not fit the vendor's page", system=SYSTEM)


def company(access: Access, group: str, ours: Ours, seen: frozenset[str] = frozenset()) -> Company:
    """Everybody in a group and its owners. A group inside it counts with everybody in it when it is ours, and as one
    that is not ours otherwise."""
    members, owners = access.members(group), access.owners(group)
    others = sum(1 for one in (*members, *owners) if not ours(one))
    seen = seen | {group.lower()}
    for one in members:
        ident = text(one, "id")
        if kind_of_object(one) == "group" and ours(one) and ident.lower() not in seen:
            others += company(access, ident, ours, seen).others
    return Company(
        members=tuple(sorted(text(one, "id") for one in members)),
        owners=tuple(sorted(text(one, "id") for one in owners)),
        others=others,
    )


def cannot_go(group: Group, others: int) -> str:
    """Why a group stays although it is ours; empty when nothing is in the way."""
    if group.onPremisesSyncEnabled:
        return "it comes from the customer's own Active Directory and can only be removed there"
    if "Unified" in group.groupTypes:
        return "it has a mailbox and files, which no export holds"
    if others:
        return f"{others} of its members and owners are not ours"
    return ""
