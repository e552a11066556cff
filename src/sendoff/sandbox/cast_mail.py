"""A mailbox as an outsider uses it: reads the inbox, looks at attachments, answers; over Graph, with its own token."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.sandbox.wire import Json, Obj, Request, Response, arr, dig, obj, text

Call = Callable[[str, Request], Response]
GRAPH = "https://graph.microsoft.com/.default"


@dataclass(slots=True)
class Person:
    """One outsider: a name to sign in with, the tenant of its mailbox, and the mails it has dealt with."""

    who: str
    mail: str
    tenant: str
    done: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in an inbox and, by name, the bytes of its attachments."""

    raw: Obj
    files: dict[str, bytes]

    @property
    def sender(self) -> str:
        """The address it came from, in lower case."""
        return text(dig(self.raw, "from", "emailAddress"), "address").lower()

    @property
    def words(self) -> str:
        """Subject, body and the names of its attachments."""
        return " ".join([text(self.raw, "subject"), text(dig(self.raw, "body"), "content"), *self.files])

    @property
    def sealed(self) -> bool:
        """Whether an age file hangs on it."""
        return any(name.lower().endswith(".age") for name in self.files)


@dataclass(frozen=True, slots=True)
class Session:
    """One person, signed in at Graph; `call` asks a vendor over HTTP."""

    call: Call
    person: Person
    token: str
    desk: str

    def ask(self, vendor: str, method: str, path: str, body: Obj | None = None, token: str = "") -> Response:
        """One call with this person's token, or another of its own."""
        raw = json.dumps(body).encode() if body is not None else b""
        head = {"authorization": f"Bearer {token or self.token}"}
        bare, _, query = path.partition("?")
        pairs = tuple((key, value) for key, _, value in (one.partition("=") for one in query.split("&") if one))
        return self.call(vendor, Request(method=method, path=bare, query=pairs, headers=head, body=raw))

    def graph(self, path: str) -> list[Obj]:
        """All rows of a Graph list."""
        found: list[Obj] = []
        while True:
            joint = "&" if "?" in path else "?"
            body = self.ask("graph", "GET", f"/v1.0{path}{joint}$skiptoken={len(found)}").json()
            rows = [obj(one) for one in arr(obj(body).get("value"))]
            found.extend(rows)
            if not rows or not text(body, "@odata.nextLink"):
                return found

    def unread(self) -> list[Mail]:
        """The mails this person has not dealt with, newest first; from now on they are."""
        fresh = [one for one in self.graph("/me/mailFolders/inbox/messages") if text(one, "id") not in self.person.done]
        self.person.done.update(text(one, "id") for one in fresh)
        return [Mail(one, self._files(one)) for one in fresh]

    def _files(self, mail: Obj) -> dict[str, bytes]:
        if mail.get("hasAttachments") is not True:
            return {}
        rows = self.graph(f"/me/messages/{text(mail, 'id')}/attachments")
        return {text(one, "name"): _bytes(text(one, "contentBytes")) for one in rows}

    def answer(self, mail: Mail, content: str) -> None:
        """Answer a mail to the desk, with its message id in the text and in a header."""
        whose = text(mail.raw, "internetMessageId")
        to: Json = [{"emailAddress": {"name": self.desk, "address": self.desk}}]
        heads: Json = [{"name": "x-in-reply-to", "value": whose}]
        message: Obj = {
            "subject": f"Re: {text(mail.raw, 'subject')}",
            "toRecipients": to,
            "conversationId": text(mail.raw, "conversationId"),
            "body": {"contentType": "text", "content": f"{content}\n\n> {whose}"},
            "internetMessageHeaders": heads,
        }
        self.ask("graph", "POST", "/v1.0/me/sendMail", {"message": message})

    def deed(self, did: str, what: str) -> Json:
        """The line that tells of a deed."""
        return {"who": self.person.who, "person": self.person.mail, "did": did, "what": what}


def _bytes(content: str) -> bytes:
    try:
        return base64.b64decode(content)
    except (ValueError, binascii.Error):
        return b""
