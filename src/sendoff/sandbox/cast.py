"""The outsiders: the customer's administrators and the new MSP. They know URLs and their own mailbox, nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sendoff.sandbox.wire import Json, Obj, Request, Response, arr, dig, obj, text

Call = Callable[[str, Request], Response]
MANIFEST = re.compile(r"manifest", re.I)
MFA = re.compile(r"\bmfa\b|sign[- ]?in|multi-?factor", re.I)


@dataclass(slots=True)
class Person:
    """One outsider: a name to sign in with, the tenant of its mailbox, and the mails it has dealt with."""

    who: str
    mail: str
    tenant: str
    done: set[str] = field(default_factory=set)


class Cast:
    """Outsiders who act once when asked; each only when its side ("customer", "new-msp") is switched on."""

    def __init__(self, call: Call, secret: str, people: list[Person], desk: str) -> None:
        self._call, self._secret, self._people, self._desk = call, secret, people, desk
        self.on = {"customer": True, "new-msp": True}

    def act(self) -> list[Json]:
        """Everyone who is switched on reads its mailbox and does what it is asked; the deeds are returned."""
        deeds: list[Json] = []
        for one in self._people:
            if self.on.get(one.who):
                deeds.extend(self._turn(one))
        return deeds

    def _turn(self, one: Person) -> list[Json]:
        token = self._token(one, one.tenant, "https://graph.microsoft.com/.default")
        if token is None:
            return [_deed(one, "could not sign in", "")]
        deeds = [_deed(one, "signed in with MFA", one.tenant)] if one.who == "customer" else []
        deeds += self._invitations(one, token)
        for mail in self._mails(token):
            if text(mail, "id") not in one.done:
                one.done.add(text(mail, "id"))
                deeds += self._read(one, token, mail)
        return deeds

    def _mails(self, token: str) -> list[Obj]:
        found: list[Obj] = []
        skip = 0
        while True:
            body = self._get("/v1.0/me/mailFolders/inbox/messages", token, (("$skiptoken", str(skip)),))
            rows = [obj(one) for one in arr(obj(body).get("value"))]
            found.extend(rows)
            skip += len(rows)
            if not rows or not text(body, "@odata.nextLink"):
                return found

    def _read(self, one: Person, token: str, mail: Obj) -> list[Json]:
        body, subject = text(dig(mail, "body"), "content"), text(mail, "subject")
        if one.who == "new-msp":
            redeem = re.search(r"redeem\?rd=([\w-]+)&(?:amp;)?tenant=([\w-]+)", body)
            return self._redeem(one, redeem.group(1), redeem.group(2)) if redeem else []
        sender = text(dig(mail, "from", "emailAddress"), "address")
        if MANIFEST.search(subject + body + self._attached(token, mail)) and sender.endswith(self._desk.split("@")[1]):
            return self._accept(one, token, mail)
        return []

    def _attached(self, token: str, mail: Obj) -> str:
        if mail.get("hasAttachments") is not True:
            return ""
        body = self._get(f"/v1.0/me/messages/{text(mail, 'id')}/attachments", token, ())
        return " ".join(text(one, "name") for one in arr(obj(body).get("value")))

    def _accept(self, one: Person, token: str, mail: Obj) -> list[Json]:
        message: Obj = {
            "subject": f"Re: {text(mail, 'subject')}",
            "toRecipients": [_to(self._desk)],
            "conversationId": text(mail, "conversationId"),
            "body": {"contentType": "text", "content": f"accepted\n\n> {text(mail, 'internetMessageId')}"},
            "internetMessageHeaders": [{"name": "x-in-reply-to", "value": text(mail, "internetMessageId")}],
        }
        self._post("/v1.0/me/sendMail", token, {"message": message})
        return [_deed(one, "accepted the export", text(mail, "subject"))]

    def _invitations(self, one: Person, token: str) -> list[Json]:
        deeds: list[Json] = []
        for event in arr(obj(self._get("/v1.0/me/events", token, ())).get("value")):
            waits = text(dig(event, "responseStatus"), "response") == "notResponded"
            if waits and not obj(event).get("isCancelled"):
                self._post(f"/v1.0/me/events/{text(event, 'id')}/accept", token, {"sendResponse": True})
                deeds.append(_deed(one, "accepted the meeting", text(event, "subject")))
        return deeds

    def _redeem(self, one: Person, guest: str, tenant: str) -> list[Json]:
        self._call(
            "login",
            Request(
                method="POST",
                path="/redeem",
                body=urlencode({"rd": guest, "tenant": tenant, "assertion": self._secret, "mail": one.mail}).encode(),
            ),
        )
        token = self._token(one, tenant, "https://management.azure.com/.default")
        return [_deed(one, "redeemed the invitation and signed in with MFA" if token else "could not redeem", tenant)]

    def _token(self, one: Person, tenant: str, scope: str) -> str | None:
        form = {"grant_type": "urn:sendoff:cast", "username": one.mail, "assertion": self._secret, "scope": scope}
        found = self._call(
            "login", Request(method="POST", path=f"/{tenant}/oauth2/v2.0/token", body=urlencode(form).encode())
        )
        return text(found.json(), "access_token") or None

    def _get(self, path: str, token: str, query: tuple[tuple[str, str], ...]) -> Json:
        return self._call(
            "graph", Request(method="GET", path=path, query=query, headers={"authorization": f"Bearer {token}"})
        ).json()

    def _post(self, path: str, token: str, body: Obj) -> None:
        self._call(
            "graph",
            Request(
                method="POST", path=path, body=json.dumps(body).encode(), headers={"authorization": f"Bearer {token}"}
            ),
        )


def _to(address: str) -> Json:
    return {"emailAddress": {"name": address, "address": address}}


def _deed(one: Person, did: str, what: str) -> Json:
    return {"who": one.who, "person": one.mail, "did": did, "what": what}
