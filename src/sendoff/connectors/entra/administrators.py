"""The Global Administrators of a tenant: themselves, through groups, and those who may take the role through PIM."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendoff.connectors.entra.client import Directory, User
from sendoff.connectors.entra.new_administrator import of_supplier
from sendoff.connectors.entra.people import account, application, signed
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Target
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Sink

ENOUGH = 2
"""How many of the customer's own there must be, so that one who is ill locks nobody out (H2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the role: `kind` as Graph writes it, and whether it is only eligible."""

    kind: str
    id: str
    eligible: bool


def holders(directory: Directory) -> Iterator[Holder]:
    """Users and apps that hold the role, or may take it, themselves or through groups; each once, held before
    eligible."""
    waiting = [Holder(kind=kind, id=ident, eligible=False) for kind, ident in directory.global_administrators()]
    waiting += [Holder(kind=kind, id=ident, eligible=True) for kind, ident in directory.eligible_administrators()]
    seen = set[str]()
    while waiting:
        one = waiting.pop(0)
        if one.id in seen:
            continue
        seen.add(one.id)
        if one.kind == "group":
            inside = [Holder(kind=kind, id=ident, eligible=one.eligible) for kind, ident in directory.members(one.id)]
            waiting = [*inside, *waiting]
        else:
            yield one


def administrators(directory: Directory, cell: Cell, facts: Facts, out: Sink, only: str = "") -> Iterator[Item]:
    """Each of them as an item, or the one with this id; an account that is gone is left out."""
    registered = directory.registered()
    found = [one for one in holders(directory) if only in ("", one.id.lower())]
    users = {one.id: directory.user(one.id) for one in found if one.kind != "servicePrincipal"}
    theirs = [ident for ident, user in users.items() if user is not None and not signed(user, facts)]
    sign_ins = directory.mfa_sign_ins(theirs)
    for one in found:
        at = Target(system=cell.system, kind=cell.kind, id=one.id, scope=cell.scope, key=cell.key)
        user = users.get(one.id)
        if one.kind == "servicePrincipal":
            app = directory.principal(one.id)
            if app is not None:
                yield application(app, at, facts, out)
        elif user is not None:
            yield _item(user, one, at, facts, out, registered, sign_ins.get(one.id, ""))


def _item(
    user: User, holder: Holder, at: Target, facts: Facts, out: Sink, registered: frozenset[str], signed_in: str
) -> Item:
    ours = signed(user, facts)
    more = (
        ("ours", "yes" if ours else "no"),
        ("supplier", "yes" if of_supplier(user, facts) else "no"),
        ("held", "eligible" if holder.eligible else "assigned"),
        ("mfa-registered", "yes" if at.id.lower() in registered else "no"),
        ("last-mfa-sign-in", signed_in),
    )
    return account(user, at, facts, out, more)


def other_administrator(directory: Directory, facts: Facts) -> Receipt | None:
    """FOUND when the customer has two administrators of their own who can sign in with MFA."""
    registered = directory.registered()
    theirs = (one.id for one in holders(directory) if one.kind == "user" and one.id.lower() in registered)
    count = sum(1 for ident in theirs if _counts(directory.user(ident), facts))
    if count < ENOUGH:
        return None
    return Receipt(outcome=Outcome.FOUND, code="administrators", said=(("administrators", str(count)),))


def _counts(user: User | None, facts: Facts) -> bool:
    """Enabled, and neither ours nor the new supplier's."""
    if user is None or user.accountEnabled is False:
        return False
    return not signed(user, facts) and not of_supplier(user, facts)
