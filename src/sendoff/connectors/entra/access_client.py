"""Microsoft Graph at the customer's tenant: groups and the assignments of directory roles.

Pages: learn.microsoft.com/graph/api for group-list, group-list-members, group-list-owners, group-delete,
rbacapplication-list-roleassignments, unifiedroleassignment-delete, unifiedroleeligibilityscheduleinstance-get,
rbacapplication-post-roleeligibilityschedulerequests.
"""

from collections.abc import Iterator

from pydantic import ValidationError

from sendoff.connectors.entra.client import EVENTUAL, NO_PIM, READS, SYSTEM, WRITES, Directory
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Answer, Call, Query, Shape
from sendoff.model.errors import Confusing, ConnectorError

GROUP_FIELDS = (
    "id,displayName,description,groupTypes,securityEnabled,mailEnabled,mailNickname,isAssignableToRole,"
    "onPremisesSyncEnabled,membershipRule"
)
ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"
REQUESTS = "/roleManagement/directory/roleEligibilityScheduleRequests"
TOO_SHORT = "ActiveDurationTooShort"
"""What the vendor answers when an eligibility is younger than five minutes [3]."""
NO_ELIGIBILITY = frozenset({"RoleAssignmentDoesNotExist"})
"""What it answers when there is nothing to take away any more [K]."""
EXPANDED = 20
"""How many members $expand gives at most [D]."""


class Group(Shape):
    """A group, as far as we ask."""

    id: str
    displayName: str | None = None
    description: str | None = None
    groupTypes: tuple[str, ...] = ()
    securityEnabled: bool | None = None
    mailEnabled: bool | None = None
    mailNickname: str | None = None
    isAssignableToRole: bool | None = None
    onPremisesSyncEnabled: bool | None = None
    membershipRule: str | None = None


class Access:
    """The wire to groups and directory roles of one customer. Raises as Http does."""

    def __init__(self, directory: Directory) -> None:
        self._http = directory.http

    def groups(self) -> Iterator[Group]:
        """GET /groups, every page, counted."""
        query = (("$select", GROUP_FIELDS), ("$top", "999"), ("$count", "true"))
        for row in self._rows("/groups", "list groups", query, counted=True):
            yield _group(row)

    def group(self, ident: str) -> Group | None:
        """GET /groups/{id}; None for its own 404."""
        row = self._one(f"/groups/{ident}", "read a group", (("$select", GROUP_FIELDS),))
        return _group(row) if row is not None else None

    def members(self, group: str) -> list[Object]:
        """GET /groups/{id}/members, every page, counted; and what only $expand shows: v1.0 does not list service
        principals, by the vendor's own list of known issues."""
        listed = list(self._rows(f"/groups/{group}/members", "list members of a group", (("$count", "true"),), True))
        row = self._one(f"/groups/{group}", "read the members of a group", (("$expand", "members"),))
        shown = [one for one in rows(row, "members") if isinstance(one, dict)]
        if len(shown) >= EXPANDED > len(listed):
            raise Confusing("list members of a group: more are hidden than can be shown", system=SYSTEM)
        known = {text(one, "id") for one in listed}
        return [*listed, *(one for one in shown if text(one, "id") not in known)]

    def owners(self, group: str) -> list[Object]:
        """GET /groups/{id}/owners, every page."""
        return list(self._rows(f"/groups/{group}/owners", "list owners of a group"))

    def assignments(self) -> list[Object]:
        """GET roleAssignments with their holders, every page; a tenant has at least one."""
        found = list(self._rows(ASSIGNMENTS, "list role assignments", (("$expand", "principal"),)))
        if not found:
            raise Confusing("list role assignments: a tenant has one; none came", system=SYSTEM)
        return found

    def eligibilities(self) -> list[Object]:
        """GET roleEligibilityScheduleInstances with their holders; none where the tenant's licence has no PIM."""
        try:
            return list(self._rows(ELIGIBLE, "list eligible roles", (("$expand", "principal"),)))
        except ConnectorError as failed:
            if failed.code not in NO_PIM:
                raise
        return []

    def assignment(self, ident: str) -> Object | None:
        """GET roleAssignments/{id} with its holder; None for its own 404."""
        return self._one(f"{ASSIGNMENTS}/{ident}", "read a role assignment", (("$expand", "principal"),))

    def eligibility(self, ident: str) -> Object | None:
        """GET roleEligibilityScheduleInstances/{id} with its holder; None for its own 404, or without PIM."""
        try:
            return self._one(f"{ELIGIBLE}/{ident}", "read an eligible role", (("$expand", "principal"),))
        except ConnectorError as failed:
            if failed.code not in NO_PIM:
                raise
        return None

    def delete_group(self, ident: str) -> Answer:
        """DELETE /groups/{id}: 204, restorable for 30 days; 404 gone; 400 refused."""
        return self._write("DELETE", f"/groups/{ident}", "delete a group", None, frozenset({204, 400, 404}))

    def delete_assignment(self, ident: str) -> Answer:
        """DELETE roleAssignments/{id}: 204; 404 gone; 400 refused, such as the last Global Administrator."""
        return self._write("DELETE", f"{ASSIGNMENTS}/{ident}", "take a role", None, frozenset({204, 400, 404}))

    def end_eligibility(self, principal: str, role: str, scope: str, why: str) -> Answer:
        """POST roleEligibilityScheduleRequests adminRemove: 201 Revoked; 400 too young, or there is none."""
        body: Object = {
            "action": "adminRemove",
            "principalId": principal,
            "roleDefinitionId": role,
            "directoryScopeId": scope,
            "justification": why,
        }
        return self._write("POST", REQUESTS, "end an eligible role", body, frozenset({201, 400, 404}))

    def _write(self, method: str, path: str, what: str, body: Object | None, fine: frozenset[int]) -> Answer:
        return self._http.call(Call(method=method, path=path, what=what, pace=WRITES, body=body, fine=fine))

    def _one(self, path: str, what: str, query: Query) -> Object | None:
        fine = frozenset({200, 404})
        answer = self._http.call(
            Call(method="GET", path=path, what=what, pace=READS, query=query, fine=fine, repeat=True)
        )
        if answer.status == 200:
            return answer.object()
        if not answer.code.endswith("ResourceNotFound"):
            raise Confusing(f"{what}: the address is not known", system=SYSTEM, code=answer.code)
        return None

    def _rows(self, path: str, what: str, query: Query = (), counted: bool = False) -> Iterator[Object]:
        headers = EVENTUAL if counted else {}
        call = Call(method="GET", path=path, what=what, pace=READS, query=query, headers=headers, repeat=True)
        count = "@odata.count" if counted else ""
        return self._http.pages(call, rows="value", following="@odata.nextLink", count=count)


def _group(row: Object) -> Group:
    try:
        return Group.model_validate(row)
    except ValidationError:
        pass
    raise Confusing("a group does not fit the vendor's page", system=SYSTEM)
