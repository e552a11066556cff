"""Microsoft Graph at the customer's tenant: making one administrator, and the pass that lets them in once.

Pages: learn.microsoft.com/graph/api for invitation-post, user-post-users, rbacapplication-post-roleassignments,
authentication-post-temporaryaccesspassmethods, organization-get.
"""

import secrets

from sendoff.connectors.entra.client import SYSTEM, WRITES, Directory
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Answer, Call
from sendoff.model.errors import Confusing
from sendoff.model.secret import Secret

REDIRECT = "https://myapplications.microsoft.com"
"""Where a guest arrives after accepting [K]."""
PASS_MINUTES = 480
"""How long the one-time pass holds: eight hours, within the vendor's 10 to 43200. The tenant's own policy may allow
less, and then refuses [D]."""


class Invitations:
    """The writes for one new administrator. Raises as Http does."""

    def __init__(self, directory: Directory) -> None:
        self._http, self._directory = directory.http, directory

    def domain(self) -> str:
        """The tenant's initial domain, which is never federated: an account made there can sign in with a pass."""
        verified = rows(self._directory.organization(), "verifiedDomains")
        names = [text(one, "name") for one in verified if text(one, "isInitial") == "yes"]
        if len(names) != 1:
            raise Confusing("read the organization: it does not say its initial domain", system=SYSTEM)
        return names[0]

    def invite(self, name: str, mail: str) -> str:
        """POST /invitations: 201; the guest's id. The vendor sends the mail."""
        body: Object = {
            "invitedUserEmailAddress": mail,
            "invitedUserDisplayName": name,
            "inviteRedirectUrl": REDIRECT,
            "sendInvitationMessage": True,
        }
        made = self._post("/invitations", "invite a guest", body, frozenset({201})).object()
        ident = text(made, "invitedUser", "id")
        if not ident:
            raise Confusing("invite a guest: no id came", system=SYSTEM)
        return ident

    def create(self, name: str, mail: str, sign_in: str) -> Answer:
        """POST /users with a random password that is kept nowhere: 201; 400 when the sign-in name is taken."""
        body: Object = {
            "accountEnabled": True,
            "displayName": name,
            "mailNickname": sign_in.partition("@")[0],
            "userPrincipalName": sign_in,
            "otherMails": [mail],
            "passwordProfile": {
                "password": f"{secrets.token_urlsafe(48)}aA1!",
                "forceChangePasswordNextSignIn": True,
                "forceChangePasswordNextSignInWithMfa": True,
            },
        }
        return self._post("/users", "create an account", body, frozenset({201, 400}))

    def assign(self, user: str, role: str) -> Answer:
        """POST a role assignment over the whole directory: 201; 400 or 404 while the user is not known everywhere."""
        body: Object = {
            "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
            "roleDefinitionId": role,
            "principalId": user,
            "directoryScopeId": "/",
        }
        path = "/roleManagement/directory/roleAssignments"
        return self._post(path, "give a role", body, frozenset({201, 400, 404}))

    def one_time_pass(self, user: str) -> Secret:
        """POST a Temporary Access Pass: 201; the vendor shows it this once. A new one takes the place of an old one."""
        path = f"/users/{user}/authentication/temporaryAccessPassMethods"
        body: Object = {"lifetimeInMinutes": PASS_MINUTES, "isUsableOnce": True}
        value = text(self._post(path, "make a one-time pass", body, frozenset({201})).object(), "temporaryAccessPass")
        if not value:
            raise Confusing("make a one-time pass: none came", system=SYSTEM)
        return Secret(value)

    def _post(self, path: str, what: str, body: Object, fine: frozenset[int]) -> Answer:
        return self._http.call(Call(method="POST", path=path, what=what, pace=WRITES, body=body, fine=fine))
