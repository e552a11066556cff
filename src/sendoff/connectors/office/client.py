"""Microsoft Graph at our own tenant: the wire to one mailbox of ours.

Pages: learn.microsoft.com/graph/api for user-post-messages, message-send, user-list-messages, user-post-events,
user-list-events, resources/fileattachment and resources/singlevaluelegacyextendedproperty.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sendoff.connectors.wire.body import Object, parsed, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Query
from sendoff.connectors.wire.login.client import LOGIN_URL
from sendoff.connectors.wire.login.sources import AppKey
from sendoff.model.errors import Confusing

SYSTEM = "office"
AUDIENCE = "https://graph.microsoft.com"
GRAPH_URL = "https://graph.microsoft.com/v1.0"
READS = Pace(kind="reads", rate=10, burst=40)
WRITES = Pace(kind="writes", rate=2, burst=10)
MARKS = "66f5a359-4659-4830-9070-00047ec6ac6e"
"""The name space of our marks on messages and events."""
HEADERS = {"Prefer": 'IdType="ImmutableId"'}
"""So that a message keeps its id when it goes from drafts to sent items."""
MAIL_FIELDS = "id,subject,isDraft,sentDateTime,internetMessageId,toRecipients,parentFolderId,conversationId"
THREAD_FIELDS = "id,from,receivedDateTime,internetMessageHeaders"
INBOX_FIELDS = "id,subject,from,receivedDateTime,body"
EVENT_FIELDS = "id,subject,start,end,attendees,isCancelled,iCalUId,transactionId"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDoors:
    """Our house app in our own tenant."""

    house: AppKey | None = None
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL


def mark(name: str) -> str:
    """The id of one of our extended properties: once, customer or letter."""
    return f"String {{{MARKS}}} Name sendoff-{name}"


def marked(name: str, value: str) -> str:
    """The filter for what carries this mark with this value."""
    safe = value.replace("'", "''")
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{mark(name)}' and ep/value eq '{safe}')"


class Mailbox:
    """The wire to one mailbox. Raises as Http does."""

    def __init__(self, http: Http, address: str, fresh: Callable[[], None]) -> None:
        self.http, self.fresh = http, fresh
        self._root = f"/users/{address}"

    def opens(self) -> None:
        """GET one message: the control read."""
        self._http_get("/messages", "open our mailbox", (("$top", "1"), ("$select", "id")))

    def sent(self, clause: str) -> list[Object]:
        """GET sent items that fit a filter, every page, counted."""
        return self._rows("/mailFolders/sentitems/messages", "list sent mail", clause, MAIL_FIELDS)

    def messages(self, clause: str) -> list[Object]:
        """GET messages of all folders that fit a filter: drafts, on their way, and sent."""
        return self._rows("/messages", "look for a mail of ours", clause, MAIL_FIELDS)

    def received(self, sender: str) -> list[Object]:
        """GET messages in the inbox from one address, every page, counted, with their text."""
        safe = sender.replace("'", "''")
        clause = f"from/emailAddress/address eq '{safe}'"
        return self._rows("/mailFolders/inbox/messages", "list received mail", clause, INBOX_FIELDS)

    def thread(self, conversation: str) -> list[Object]:
        """GET what came into the inbox in a conversation, every page, counted, with its headers."""
        safe = conversation.replace("'", "''")
        clause = f"conversationId eq '{safe}'"
        return self._rows("/mailFolders/inbox/messages", "look for answers to a mail", clause, THREAD_FIELDS)

    def events(self, clause: str) -> list[Object]:
        """GET events that fit a filter, every page, counted."""
        return self._rows("/events", "list meetings", clause, EVENT_FIELDS)

    def message(self, ident: str, fields: str = MAIL_FIELDS) -> Object | None:
        """GET one message; None for its own 404."""
        return self._one(f"/messages/{ident}", "read a mail", fields)

    def event(self, ident: str) -> Object | None:
        """GET one event; None for its own 404."""
        return self._one(f"/events/{ident}", "read a meeting", EVENT_FIELDS)

    def draft(self, body: Object) -> str:
        """POST a draft: 201; its id."""
        return self._made("/messages", "write a draft", body)

    def send(self, ident: str) -> Answer:
        """POST send: 202; 404 when the draft is not there any more."""
        return self._post(f"/messages/{ident}/send", "send a draft", None, frozenset({202, 404}))

    def meet(self, body: Object) -> str:
        """POST an event, which invites by itself: 201; its id. The same transactionId again gives the same event."""
        return self._made("/events", "make a meeting", body)

    def move(self, ident: str, body: Object) -> Answer:
        """PATCH an event of ours: 200; everybody who is invited gets an update, and its iCalUId stays."""
        call = Call(
            method="PATCH",
            path=f"{self._root}/events/{ident}",
            what="change a meeting",
            pace=WRITES,
            headers=HEADERS,
            body=body,
        )
        return self.http.call(call)

    def cancel(self, ident: str, words: str) -> Answer:
        """POST cancel of an event of ours: 202; everybody who is invited is told."""
        return self._post(f"/events/{ident}/cancel", "cancel a meeting", {"comment": words}, frozenset({202}))

    def _made(self, path: str, what: str, body: Object) -> str:
        ident = text(self._post(path, what, body, frozenset({201})).object(), "id")
        if not ident:
            raise Confusing(f"{what}: no id came", system=SYSTEM)
        return ident

    def _post(self, path: str, what: str, body: Object | None, fine: frozenset[int]) -> Answer:
        return self.http.call(
            Call(method="POST", path=self._root + path, what=what, pace=WRITES, headers=HEADERS, body=body, fine=fine)
        )

    def _rows(self, path: str, what: str, clause: str, fields: str) -> list[Object]:
        query = (("$filter", clause), ("$select", fields), ("$count", "true"))
        call = Call(
            method="GET", path=self._root + path, what=what, pace=READS, query=query, headers=HEADERS, repeat=True
        )
        return list(self.http.pages(call, rows="value", following="@odata.nextLink", count="@odata.count"))

    def _one(self, path: str, what: str, fields: str) -> Object | None:
        answer = self._http_get(path, what, (("$select", fields),), fine=frozenset({200, 404}))
        if answer.status == 200:
            return answer.object()
        if answer.code != "ErrorItemNotFound":
            raise Confusing(f"{what}: the address is not known", system=SYSTEM, code=answer.code)
        return None

    def _http_get(self, path: str, what: str, query: Query, fine: frozenset[int] = frozenset({200})) -> Answer:
        call = Call(
            method="GET",
            path=self._root + path,
            what=what,
            pace=READS,
            query=query,
            headers=HEADERS,
            fine=fine,
            repeat=True,
        )
        return self.http.call(call)


def graph_code(body: bytes) -> str:
    """The code of a Graph error body."""
    return text(parsed(body), "error", "code")
