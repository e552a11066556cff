"""Microsoft Graph at the customer's tenant: the wire to their directory.

Pages: learn.microsoft.com/graph/api for user-list, user-delete, serviceprincipal-list, rbacapplication-list-
roleassignments, group-list-members, signin-list, organization-get.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from sendoff.connectors.wire.body import Object, dig, parsed, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Query, Shape
from sendoff.connectors.wire.login.client import LOGIN_URL, TokenSource
from sendoff.connectors.wire.login.sources import AppKey
from sendoff.model.errors import Confusing, ConnectorError

SYSTEM = "entra"
AUDIENCE = "https://graph.microsoft.com"
GRAPH_URL = "https://graph.microsoft.com/v1.0"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
READS = Pace(kind="reads", rate=50, burst=200)
WRITES = Pace(kind="writes", rate=10, burst=50)
REPORTS = Pace(kind="reports", rate=0.5, burst=5)
"""auditLogs allows five requests in ten seconds."""
ASKED_AT_ONCE = 10
"""Users in one filter of the report of sign-ins."""
USER_FIELDS = (
    "id,displayName,userPrincipalName,mail,otherMails,userType,accountEnabled,creationType,externalUserState,"
    "createdDateTime"
)
EVENTUAL = {"ConsistencyLevel": "eventual"}
NO_PIM = frozenset({"AadPremiumLicenseRequired"})
"""What a tenant without Entra ID P2 answers to a question about eligibility [K]."""
SIGN_INS = ("lastSignInDateTime", "lastNonInteractiveSignInDateTime", "lastSuccessfulSignInDateTime")
HOLDS = ("transitiveMemberOf", "ownedObjects", "appRoleAssignments", "licenseDetails")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraDoors:
    """Our app in the customer's tenant; without it `gdap`, the tokens of somebody of ours who signed in for this run
    and whom a delegated relationship lets in. They look, and do nothing.

    With a `person`, whose tokens are for Graph in that tenant, nothing else is used: every cell is read as that person
    under the name of the app's key, and nothing can be done (`sendoff look --read-only`).
    """

    app: AppKey | None = None
    gdap: TokenSource | None = None
    person: TokenSource | None = None
    control: AppKey | None = None
    """Another app of ours, in our own tenant: when the sign-in page refuses the first and lets this one in, it is not
    the sign-in page."""
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL


class User(Shape):
    """A user, as far as we ask."""

    id: str
    displayName: str | None = None
    userPrincipalName: str | None = None
    mail: str | None = None
    otherMails: tuple[str, ...] = ()
    userType: str | None = None
    accountEnabled: bool | None = None
    creationType: str | None = None
    externalUserState: str | None = None
    createdDateTime: str | None = None


class Principal(Shape):
    """A service principal, as far as we ask."""

    id: str
    appId: str
    displayName: str | None = None
    appOwnerOrganizationId: str | None = None
    accountEnabled: bool | None = None
    servicePrincipalType: str | None = None


class Directory:
    """The wire to one customer's directory. Raises as Http does."""

    def __init__(self, http: Http, fresh: Callable[[], None]) -> None:
        self.http, self.fresh = http, fresh

    def tenant(self) -> str:
        """GET /organization: the id of the tenant that the token opens; the control read."""
        return text(self.organization(), "id")

    def organization(self) -> Object:
        """GET /organization: id, name and domains."""
        query = (("$select", "id,displayName,verifiedDomains"),)
        found = list(self._rows("/organization", "read the organization", query))
        if len(found) != 1:
            raise Confusing("read the organization: there must be one", system=SYSTEM)
        return found[0]

    def users(self) -> Iterator[User]:
        """GET /users, every page, counted."""
        query = (("$select", USER_FIELDS), ("$top", "999"), ("$count", "true"))
        for row in self._rows("/users", "list users", query, advanced=True):
            yield self._user(row)

    def user(self, ident: str) -> User | None:
        """GET /users/{id}; None for its own 404."""
        row = self._one(f"/users/{ident}", "read a user", (("$select", USER_FIELDS),))
        return self._user(row) if row is not None else None

    def last_sign_in(self, ident: str) -> str:
        """The newest sign-in of a user that the vendor knows, by a person or a script, also one that failed; empty when
        it knows none. Denied without AuditLog.Read.All, or where the tenant has no Entra ID P1 [K]."""
        row = self._one(f"/users/{ident}", "read when a user signed in", (("$select", "id,signInActivity"),))
        return max((text(row, "signInActivity", name) for name in SIGN_INS), default="") if row else ""

    def dependents(self, ident: str) -> dict[str, list[Object]]:
        """What a user belongs to (also through groups), owns, and is assigned in apps: whole rows, every page."""
        return {
            name: list(self._rows(f"/users/{ident}/{name}", f"list a user's {name}"))
            for name in ("transitiveMemberOf", "ownedObjects", "appRoleAssignments")
        }

    def holds(self, ident: str) -> Object:
        """What a user belongs to, owns, is assigned and is licensed for: ids only."""
        return {
            name: [text(row, "id") for row in self._rows(f"/users/{ident}/{name}", f"list a user's {name}")]
            for name in HOLDS
        }

    def principals(self, clause: str) -> Iterator[Principal]:
        """GET /servicePrincipals with an advanced filter, every page."""
        query = (("$filter", clause), ("$count", "true"))
        for row in self._rows("/servicePrincipals", "list service principals", query, advanced=True):
            yield self._principal(row)

    def principal(self, ident: str) -> Principal | None:
        """GET /servicePrincipals/{id}; None for its own 404."""
        row = self._one(f"/servicePrincipals/{ident}", "read a service principal")
        return self._principal(row) if row is not None else None

    def global_administrators(self) -> Iterator[tuple[str, str]]:
        """Kind (user, group, servicePrincipal) and id of all who hold the role itself."""
        query = (("$filter", f"roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"), ("$expand", "principal"))
        path = "/roleManagement/directory/roleAssignments"
        found = list(self._rows(path, "list Global Administrators", query))
        if not found:
            raise Confusing("list Global Administrators: a tenant has one; none came", system=SYSTEM)
        for row in found:
            yield _kind(dig(row, "principal")), text(row, "principalId")

    def eligible_administrators(self) -> Iterator[tuple[str, str]]:
        """Kind and id of all who may take the role through PIM; none where the tenant's licence has no PIM."""
        query = (("$filter", f"roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"), ("$expand", "principal"))
        for row in self.eligible(query):
            yield _kind(dig(row, "principal")), text(row, "principalId")

    def eligible(self, query: Query = ()) -> list[Object]:
        """GET roleEligibilityScheduleInstances, every page; none where the tenant's licence has no PIM."""
        path = "/roleManagement/directory/roleEligibilityScheduleInstances"
        try:
            return list(self._rows(path, "list eligible administrators", query))
        except ConnectorError as failed:
            if failed.code not in NO_PIM:
                raise
        return []

    def assigned(self) -> list[Object]:
        """GET roleAssignments of the directory, every page; a tenant has at least one."""
        found = list(self._rows("/roleManagement/directory/roleAssignments", "list role assignments"))
        if not found:
            raise Confusing("list role assignments: a tenant has one; none came", system=SYSTEM)
        return found

    def roles(self) -> list[Object]:
        """GET roleDefinitions of the directory: every built-in and custom role."""
        found = list(self._rows("/roleManagement/directory/roleDefinitions", "list roles"))
        if not found:
            raise Confusing("list roles: a tenant has many; none came", system=SYSTEM)
        return found

    def memberships(self, user: str) -> list[str]:
        """GET transitiveMemberOf: the ids of what a user belongs to, also through other groups."""
        return [text(row, "id") for row in self._rows(f"/users/{user}/transitiveMemberOf", "list memberships")]

    def registered(self) -> frozenset[str]:
        """GET userRegistrationDetails, every page: the ids of users who have a method for MFA. Who the report does not
        know (yet) has none."""
        path = "/reports/authenticationMethods/userRegistrationDetails"
        found = self._rows(path, "list who registered for MFA")
        return frozenset(text(row, "id").lower() for row in found if text(row, "isMfaRegistered") == "yes")

    def members(self, group: str) -> Iterator[tuple[str, str]]:
        """Kind and id of the members of a group."""
        path, query = f"/groups/{group}/members", (("$count", "true"),)
        for row in self._rows(path, "list members of a group", query, advanced=True):
            yield _kind(row), text(row, "id")

    def last_mfa_sign_in(self, user: str) -> str:
        """The time of the newest successful sign-in with multi-factor authentication; empty when there is none."""
        return self.mfa_sign_ins([user])[user]

    def mfa_sign_ins(self, users: Sequence[str]) -> dict[str, str]:
        """The same for several users at once: the report allows five calls in ten seconds."""
        newest = dict.fromkeys(users, "")
        for start in range(0, len(users), ASKED_AT_ONCE):
            whom = " or ".join(f"userId eq '{user}'" for user in users[start : start + ASKED_AT_ONCE])
            query = (("$filter", f"({whom}) and status/errorCode eq 0"), ("$top", "1000"))
            for row in self._rows("/auditLogs/signIns", "list sign-ins", query, pace=REPORTS):
                user, at = text(row, "userId"), text(row, "createdDateTime")
                with_mfa = text(row, "authenticationRequirement") == "multiFactorAuthentication"
                if user in newest and with_mfa and dig(row, "status", "errorCode") == 0:
                    newest[user] = max(newest[user], at)
        return newest

    def disable(self, path: str) -> Answer:
        """PATCH accountEnabled false: 204; 404 gone; 400 refused."""
        return self._write("PATCH", path, "disable an account", {"accountEnabled": False})

    def enable(self, path: str) -> Answer:
        """PATCH accountEnabled true: 204; 404 gone; 400 refused."""
        return self._write("PATCH", path, "enable an account", {"accountEnabled": True})

    def restore(self, ident: str) -> Answer:
        """POST /directory/deletedItems/{id}/restore: 200; 404 when it is not in the bin any more."""
        return self._write("POST", f"/directory/deletedItems/{ident}/restore", "restore an account", None)

    def revoke(self, user: str) -> Answer:
        """POST /users/{id}/revokeSignInSessions: what was signed in is signed out."""
        return self._write("POST", f"/users/{user}/revokeSignInSessions", "revoke sign-in sessions", None)

    def delete(self, path: str) -> Answer:
        """DELETE: 204, restorable for 30 days; 404 gone; 400 refused, such as the last administrator."""
        return self._write("DELETE", path, "delete an account", None)

    def _write(self, method: str, path: str, what: str, body: Object | None) -> Answer:
        fine = frozenset({200, 204, 400, 404})
        return self.http.call(Call(method=method, path=path, what=what, pace=WRITES, body=body, fine=fine))

    def _one(self, path: str, what: str, query: Query = ()) -> Object | None:
        fine = frozenset({200, 404})
        answer = self.http.call(
            Call(method="GET", path=path, what=what, pace=READS, query=query, fine=fine, repeat=True)
        )
        if answer.status == 200:
            return answer.object()
        if answer.code not in ("Request_ResourceNotFound", "ResourceNotFound"):
            raise Confusing(f"{what}: the address is not known", system=SYSTEM, code=answer.code)
        return None

    def _rows(
        self, path: str, what: str, query: Query = (), *, pace: Pace = READS, advanced: bool = False
    ) -> Iterator[Object]:
        headers = EVENTUAL if advanced else {}
        call = Call(method="GET", path=path, what=what, pace=pace, query=query, headers=headers, repeat=True)
        count = "@odata.count" if advanced else ""
        return self.http.pages(call, rows="value", following="@odata.nextLink", count=count)

    def _user(self, row: Object) -> User:
        try:
            return User.model_validate(row)
        except ValidationError:
            pass
        raise Confusing("a user does not fit the vendor's page", system=SYSTEM)

    def _principal(self, row: Object) -> Principal:
        try:
            return Principal.model_validate(row)
        except ValidationError:
            pass
        raise Confusing("a service principal does not fit the vendor's page", system=SYSTEM)


def _kind(row: object) -> str:
    named = row.get("@odata.type") if isinstance(row, dict) else None
    if not isinstance(named, str):
        raise Confusing("a directory object does not say what it is", system=SYSTEM)
    return named.rsplit(".", 1)[-1]


def graph_code(body: bytes) -> str:
    """The code of a Graph error body."""
    return text(parsed(body), "error", "code")
