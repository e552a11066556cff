"""Exchange behind Graph: drafts, sending, sent items, and delivery into every mailbox of this world.

Vendor's page: learn.microsoft.com/graph/api/resources/message.
"""

import base64

from sendoff.sandbox.bounce import report as bounced
from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import BASE, cut, error, listing
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, dig, obj, text
from sendoff.sandbox.world import Thing, World

LIMIT = 3 * 1024 * 1024
HIDDEN = ("attachments", "singleValueExtendedProperties", "internetMessageHeaders", "bccRecipients", "mime")


def serve(world: World, box: str, rest: list[str], request: Request) -> Response:
    """Answer a call below /users/{mailbox}. Errors: 400 header names, 404 ErrorItemNotFound, 413 over 3 MB."""
    low = [one.lower() for one in rest]
    if low[0] == "sendmail" and request.method == "POST":
        return _send_mail(world, box, request)
    if low[0] == "mailfolders" and len(low) >= 3 and low[2] == "messages":
        return _folder(world, box, low[1], request) if len(low) == 3 else _message(world, box, rest[3:], request)
    if low[0] == "messages" and len(rest) == 1:
        return _draft(world, box, request) if request.method == "POST" else _folder(world, box, "", request)
    if low[0] == "messages":
        return _message(world, box, rest[1:], request)
    return error(400, "BadRequest", f"Resource not found for the segment '{rest[0]}'.")


def _folder(world: World, box: str, folder: str, request: Request) -> Response:
    found = [
        one.raw
        for one in world.all("graph", "message")
        if one.place == box and folder in ("", text(one.raw, "parentFolderId"))
    ]
    if not request.ask("$filter"):
        return listing([obj(shown(one, request)) for one in reversed(found)], request, "messages")
    first = listing(found, request, "messages")
    if first.status != 200:
        return first
    body = obj(first.json())
    body["value"] = [shown(obj(one), request) for one in arr(body.get("value"))]
    return answer(200, body)


def shown(raw: Obj, request: Request) -> Json:
    """A message as a GET shows it: big and extended members only when $expand or $select names them."""
    wanted = request.ask("$expand") + "," + request.ask("$select")
    whole: Obj = {key: value for key, value in raw.items() if key not in HIDDEN or key in wanted}
    return cut(whole, request.ask("$select"))


def _message(world: World, box: str, rest: list[str], request: Request) -> Response:
    thing = world.get("graph", "message", rest[0])
    if thing is None or thing.place != box:
        return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    if len(rest) > 1:
        return _verb(world, box, thing, rest[1:], request)
    if request.method == "GET":
        return answer(200, {"@odata.context": f"{BASE}/$metadata#messages/$entity", **obj(shown(thing.raw, request))})
    if request.method == "DELETE":
        world.remove(thing)
        return Response(204)
    world.change(thing, request.json())
    return answer(200, shown(thing.raw, request))


def _verb(world: World, box: str, thing: Thing, rest: list[str], request: Request) -> Response:
    if rest[0] == "send" and request.method == "POST":
        if thing.raw.get("isDraft") is not True:
            return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        world.remove(thing)
        post(world, box, thing.raw, keep=True)
        return Response(202)
    if rest[0] == "attachments":
        return _attachments(world, thing, rest[1:], request)
    return error(400, "BadRequest", f"Resource not found for the segment '{rest[0]}'.")


def _attachments(world: World, thing: Thing, rest: list[str], request: Request) -> Response:
    held = arr(thing.raw.get("attachments"))
    if request.method == "POST":
        body = request.json()
        refused = _refused({"attachments": [*held, body]})
        if refused is not None:
            return refused
        one: Obj = {"id": world.fresh("attachment"), "isInline": False, "size": _size(body), **body}
        world.change(thing, {"attachments": [*held, one], "hasAttachments": True})
        return answer(201, one)
    if rest:
        found = next((obj(one) for one in held if text(one, "id") == rest[0]), None)
        return error(404, "ErrorItemNotFound", "The attachment was not found.") if found is None else answer(200, found)
    return listing([obj(one) for one in held], request, "attachments")


def _size(attachment: Json) -> int:
    return len(text(attachment, "contentBytes")) * 3 // 4


def _sound(content: str) -> bool:
    try:
        base64.b64decode(content, validate=True)
    except ValueError:
        return False
    return True


