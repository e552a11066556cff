"""Microsoft Graph at the customer's tenant: the wire to what else of ours may lie in their directory and its settings.

Pages: learn.microsoft.com/graph/api for application-list, application-list-federatedidentitycredentials,
serviceprincipal-list-oauth2permissiongrants, serviceprincipal-list-approleassignments, authentication-list-methods,
conditionalaccessroot-list-policies, conditionalaccessroot-list-namedlocations, organization-get and
directory-deleteditems-list.
"""

from sendoff.connectors.entra.client import EVENTUAL, READS, SYSTEM, Directory
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Call, Query
from sendoff.model.errors import Confusing

APPLICATION_FIELDS = "id,appId,displayName,publisherDomain,createdDateTime,passwordCredentials,keyCredentials"
NOTICES = ("technicalNotificationMails", "securityComplianceNotificationMails", "marketingNotificationEmails")
"""The lists of addresses that an organization has [S]."""
DELETED = ("user", "group", "application", "servicePrincipal")
"""What goes to the bin of the directory; that service principals are listed there in v1.0 is [K]."""
POLICIES = "/identity/conditionalAccess/policies"
LOCATIONS = "/identity/conditionalAccess/namedLocations"


class Traces:
    """The wire; every list has all its pages, or it raises as Http does."""

    def __init__(self, directory: Directory) -> None:
        self._http = directory.http

    def applications(self) -> list[Object]:
        """GET /applications, counted."""
        query = (("$select", APPLICATION_FIELDS), ("$count", "true"), ("$top", "999"))
        return self._rows("/applications", "list app registrations", query, counted=True)

    def application(self, ident: str) -> Object | None:
        """GET /applications/{id}; None for its own 404."""
        return self._one(f"/applications/{ident}", "read an app registration", (("$select", APPLICATION_FIELDS),))

    def trusts(self, application: str) -> list[Object]:
        """GET /applications/{id}/federatedIdentityCredentials."""
        path = f"/applications/{application}/federatedIdentityCredentials"
        return self._rows(path, "list federated credentials")

    def grants(self, principal: str) -> list[Object]:
        """GET /servicePrincipals/{id}/oauth2PermissionGrants: what an app may do in somebody's name."""
        return self._rows(f"/servicePrincipals/{principal}/oauth2PermissionGrants", "list consents")

    def app_roles(self, principal: str) -> list[Object]:
        """GET /servicePrincipals/{id}/appRoleAssignments: what an app may do by itself."""
        return self._rows(f"/servicePrincipals/{principal}/appRoleAssignments", "list app roles")

    def methods(self, user: str) -> list[Object]:
        """GET /users/{id}/authentication/methods: at least a password, or nothing for a guest."""
        return self._rows(f"/users/{user}/authentication/methods", "list sign-in methods")

    def policies(self) -> list[Object]:
        """GET the Conditional Access policies."""
        return self._rows(POLICIES, "list Conditional Access policies")

    def locations(self) -> list[Object]:
        """GET the named locations."""
        return self._rows(LOCATIONS, "list named locations")

    def policy(self, ident: str) -> Object | None:
        """GET one Conditional Access policy; None for its own 404."""
        return self._one(f"{POLICIES}/{ident}", "read a Conditional Access policy")

    def location(self, ident: str) -> Object | None:
        """GET one named location; None for its own 404."""
        return self._one(f"{LOCATIONS}/{ident}", "read a named location")

    def notices(self) -> list[tuple[str, str]]:
        """GET /organization: list and address of everyone whom Microsoft writes to about the tenant."""
        query = (("$select", ",".join(("id", *NOTICES))),)
        found = self._rows("/organization", "read notification contacts", query)
        if len(found) != 1:
            raise Confusing("read notification contacts: there must be one organization", system=SYSTEM)
        return [(name, one) for name in NOTICES for one in rows(found[0], name) if isinstance(one, str)]

    def deleted(self, kind: str) -> list[Object]:
        """GET /directory/deletedItems/microsoft.graph.{kind}."""
        return self._rows(f"/directory/deletedItems/microsoft.graph.{kind}", "list what can be restored")

    def deleted_item(self, ident: str) -> Object | None:
        """GET /directory/deletedItems/{id}; None for its own 404."""
        return self._one(f"/directory/deletedItems/{ident}", "read a deleted item")

    def _one(self, path: str, what: str, query: Query = ()) -> Object | None:
        fine = frozenset({200, 404})
        answer = self._http.call(
            Call(method="GET", path=path, what=what, pace=READS, query=query, fine=fine, repeat=True)
        )
        if answer.status == 200:
            return answer.object()
        if not answer.code.endswith("ResourceNotFound"):
            raise Confusing(f"{what}: the address is not known", system=SYSTEM, code=answer.code)
        return None

    def _rows(self, path: str, what: str, query: Query = (), *, counted: bool = False) -> list[Object]:
        headers = EVENTUAL if counted else {}
        call = Call(method="GET", path=path, what=what, pace=READS, query=query, headers=headers, repeat=True)
        found = list(
            self._http.pages(call, rows="value", following="@odata.nextLink", count="@odata.count" if counted else "")
        )
        if not all(text(one, "id") for one in found):
            raise Confusing(f"{what}: a row has no id", system=SYSTEM)
        return found
