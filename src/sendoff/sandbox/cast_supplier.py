"""What the new MSP's people do: redeem the invitation, ask for the billing transfer, and never get a parcel."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from sendoff.sandbox.cast_mail import Mail, Session
from sendoff.sandbox.wire import Json, Obj, Request, arr, dig, loads, obj, text

ARM = "https://management.azure.com/.default"
PARTNER = "https://api.partnercenter.microsoft.com/user_impersonation"
DETAILS = "migration-details.json"
PRODUCTS = ("AzureSubscription", "AzureReservation", "AzureSavingsPlan", "OnlineServicesNCE")
Token = Callable[[str, str], str]


def redeem(at: Session, mail: Mail, secret: str, token: Token) -> list[Json]:
    """Follow the link of an invitation, and sign in with MFA in the inviting tenant."""
    body = text(dig(mail.raw, "body"), "content")
    found = re.search(r"redeem\?rd=([\w-]+)&(?:amp;)?tenant=([\w-]+)", body)
    if found is None:
        return []
    form = {"rd": found.group(1), "tenant": found.group(2), "assertion": secret, "mail": at.person.mail}
    at.call("login", Request(method="POST", path="/redeem", body=urlencode(form).encode()))
    inside = token(found.group(2), ARM)
    said = "redeemed the invitation and signed in with MFA" if inside else "could not redeem"
    return [at.deed(said, found.group(2))]


def request_transfer(at: Session, mail: Mail, token: Token) -> list[Json]:
    """Ask the partner that the details name for the customer's billing, at Partner Center, as the target."""
    details = obj(loads(next((data for name, data in mail.files.items() if name.lower() == DETAILS), b"")))
    customer, partner = text(details, "customer", "tenant"), obj(details.get("partner"))
    if not customer:
        return []
    kinds: list[Json] = [*PRODUCTS]
    body: Obj = {
        "sourcePartnerTenantId": text(partner, "tenant"),
        "sourcePartnerName": text(partner, "name"),
        "customerEmailId": text(details, "customer", "mail") or at.person.mail,
        "targetPartnerTenantId": at.person.tenant,
        "targetPartnerEmailId": at.person.mail,
        "targetProductTypes": kinds,
        "transferType": "5",
    }
    url = f"/v1/customers/{customer}/transfers"
    made = at.ask("partner-center", "POST", url, body, token(at.person.tenant, PARTNER))
    if made.status == 201:
        return [at.deed("requested the transfer", text(made.json(), "id"))]
    return [at.deed("could not request the transfer", f"{made.status} {text(made.json(), 'description')}")]


def parcel(at: Session, mail: Mail) -> list[Json]:
    """A parcel is for the customer; that one came here is written down, for a test to see that none ever does."""
    return [at.deed("received a parcel", ", ".join(mail.files))] if mail.sealed else []


def accept_meetings(at: Session) -> list[Json]:
    """Accept every invitation that waits for an answer."""
    deeds: list[Json] = []
    for event in arr(obj(at.ask("graph", "GET", "/v1.0/me/events").json()).get("value")):
        waits = text(dig(event, "responseStatus"), "response") == "notResponded"
        if waits and not obj(event).get("isCancelled"):
            at.ask("graph", "POST", f"/v1.0/me/events/{text(event, 'id')}/accept", {"sendResponse": True})
            deeds.append(at.deed("accepted the meeting", text(event, "subject")))
    return deeds
