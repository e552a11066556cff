"""Generic accounts of ours that are in use: what is said of them to who approves, and on day 0. It decides nothing."""

from collections.abc import Sequence
from dataclasses import replace

from sendoff.model.inventory import Inventory, Item, Kind, System, Whose
from sendoff.model.situation import Owned, Proposal

ACCOUNTS = frozenset({Kind.USER, Kind.GUEST})
RIGHTS = frozenset({Kind.ROLE_ASSIGNMENT, Kind.DIRECTORY_ROLE})
"""What an account may hold that its own directory entry does not show: roles in Azure, and roles it may take."""
SHOWN = 5


def remark(account: Item, rights: Inventory | None) -> str:
    """What to know before an account goes; empty for a person's, and for one that nobody used in 30 days. `rights` is
    what the last whole look saw of RIGHTS, None when there was none."""
    used = account.fact("in-use")
    if used == "yes":
        told = f"a generic account in use: it signed in on {account.fact('last-sign-in')}"
    elif used == "not looked":
        told = f"a generic account; whether it is in use was not looked at: {account.fact('in-use-because')}"
    else:
        return ""
    on_it = [one for one in (account.fact("depends"), *_held(account, rights)) if one]
    return f"{told}; depends on it: {'; '.join(on_it) if on_it else 'nothing that we can see'}"


def remarked(proposal: Proposal, rights: Inventory | None, owned: Sequence[Owned]) -> Proposal:
    """The same proposal in which every line about such an account says so."""
    said = {one.item.ref: remark(one.item, rights) for one in owned if one.item.kind in ACCOUNTS}
    actions = [
        replace(act, why=f"{act.why}; {said[act.ref]}") if said.get(act.ref) else act for act in proposal.actions
    ]
    left = [
        replace(one, why=f"{one.why}; {said[one.item.ref]}") if said.get(one.item.ref) else one for one in proposal.left
    ]
    return Proposal(actions=tuple(actions), left=tuple(left))


def in_use(owned: Sequence[Owned], rights: Inventory) -> tuple[str, ...]:
    """One line for each such account that is not the customer's."""
    mine = [one.item for one in owned if one.item.kind in ACCOUNTS and one.provenance.whose is not Whose.CUSTOMERS]
    told = [(item.name, remark(item, rights)) for item in sorted(mine, key=lambda one: one.ref)]
    return tuple(f"{name}: {said}" for name, said in told if said)


def of_kinds(seen: Inventory, kinds: frozenset[Kind]) -> Inventory:
    """The part of a look that is about these kinds."""
    return Inventory(
        read=tuple(cell for cell in seen.read if cell.kind in kinds),
        blind=tuple(spot for spot in seen.blind if spot.cell.kind in kinds),
        items=tuple(item for item in seen.items if item.kind in kinds),
    )


def _held(account: Item, rights: Inventory | None) -> list[str]:
    """Roles in Azure and roles it may take; and where they were not read, that."""
    azure = [] if rights is None else [cell for cell in rights.read if cell.kind is Kind.ROLE_ASSIGNMENT]
    unread = "not all roles in Azure were looked at" if azure else "roles in Azure were not looked at"
    if rights is None:
        return [unread]
    mine = {item.ref: item for item in rights.items if item.fact("principalId").lower() == account.id.lower()}
    roles = sorted(item.fact("scope") or item.scope for item in mine.values() if item.system is System.AZURE)
    more = f" and {len(roles) - SHOWN} more" if len(roles) > SHOWN else ""
    many = "1 role" if len(roles) == 1 else f"{len(roles)} roles"
    told = [f"{many} in Azure: on {', '.join(roles[:SHOWN])}{more}"] if roles else []
    told += sorted(f"may take {item.fact('roleName')}" for item in mine.values() if item.fact("held") == "eligible")
    # A key that may not read them leaves the cell of another key: blind counts only where no key read the scope.
    scopes = {cell.scope for cell in azure}
    blind = [one for one in rights.blind if one.cell.kind is Kind.ROLE_ASSIGNMENT and one.cell.scope not in scopes]
    return [*told, *([unread] if blind or not azure else [])]
