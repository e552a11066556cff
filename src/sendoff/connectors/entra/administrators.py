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
    for one in holders(directory):
        if only in ("", one.id.lower()):
            at = Target(system=cell.system, kind=cell.kind, id=one.id, scope=cell.scope, key=cell.key)
            item = _item(directory, one, at, facts, out, registered)
            if item is not None:
                yield item


def _item(
    directory: Directory, holder: Holder, at: Target, facts: Facts, out: Sink, registered: frozenset[str]
) -> Item | None:
    if holder.kind == "servicePrincipal":
        app = directory.principal(at.id)
        return application(app, at, facts, out) if app else None
    user = directory.user(at.id)
    if user is None:
        return None
    ours = signed(user, facts)
    more = (
        ("ours", "yes" if ours else "no"),
        ("supplier", "yes" if of_supplier(user, facts) else "no"),
        ("held", "eligible" if holder.eligible else "assigned"),
        ("mfa-registered", "yes" if at.id.lower() in registered else "no"),
        ("last-mfa-sign-in", "" if ours else directory.last_mfa_sign_in(at.id)),
    )
    return account(user, at, facts, out, more)


def second(directory: Directory, facts: Facts) -> Receipt | None:
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
