"""Accounts as items: read widely, kept narrowly. Who carries no sign of us is an id."""

from collections.abc import Iterator
from uuid import UUID

from sendoff.connectors.entra.client import Principal, User
from sendoff.connectors.wire.body import image
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.ports import Sink

EXTERNAL = "#EXT#"


def domains(user: User) -> tuple[str, ...]:
    """The domains a user stands for: of the sign-in name (for guests the one written into it); and for guests, whose
    mail is that of their home, of the mail."""
    name = user.userPrincipalName or ""
    head, external, _ = name.partition(EXTERNAL)
    signed_in = head.rpartition("_")[2] if external else name.rpartition("@")[2]
    at_home = _mail(user) if kind_of(user) is Kind.GUEST else ""
    return tuple(sorted({one.lower() for one in (signed_in, at_home) if one}))


def mail_goes(user: User) -> tuple[str, ...]:
    """The domain of the mail where the user does not stand for it: a member may let their mail go anywhere."""
    return tuple(one for one in (_mail(user),) if one and one not in domains(user))


def _mail(user: User) -> str:
    return (user.mail or "").rpartition("@")[2].lower()


def confirmed(user: User, facts: Facts) -> bool:
    """True when something that decides says that a user is ours: where they sign in, the record, our principals."""
    known = {one.id.lower() for one in facts.record} | {one.lower() for one in facts.provider.principals}
    return bool(_ours(domains(user), facts)) or user.id.lower() in known


def signed(user: User, facts: Facts) -> bool:
    """True when anything says that a user is ours, also what does not decide: where their mail goes, and a name."""
    return confirmed(user, facts) or bool(_ours(mail_goes(user), facts)) or named(user.displayName, facts)


def named(shown: str | None, facts: Facts) -> bool:
    """True when a displayed name contains ours. It never decides."""
    return facts.provider.name.lower() in (shown or "").lower()


def _ours(found: tuple[str, ...], facts: Facts) -> set[str]:
    return set(found) & {one.lower() for one in facts.provider.domains}


def kind_of(user: User) -> Kind:
    """Guests and members are looked for apart."""
    return Kind.GUEST if (user.userType or "").lower() == "guest" else Kind.USER


def account(user: User, at: Target, facts: Facts, out: Sink, more: tuple[tuple[str, str], ...] = ()) -> Item:
    """A user as an item; the image leaves out whether it is enabled and when it was used."""
    ours = signed(user, facts)
    kept: dict[str, Json] = {"id": user.id, "userType": user.userType}
    if ours:
        kept |= {
            "displayName": user.displayName,
            "userPrincipalName": user.userPrincipalName,
            "mail": user.mail,
            "otherMails": [*user.otherMails],
            "creationType": user.creationType,
            "externalUserState": user.externalUserState,
            "createdDateTime": user.createdDateTime,
        }
    detail = (
        ("enabled", "no" if user.accountEnabled is False else "yes"),
        ("type", user.userType or "Member"),
        *((("sign-in-name", user.userPrincipalName or ""),) if ours else ()),
    )
    return Item(
        system=System.ENTRA,
        kind=at.kind,
        id=user.id,
        name=(user.displayName or user.id) if ours else user.id,
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=tuple(_signs(user, facts)),
        detail=(*detail, *more),
        rebuildable=Rebuildable.PARTLY,
    )


def address_signs(user: User, facts: Facts) -> Iterator[Sign]:
    """The domains that a user stands for, and ours where only their mail goes there."""
    for domain in domains(user):
        yield Sign(kind=SignKind.MAIL_DOMAIN, value=domain)
    for domain in sorted(_ours(mail_goes(user), facts)):
        yield Sign(kind=SignKind.MAIL_GOES, value=domain)


def _signs(user: User, facts: Facts) -> Iterator[Sign]:
    yield from address_signs(user, facts)
    if named(user.displayName, facts):
        yield Sign(kind=SignKind.NAME, value=user.displayName or "")


def application(found: Principal, at: Target, facts: Facts, out: Sink) -> Item:
    """A service principal of ours as an item."""
    kept: dict[str, Json] = {
        "id": found.id,
        "appId": found.appId,
        "displayName": found.displayName,
        "appOwnerOrganizationId": found.appOwnerOrganizationId,
        "servicePrincipalType": found.servicePrincipalType,
    }
    owner = found.appOwnerOrganizationId or ""
    signs = [Sign(kind=SignKind.OWNER_TENANT, value=owner)] if owner else []
    if named(found.displayName, facts):
        signs.append(Sign(kind=SignKind.NAME, value=found.displayName or ""))
    return Item(
        system=System.ENTRA,
        kind=at.kind,
        id=found.id,
        name=found.displayName or found.id,
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=tuple(signs),
        detail=(
            ("enabled", "no" if found.accountEnabled is False else "yes"),
            ("type", found.servicePrincipalType or "Application"),
            ("app", found.appId),
            ("executor", "yes" if found.id.lower() == facts.provider.executor.lower() else "no"),
        ),
        rebuildable=Rebuildable.NOT,
    )


def guid(ident: str) -> str:
    """The id, when it is a plain guid; else Refused."""
    try:
        return str(UUID(ident))
    except ValueError:
        pass
    raise Refused(f"{ident!r} is not the id of a directory object")
