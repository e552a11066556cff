"""Faults of the MSP's own systems: what PRTG, Passwordstate and TOPdesk say when they say it badly.

PRTG: pages for people with a 200, a token that reads only, texts in the server's own language, a table cut off.
Passwordstate: the redirect to its error page, a key of the wrong kind, a password that is reset between two reads.
TOPdesk: a 406, its two other dialects of a no, and a 206 that does not name the page after it.
"""

import re
from dataclasses import replace

from sendoff.sandbox import passwordstate
from sendoff.sandbox.wire import Obj, Request, Response, answer, loads, obj

KINDS = frozenset(
    {
        "general-error",
        "wrong-key",
        "read-only",
        "localised",
        "cut-off",
        "rotates",
        "body-dropped",
        "stripped",
        "not-acceptable",
        "no-with-codes",
        "no-without-words",
        "next-dropped",
    }
)
NOT_FOUND = (b"(Property not found)", b"(Eigenschaft nicht gefunden)")
"""What getobjectproperty says of a property that it does not know, in English and in the server's own language."""


def instead(do: str) -> Response | None:
    """An answer in place of the vendor's."""
    match do:
        case "general-error":
            return Response(302, {"Location": "/error/generalerror.aspx?aspxerrorpath=/api/passwords"})
        case "wrong-key":
            return passwordstate.refuse(
                403, "Forbidden", "The API Key supplied is not of the kind that this call needs."
            )
        case "not-acceptable":
            return Response(406)
        case "no-with-codes":
            said: Obj = {"errorCode": "IN_USE", "appliesTo": [], "errorMessage": "The sandbox was told to answer so."}
            return answer(400, [{"errors": [said]}])
        case "no-without-words":
            return Response(400)
        case _:
            return None


def marked(request: Request, do: str) -> Request:
    """The call as it arrives: a proxy dropped its body or its Reason, or a reset strikes after it."""
    if do == "body-dropped":
        return replace(request, body=b"")
    if do == "stripped":
        return replace(request, headers={key: value for key, value in request.headers.items() if key != "reason"})
    return replace(request, headers={**request.headers, "x-sandbox-rotates": "true"}) if do == "rotates" else request


def after(response: Response, do: str) -> Response:
    """The vendor's answer, spoiled."""
    match do:
        case "read-only" if b"IsAdminUser" in response.body:
            told = {**obj(loads(response.body)), "IsAdminUser": False, "ReadOnlyUser": "1"}
            return answer(response.status, told)
        case "next-dropped":
            kept = {key: value for key, value in response.headers.items() if key.lower() != "x-next-page-url"}
            return Response(response.status, kept, response.body)
        case "localised":
            return Response(response.status, response.headers, response.body.replace(*NOT_FOUND))
        case "cut-off" if re.match(rb"\s*[\[{]", response.body):
            return Response(response.status, response.headers, response.body[: len(response.body) // 2])
        case _:
            return response
