"""Directory roles that something of ours holds, or may take: assigned, and eligible through PIM."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sendoff.connectors.entra.access_client import NO_ELIGIBILITY, TOO_SHORT, Access
from sendoff.connectors.entra.belonging import Ours, company, domains_of, kind_of_object
from sendoff.connectors.entra.client import GLOBAL_ADMINISTRATOR, Directory
from sendoff.connectors.wire.body import Object, image, text
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Sink

ID = re.compile(r"[\w-]{1,160}", re.A)
"""Ids of role assignments are no guids."""
YOUNG = 300.0
"""Seconds until an eligibility may be ended: the vendor wants it to be five minutes old [3]."""
ASKS = 2
NAMES: Mapping[str, str] = {GLOBAL_ADMINISTRATOR: "Global Administrator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One role that somebody holds; `eligible` when they only may take it."""

    row: Object
    eligible: bool

    @property
    def id(self) -> str:
        """The vendor's id."""
        return text(self.row, "id")

    @property
    def holder(self) -> Object:
        """The holder as Graph shows it; only the id where it shows nothing, as for one that is being deleted."""
        found = self.row.get("principal")
        return found if isinstance(found, dict) else {"id": text(self.row, "principalId"), "@odata.type": "unknown"}


def found(directory: Directory, cell: Cell, facts: Facts, ours: Ours, out: Sink) -> Iterator[Item]:
    """Every assignment is read; kept are those of our people, apps and groups, and those that onboarding recorded."""
    access, names = Access(directory), _names(directory)
    mine = _recorded(facts)
    every = [Held(row=row, eligible=False) for row in access.assignments()]
    every += [Held(row=row, eligible=True) for row in access.eligibilities()]
    for held in every:
        if held.id.lower() in mine or ours(held.holder):
            at = Target(system=cell.system, kind=cell.kind, id=held.id, scope=cell.scope, key=cell.key)
            yield _item(held, _others(access, held, ours), at, names, out, facts)


def one(directory: Directory, at: Target, facts: Facts, ours: Ours, out: Sink) -> Item | None:
    """The assignment of an id, or the eligibility."""
    access = Access(directory)
    held = _read(access, at.id)
    return _item(held, _others(access, held, ours), at, _names(directory), out, facts) if held else None


def gone(directory: Directory, ident: str) -> bool:
    """True when neither is there."""
    return _read(Access(directory), ident) is None


def taken(directory: Directory, action: Action, facts: Facts, ours: Ours, asked: int = 1) -> Receipt | Again:
    """Take the role away. Refused for what this program works by, and where the holder is not ours alone."""
    access = Access(directory)
    held = _read(access, action.target)
    if held is None:
        return Receipt(outcome=Outcome.FOUND, code="NotFound")
    if text(held.row, "principalId").lower() == facts.provider.executor.lower():
        raise Refused(f"remove {action.name}: this program works by it; it goes last, with its app")
    if _others(access, held, ours):
        raise Refused(f"remove {action.name}: it is not held by ours alone; it is left to the customer")
    if not held.eligible:
        answer = access.delete_assignment(action.target)
        outcomes = {204: Outcome.DONE, 404: Outcome.FOUND}
        return Receipt(outcome=outcomes.get(answer.status, Outcome.REFUSED), code=answer.code or str(answer.status))
    row = held.row
    scope = text(row, "directoryScopeId")
    answer = access.end_eligibility(text(row, "principalId"), text(row, "roleDefinitionId"), scope, "end of contract")
    if answer.status == 201:
        return Receipt(outcome=Outcome.DONE, code="201", said=(("status", text(answer.object(), "status")),))
    if answer.code == TOO_SHORT and asked < ASKS:
        return Again(seconds=YOUNG, operation=str(asked))
    if answer.code in NO_ELIGIBILITY or answer.status == 404:
        return Receipt(outcome=Outcome.FOUND, code=answer.code)
    why = (("why", "it is younger than five minutes: plan it again later"),) if answer.code == TOO_SHORT else ()
    return Receipt(outcome=Outcome.REFUSED, code=answer.code, said=why)


def _recorded(facts: Facts) -> frozenset[str]:
    return frozenset(one.id.lower() for one in facts.record if one.kind is Kind.DIRECTORY_ROLE)


def _read(access: Access, ident: str) -> Held | None:
    if not ID.fullmatch(ident):
        raise Refused(f"{ident!r} is not the id of a role assignment")
    row = access.assignment(ident)
    if row is not None:
        return Held(row=row, eligible=False)
    row = access.eligibility(ident)
    return Held(row=row, eligible=True) if row is not None else None


def _others(access: Access, held: Held, ours: Ours) -> int:
    """How many who are not ours have the role by it."""
    if not ours(held.holder):
        return 1
    return company(access, text(held.holder, "id"), ours).others if kind_of_object(held.holder) == "group" else 0


def _names(directory: Directory) -> Mapping[str, str]:
    found = dict(NAMES)
    for row in directory.roles():
        for name in ("id", "templateId"):
            found.setdefault(text(row, name).lower(), text(row, "displayName"))
    return found


def _item(held: Held, others: int, at: Target, names: Mapping[str, str], out: Sink, facts: Facts) -> Item:
    row, holder = held.row, held.holder
    principal, role = text(row, "principalId"), text(row, "roleDefinitionId").lower()
    kept: dict[str, Json] = {
        name: row.get(name) for name in ("id", "principalId", "roleDefinitionId", "directoryScopeId", "appScopeId")
    }
    shown = text(holder, "displayName") if not others else ""
    guest = text(holder, "userType").lower() == "guest"
    detail = (
        ("roleName", names.get(role, role)),
        ("principalId", principal),
        ("principalKind", "guest" if guest else kind_of_object(holder)),
        ("held", "eligible" if held.eligible else "assigned"),
        ("others", str(others)),
        ("stays", "it is not held by ours alone" if others else ""),
        ("administrators", "yes" if role == GLOBAL_ADMINISTRATOR else "no"),
        ("executor", "yes" if principal.lower() == facts.provider.executor.lower() else "no"),
    )
    return Item(
        system=System.ENTRA,
        kind=at.kind,
        id=text(row, "id"),
        name=f"{names.get(role, role)} of {shown or principal}",
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=_signs(holder, principal, others),
        detail=detail,
        rebuildable=Rebuildable.FULLY,
    )


def _signs(holder: Object, principal: str, others: int) -> tuple[Sign, ...]:
    """What says that it is ours: who holds it. Of one that is not ours alone only the id is kept."""
    signs = [Sign(kind=SignKind.METADATA, value=f"principal={principal}")]
    if others:
        return tuple(signs)
    kind = kind_of_object(holder)
    if kind == "user":
        signs += [Sign(kind=SignKind.MAIL_DOMAIN, value=domain) for domain in domains_of(holder)]
    if kind == "servicePrincipal":
        signs.append(Sign(kind=SignKind.OWNER_TENANT, value=text(holder, "appOwnerOrganizationId")))
    return tuple(signs)
