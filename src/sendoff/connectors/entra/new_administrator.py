"""The administrator of the new supplier: who of theirs is in the customer's tenant, and making the one that was agreed.

At most one, with exactly the role that the customer named. A guest brings their own sign-in; an account gets a pass
that works once and reaches only the customer's parcel.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sendoff.connectors.entra.client import GLOBAL_ADMINISTRATOR, Directory, User
from sendoff.connectors.entra.invite_client import PASS_MINUTES, Invitations
from sendoff.connectors.entra.people import account, domains, kind_of, mail_goes
from sendoff.connectors.wire.body import text
from sendoff.model.errors import Refused
from sendoff.model.facts import Administrator, Facts, Invited
from sendoff.model.inventory import Item, Kind, Target, Verb
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Sink

GLOBAL = "Global Administrator"
REDEEMED = "accepted"
PASS = "Temporary access pass"  # noqa: S105 (the name of a field)
ASKS = 20
SOON = 5.0
"""Seconds until a new user is known where roles are given: reads after writes are not consistent at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who holds which directory role, by names: direct, and eligible through PIM."""

    names: dict[str, str]
    """Role definition (or template) id in lower case -> name."""
    held: dict[str, set[str]]
    """Principal id in lower case -> role definition ids."""

    def of(self, principals: Iterator[str]) -> tuple[str, ...]:
        """The names of the roles of somebody and of the groups they are in."""
        found = {role for one in principals for role in self.held.get(one.lower(), ())}
        return tuple(sorted(self.names.get(role, role) for role in found))


def roles(directory: Directory) -> Roles:
    """Every role that anybody holds or may take, from complete lists."""
    names = {}
    for row in directory.roles():
        names[text(row, "id").lower()] = text(row, "displayName")
        names.setdefault(text(row, "templateId").lower(), text(row, "displayName"))
    held: dict[str, set[str]] = {}
    for row in [*directory.assigned(), *directory.eligible()]:
        held.setdefault(text(row, "principalId").lower(), set()).add(text(row, "roleDefinitionId").lower())
    return Roles(names=names, held=held)


def of_supplier(user: User, facts: Facts) -> bool:
    """True for who stands for a domain of the new supplier, by any of their addresses."""
    theirs = {one.lower() for one in facts.supplier.domains} if facts.supplier else set[str]()
    others = {one.rpartition("@")[2].lower() for one in user.otherMails}
    return bool(({*domains(user), *mail_goes(user)} | others) & theirs)


def found(directory: Directory, at: Target, facts: Facts, out: Sink) -> Iterator[Item]:
    """Every user and guest of the new supplier; `at` says where, its id is not used."""
    known: Roles | None = None
    for user in directory.users():
        if of_supplier(user, facts):
            known = known or roles(directory)
            yield _item(directory, user, known, at, user.id, facts, out)


def one(directory: Directory, at: Target, facts: Facts, out: Sink) -> Item | None:
    """One of them, by id or by the mail that actions name; the item has the id that was asked for."""
    user = _called(directory, at.id)
    if user is None or not of_supplier(user, facts):
        return None
    return _item(directory, user, roles(directory), at, at.id, facts, out)


def there(directory: Directory, action: Action, facts: Facts) -> Receipt | None:
    """Whether the deed was done: the administrator has the role; or, for ACCEPT, was seen to sign in with MFA."""
    user = _called(directory, action.target)
    if user is None or action.verb is Verb.DISCLOSE or user.accountEnabled is False:
        return None
    if action.verb is Verb.ACCEPT:
        seen = directory.last_mfa_sign_in(user.id)
        return Receipt(outcome=Outcome.FOUND, code="signed in", said=(("signed-in", seen),)) if seen else None
    held = _held(directory, user, roles(directory))
    agreed = _agreed(action, facts)
    return _has(held, agreed.role) if agreed.role in held else None


def created(directory: Directory, action: Action, facts: Facts) -> Receipt | Again:
    """Invite or create whom the customer permitted, unless they are there, and give exactly the role that was named."""
    agreed = _agreed(action, facts)
    role = _role(directory, agreed.role)
    user, writes = _called(directory, agreed.mail), Invitations(directory)
    if user is None:
        return _assigned(directory, action, facts, _made(writes, agreed, facts), role, 1)
    held = _held(directory, user, roles(directory))
    if agreed.role in held:
        return _has(held, agreed.role)
    return _assigned(directory, action, facts, user.id, role, 1)


def followed(directory: Directory, action: Action, facts: Facts, operation: str) -> Receipt | Again:
    """Give the role again to the user that was not known everywhere yet."""
    agreed = _agreed(action, facts)
    user, _, asks = operation.partition(" ")
    done = there(directory, action, facts)
    if done is not None:
        return Receipt(outcome=Outcome.DONE, code=done.code, said=done.said)
    if not user:
        return created(directory, action, facts)
    return _assigned(directory, action, facts, user, _role(directory, agreed.role), int(asks or "1") + 1)


def disclosed(directory: Directory, action: Action, facts: Facts, out: Sink) -> Receipt:
    """A pass that works once, into the parcel for the customer and nowhere else; only for an account made here."""
    agreed = _agreed(action, facts, content=False)
    user = _called(directory, agreed.mail)
    if user is None:
        return Receipt(outcome=Outcome.REFUSED, code="NotFound")
    if agreed.how is not Invited.ACCOUNT or kind_of(user) is Kind.GUEST:
        raise Refused(f"disclose {action.name}: a guest signs in with an account of their own; there is no secret")
    hidden = Invitations(directory).one_time_pass(user.id)
    row = {
        "Title": f"Administrator of {facts.supplier.name if facts.supplier else ''}".strip(),
        "Name": agreed.name,
        "Username": user.userPrincipalName or "",
        "Mail": agreed.mail,
        "Role": agreed.role,
        "Tenant": facts.customer.tenant,
    }
    out.secret(row, {PASS: hidden})
    return Receipt(outcome=Outcome.DONE, code="201", said=(("minutes", str(PASS_MINUTES)), ("once", "yes")))


def sign_in_name(mail: str, domain: str) -> str:
    """The one name that an account for this address gets, so that it is never made twice."""
    local, _, theirs = mail.lower().partition("@")
    return f"{local}.{theirs.replace('.', '-')}@{domain}"


def _made(writes: Invitations, agreed: Administrator, facts: Facts) -> str:
    """The id of the new guest or account; empty when the sign-in name is taken, so that it is looked up again."""
    if agreed.how is Invited.GUEST:
        return writes.invite(agreed.name, agreed.mail)
    answer = writes.create(agreed.name, agreed.mail, sign_in_name(agreed.mail, writes.domain()))
    return text(answer.object(), "id") if answer.status == 201 else ""


def _assigned(directory: Directory, action: Action, facts: Facts, user: str, role: str, asks: int) -> Receipt | Again:
    again = Again(seconds=SOON, operation=f"{user} {asks}")
    if asks > ASKS:
        return Receipt(outcome=Outcome.UNKNOWN, code="NotKnownYet")
    if not user:
        return again
    answer = Invitations(directory).assign(user, role)
    if answer.status == 201:
        return Receipt(outcome=Outcome.DONE, code="201", said=(("id", user), ("role", _agreed(action, facts).role)))
    if answer.code.endswith("ResourceNotFound"):
        return again
    done = there(directory, action, facts)
    return done or Receipt(outcome=Outcome.REFUSED, code=answer.code)


def _has(held: tuple[str, ...], role: str) -> Receipt:
    more = ",".join(one for one in held if one != role)
    said = (("role", role), *((("other-roles", more),) if more else ()))
    return Receipt(outcome=Outcome.FOUND, code="has the role", said=said)


def _agreed(action: Action, facts: Facts, *, content: bool = True) -> Administrator:
    """Whom the facts say the customer permits; Refused unless the action names exactly them, their role and how."""
    agreed = facts.supplier.administrator if facts.supplier else None
    if agreed is None or action.target.lower() != agreed.mail.lower():
        raise Refused(f"{action.verb} {action.name}: the facts name no such administrator of the new supplier")
    said = dict(action.content)
    if content and action.verb is Verb.CREATE and (said.get("role"), said.get("how")) != (agreed.role, agreed.how):
        raise Refused(f"{action.verb} {action.name}: the role or the way in is not what the customer permitted")
    theirs = {one.lower() for one in facts.supplier.domains} if facts.supplier else set[str]()
    if agreed.mail.rpartition("@")[2].lower() not in theirs:
        raise Refused(f"{action.verb} {action.name}: {agreed.mail} is not at a domain of the new supplier")
    return agreed


def _role(directory: Directory, name: str) -> str:
    """The id of the one role of exactly this name. Never Global Administrator under another name."""
    same = [row for row in directory.roles() if text(row, "displayName") == name]
    if len(same) != 1:
        raise Refused(f"the directory knows {len(same)} roles named {name!r}; write the name as the directory does")
    ident = text(same[0], "id")
    if GLOBAL_ADMINISTRATOR in (ident.lower(), text(same[0], "templateId").lower()) and name != GLOBAL:
        raise Refused(f"the role named {name!r} is Global Administrator, and that was not named")
    return ident


def _called(directory: Directory, ident: str) -> User | None:
    """The user of an id, or with an address; Refused when several have it."""
    wanted = ident.lower()
    if "@" not in wanted:
        return directory.user(wanted)
    same = [user for user in directory.users() if wanted in _addresses(user)]
    if len(same) > 1:
        raise Refused(f"{len(same)} users have the address {ident}; a person tells which one it is")
    return same[0] if same else None


def _addresses(user: User) -> set[str]:
    known = (user.mail, user.userPrincipalName, *user.otherMails)
    return {one.lower() for one in known if one}


def _held(directory: Directory, user: User, known: Roles) -> tuple[str, ...]:
    return known.of(iter([user.id, *directory.memberships(user.id)]))


def _item(directory: Directory, user: User, known: Roles, at: Target, ident: str, facts: Facts, out: Sink) -> Item:
    guest = kind_of(user) is Kind.GUEST
    redeemed = not guest or (user.externalUserState or "").lower() == REDEEMED
    more = (
        ("mail", user.mail or next(iter(user.otherMails), user.userPrincipalName or "")),
        ("how", Invited.GUEST if guest else Invited.ACCOUNT),
        ("roles", ",".join(_held(directory, user, known))),
        ("last-mfa-sign-in", directory.last_mfa_sign_in(user.id)),
        ("redeemed", "yes" if redeemed else "no"),
    )
    item = account(user, at, facts, out, tuple((name, str(value)) for name, value in more))
    return replace(item, id=ident, name=user.displayName or ident)
