"""Groups of the customer's directory that onboarding made, or that are called like ours."""

from collections.abc import Iterator

from sendoff.connectors.entra.access_client import Access, Group
from sendoff.connectors.entra.belonging import Company, Ours, cannot_go, company, recorded_groups
from sendoff.connectors.entra.client import Directory
from sendoff.connectors.entra.people import named
from sendoff.connectors.entra.policies import guarded
from sendoff.connectors.entra.traces import in_the_bin
from sendoff.connectors.wire.body import image
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.ports import Sink


def found(directory: Directory, cell: Cell, facts: Facts, ours: Ours, out: Sink) -> Iterator[Item]:
    """Every group is read; of the customer's own nothing is kept."""
    access, mine = Access(directory), recorded_groups(facts)
    administrators: frozenset[str] | None = None
    for group in access.groups():
        if group.id.lower() in mine or named(group.displayName, facts):
            if administrators is None:
                administrators = _administrators(directory)
            at = Target(system=cell.system, kind=cell.kind, id=group.id, scope=cell.scope, key=cell.key)
            why = guarded(directory, group.id)
            yield _item(group, company(access, group.id, ours), at, administrators, mine, out, facts, why)


def one(directory: Directory, at: Target, facts: Facts, ours: Ours, out: Sink) -> Item | None:
    """The group of an id, with who is in it."""
    access = Access(directory)
    group = access.group(at.id)
    if group is None:
        return None
    inside = company(access, group.id, ours)
    why = guarded(directory, group.id)
    return _item(group, inside, at, _administrators(directory), recorded_groups(facts), out, facts, why)


def removed(directory: Directory, action: Action, facts: Facts, ours: Ours) -> Receipt:
    """DELETE, when everybody in it is ours; a group with anybody of the customer is Refused (H30)."""
    access = Access(directory)
    group = access.group(action.target)
    if group is None:
        return Receipt(outcome=Outcome.FOUND, code="NotFound", said=in_the_bin(directory, action.target))
    if not (group.id.lower() in recorded_groups(facts) or named(group.displayName, facts)):
        raise Refused(f"remove {action.name}: nothing says that this group is ours")
    why = cannot_go(group, company(access, group.id, ours).others) or guarded(directory, group.id)
    if why:
        raise Refused(f"remove {action.name}: {why}; it is left to the customer")
    answer = access.delete_group(action.target)
    if answer.status == 400:
        return Receipt(outcome=Outcome.REFUSED, code=answer.code)
    outcome = Outcome.FOUND if answer.status == 404 else Outcome.DONE
    code = answer.code or str(answer.status)
    return Receipt(outcome=outcome, code=code, said=in_the_bin(directory, action.target))


def _administrators(directory: Directory) -> frozenset[str]:
    """Ids of the groups whose members are Global Administrators, or may become them."""
    holders = (*directory.global_administrators(), *directory.eligible_administrators())
    return frozenset(ident.lower() for kind, ident in holders if kind == "group")


def _kept(group: Group, inside: Company, mine: frozenset[str]) -> dict[str, Json]:
    """The image: of a group that is only called like ours no more than who is in it."""
    kept: dict[str, Json] = {"id": group.id, "displayName": group.displayName}
    if group.id.lower() in mine:
        kept |= {
            "description": group.description,
            "groupTypes": [*group.groupTypes],
            "securityEnabled": group.securityEnabled,
            "mailEnabled": group.mailEnabled,
            "mailNickname": group.mailNickname,
            "isAssignableToRole": group.isAssignableToRole,
            "membershipRule": group.membershipRule,
        }
    # Ids only: who joins after the approval makes it another group than the one that was approved.
    return kept | {"members": [*inside.members], "owners": [*inside.owners]}


def _item(
    group: Group,
    inside: Company,
    at: Target,
    administrators: frozenset[str],
    mine: frozenset[str],
    out: Sink,
    facts: Facts,
    named_by: str,
) -> Item:
    detail = (
        ("members", str(len(inside.members))),
        ("others", str(inside.others)),
        ("stays", cannot_go(group, inside.others) or named_by),
        ("role-assignable", "yes" if group.isAssignableToRole else "no"),
        ("synced", "yes" if group.onPremisesSyncEnabled else "no"),
        ("administrators", "yes" if group.id.lower() in administrators else "no"),
    )
    signs = [Sign(kind=SignKind.NAME, value=group.displayName or "")] if named(group.displayName, facts) else []
    return Item(
        system=System.ENTRA,
        kind=at.kind,
        id=group.id,
        name=group.displayName or group.id,
        scope=at.scope,
        key=at.key,
        image=out.image(image(_kept(group, inside, mine))),
        signs=tuple(signs),
        detail=detail,
        rebuildable=Rebuildable.PARTLY,
    )