def _refused(message: Obj) -> Response | None:
    if sum(_size(one) for one in arr(message.get("attachments"))) > LIMIT:
        return error(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
    for one in arr(message.get("attachments")):
        if text(one, "@odata.type") != "#microsoft.graph.fileAttachment" or not _sound(text(one, "contentBytes")):
            return error(400, "ErrorInvalidRequest", "An attachment needs @odata.type and base64 contentBytes.")
    for one in arr(message.get("internetMessageHeaders")):
        if not text(one, "name").lower().startswith("x-"):
            return error(
                400,
                "InvalidInternetMessageHeader",
                f"The internet message header name '{text(one, 'name')}' should start with 'x-' or 'X-'.",
            )
    return None


def _draft(world: World, box: str, request: Request) -> Response:
    body = request.json()
    refused = _refused(body)
    if refused is not None:
        return refused
    raw = new_message(world, box, body, "drafts")
    _store(world, box, raw)
    return answer(201, {"@odata.context": f"{BASE}/$metadata#messages/$entity", **raw})


def _send_mail(world: World, box: str, request: Request) -> Response:
    message = obj(request.json().get("message"))
    if not arr(message.get("toRecipients")):
        return error(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    refused = _refused(message)
    if refused is not None:
        return refused
    post(world, box, new_message(world, box, message, "drafts"), request.json().get("saveToSentItems") is not False)
    return Response(202)


def new_message(world: World, box: str, body: Obj, folder: str) -> Obj:
    """A message of a mailbox in one of its folders; attachments get their ids."""
    ident = "AAMk" + base64.urlsafe_b64encode(world.fresh("message").encode()).decode().rstrip("=")
    attached: list[Json] = [
        {"id": world.fresh("attachment"), "isInline": False, "size": _size(one), **obj(one)}
        for one in arr(body.get("attachments"))
    ]
    moment = utc(world)
    base: Obj = {
        "createdDateTime": moment,
        "lastModifiedDateTime": moment,
        "receivedDateTime": moment,
        "sentDateTime": moment,
        "internetMessageId": f"<{world.fresh('internet-message')}@sandbox.example>",
        "subject": "",
        "isRead": False,
        "body": {"contentType": "text", "content": ""},
        "toRecipients": [],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "from": _address(box),
        "sender": _address(box),
        "importance": "normal",
        "conversationId": world.fresh("conversation"),
        "internetMessageHeaders": [],
        "singleValueExtendedProperties": [],
        **body,
    }
    return {
        **base,
        "id": ident,
        "parentFolderId": folder,
        "isDraft": folder == "drafts",
        "attachments": attached,
        "hasAttachments": bool(attached),
        "bodyPreview": text(dig(base, "body"), "content")[:255],
    }


def _address(box: str) -> Json:
    return {"emailAddress": {"name": box, "address": box}}


def _store(world: World, box: str, raw: Obj, verb: str = "created") -> None:
    there = world.get("graph", "mailbox", box)
    world.add(Thing("graph", "message", text(raw, "id"), there.owner if there else "outside", raw, box), verb)


def post(world: World, box: str, raw: Obj, keep: bool) -> None:
    """Send: a copy in sent items (with a new id, as moving an item gives it) and one for every recipient."""
    sent: Obj = {**raw, "isDraft": False, "sentDateTime": utc(world)}
    if keep:
        _store(world, box, {**sent, "id": _again(world), "parentFolderId": "sentitems", "isRead": True}, "sent")
    people = [one for key in ("toRecipients", "ccRecipients", "bccRecipients") for one in arr(raw.get(key))]
    for one in people:
        address = text(dig(one, "emailAddress"), "address").lower()
        if world.get("graph", "mailbox", address) is not None:
            _store(world, address, {**sent, "id": _again(world), "parentFolderId": "inbox"}, "created")
        elif address.partition("@")[2] in world.tenants.values() and box != address:
            _returned(world, box, sent, address)


def _returned(world: World, box: str, sent: Obj, address: str) -> None:
    """Exchange's report of non-delivery: in the conversation of the mail, from a name that nobody reads."""
    told: list[Json] = [
        {"name": "X-MS-Exchange-Message-Is-Ndr", "value": ""},
        {"name": "In-Reply-To", "value": text(sent, "internetMessageId")},
        {"name": "Auto-Submitted", "value": "auto-replied"},
    ]
    report: Obj = {
        "subject": f"Niet bezorgbaar: {text(sent, 'subject')}",
        "body": {"contentType": "html", "content": f"<p>Het adres {address} kan niet worden gevonden.</p>"},
        "toRecipients": [_address(box)],
        "from": _address(f"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{box.partition('@')[2]}"),
        "conversationId": text(sent, "conversationId"),
        "internetMessageHeaders": told,
        "mime": bounced(world, box, sent, address),
    }
    if world.get("graph", "mailbox", box) is not None:
        _store(world, box, new_message(world, box, report, "inbox"))


def _again(world: World) -> str:
    return "AAMk" + base64.urlsafe_b64encode(world.fresh("message").encode()).decode().rstrip("=")


def deliver(world: World, to: str, sender: str, subject: str, body: str) -> None:
    """Put a mail from outside into a mailbox of this world."""
    whole: Obj = {
        "subject": subject,
        "body": {"contentType": "text", "content": body},
        "toRecipients": [_address(to)],
        "from": _address(sender),
    }
    if world.get("graph", "mailbox", to) is not None:
        _store(world, to.lower(), new_message(world, sender, whole, "inbox"))
