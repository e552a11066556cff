"""What our people may on the customer's lists: read from a report, taken away one row at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sendoff.connectors.passwordstate.client import SYSTEM, Folder, Vault
from sendoff.connectors.wire.body import Object, image, text
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Sink


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of the report of all permissions are called, and its number."""

    report: str = "23"
    held: str = "PasswordListID"
    user: str = "UserID"
    group: str = "SecurityGroupName"
    admin: str = "Admin"
    modify: str = "Modify"
    yes: str = "Yes"


COLUMNS = Columns()
"""[3] The page names PasswordListID, Admin, Modify and View; how a row names whom it is for, nobody has seen."""
BY_USER, BY_GROUP = "ApplyPermissionsForUserID", "ApplyPermissionsForSecurityGroupName"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One row: what a user or a group may on a list."""

    held: str
    kind: str
    name: str
    level: str
    row: Object

    @property
    def id(self) -> str:
        """The list and whom it is for: the vendor has no id for it."""
        return "/".join((self.held, self.kind, *self.name.split("\\")))


Permitted = tuple[Sequence[Folder], Sequence[Right]]
"""The lists that were asked about, and every right on them."""


def rights(vault: Vault, lists: Sequence[Folder]) -> list[Right]:
    """Every right on these lists. Denied when no report tells. Confusing when it tells of nobody for one of them: each
    shared list has somebody who administers it, so that the report left something out [3]."""
    told = vault.report(COLUMNS.report)
    if told is None:
        raise Denied("no report tells who may what on a list", system=SYSTEM, code="NoReport")
    found = [_right(row) for row in told]
    silent = {str(one.PasswordListID) for one in lists} - {one.held for one in found}
    if silent:
        raise Confusing(f"the report of permissions tells of nobody for list {min(silent)}", system=SYSTEM)
    known = {str(one.PasswordListID) for one in lists}
    return [one for one in found if one.held in known]


def right_items(
    found: Sequence[Right], lists: Sequence[Folder], staff: Sequence[str], at: Target, out: Sink
) -> Iterator[Item]:
    """The rights as things, with the pattern that says that one is ours."""
    names = {str(one.PasswordListID): f"{one.TreePath}\\{one.PasswordList}" for one in lists}
    for one in found:
        by = next((pattern for pattern in staff if fnmatchcase(one.name.lower(), pattern.lower())), "")
        yield Item(
            system=System.PASSWORDSTATE,
            kind=Kind.SECRET_ACCESS,
            id=one.id,
            name=f"{one.name} on {names[one.held]}",
            scope=at.scope,
            key=at.key,
            image=out.image(image({"id": one.id, "row": one.row})),
            signs=(Sign(kind=SignKind.PLACE, value=names[one.held]),),
            detail=(("list", one.held), ("for", f"{one.kind} {one.name}"), ("level", one.level), ("staff", by)),
            rebuildable=Rebuildable.FULLY,
        )


def taken_away(vault: Vault, lists: Sequence[Folder], ident: str) -> Receipt:
    """Take one right away. Whoever administers a list keeps that: without it nobody could delete the list."""
    found = next((one for one in rights(vault, lists) if one.id == ident), None)
    if found is None:
        return Receipt(outcome=Outcome.FOUND, code="Not Found")
    if found.level == "admin":
        raise Refused(f"{ident}: who administers a list keeps that until the list is gone; nothing was done")
    field = BY_USER if found.kind == "user" else BY_GROUP
    answer = vault.take_away({"PasswordListID": int(found.held), field: found.name})
    return Receipt(outcome=Outcome.FOUND if answer.status == 404 else Outcome.DONE, code=str(answer.status))


def _right(row: Object) -> Right:
    held, user, group = (text(row, name) for name in (COLUMNS.held, COLUMNS.user, COLUMNS.group))
    if not held or bool(user) == bool(group):
        raise Denied("the report of permissions does not say whom a row is for", system=SYSTEM, code="NoReport")
    admin, modify = (text(row, name) == COLUMNS.yes for name in (COLUMNS.admin, COLUMNS.modify))
    level = "admin" if admin else "modify" if modify else "view"
    return Right(held=held, kind="user" if user else "group", name=user or group, level=level, row=row)
