"""Our app's door into a directory, tried from outside: does the sign-in page still know it there?

Page: learn.microsoft.com/entra/identity-platform/reference-error-codes. An app that is gone and an app whose secret is
wrong are told apart by that code alone.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sendoff.connectors.entra.client import AUDIENCE, SYSTEM, Directory, EntraDoors
from sendoff.connectors.wire.body import text
from sendoff.connectors.wire.client import Call, Clients, Http
from sendoff.connectors.wire.login.client import PACE, TokenSource, login_wire
from sendoff.connectors.wire.login.sources import source_of
from sendoff.model.errors import Confusing, ConnectorError, Denied
from sendoff.model.key import Key
from sendoff.model.trial import Condition, Met, Trial
from sendoff.ports import Limits

GONE = frozenset({"AADSTS700016", "AADSTS7000229"})
"""Not found in the directory; no service principal in the tenant. That one of them comes for an app whose registration
was removed is [K]."""
NOT_GONE = {
    "AADSTS7000215": "the secret is wrong",
    "AADSTS7000222": "the secret has run out",
    "AADSTS7000112": "the app is disabled",
    "AADSTS53003": "Conditional Access of the tenant refuses it",
    "AADSTS90002": "the tenant itself is not found",
}
"""Codes that stop a sign-in and do not say that the app is gone [D]."""
CODE = re.compile(r"AADSTS\d+", re.A)
MINUTE = 60.0
"""Seconds between the no and the control read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """What the door is compared with: the sign-in page itself, and another app of ours in our own tenant."""

    login: Http
    other: TokenSource | None
    tenant: str
    clock: Callable[[], float]


def lookout(found: EntraDoors, tenant: str, clients: Clients, limits: Limits) -> Lookout:
    """What these doors are compared with."""
    other = (
        source_of(
            found.control,
            system=SYSTEM,
            audience=AUDIENCE,
            login_url=found.login_url,
            clients=clients,
            limits=limits,
            bucket="login|control",
        )
        if found.control
        else None
    )
    login = login_wire(SYSTEM, found.login_url, "login|control", clients, limits)
    return Lookout(login=login, other=other, tenant=tenant, clock=time.monotonic)


def tried(directory: Directory, at: Lookout) -> Trial:
    """The door of one directory, by a token from before and by a sign-in of this moment. Never raises for what a vendor
    says."""
    trial = Trial(key=Key.APP, scope=at.tenant, lingers=_reads(directory))
    began = at.clock()
    try:
        directory.fresh()
    except Denied as no:
        return _refused(replace(trial, conditions=_conditions(at, began)), no)
    except ConnectorError as failed:
        return replace(trial, fault=str(failed))
    return replace(trial, opens=True, lingers=False)


def _reads(directory: Directory) -> bool:
    """By a token from before. Without one this signs in, and what it then reads a fresh sign-in reads as well."""
    try:
        return bool(directory.tenant())
    except ConnectorError:
        return False


def _refused(trial: Trial, no: Denied) -> Trial:
    found = CODE.search(no.code)
    code = found.group() if found else no.code
    if code in GONE:
        return replace(trial, denied=code)
    why = NOT_GONE.get(code, "the sign-in was refused")
    return replace(trial, fault=f"{why} ({code or 'no code'}), which does not say that the app is gone")


def _conditions(at: Lookout, began: float) -> tuple[Condition, ...]:
    fresh = Condition(name="fresh sign-in", met=Met.YES, said="asked for at this moment, and refused")
    other = _other(at)
    if at.clock() - began > MINUTE:
        other = replace(other, met=Met.NO, said="it came more than a minute after the no")
    return (fresh, other, _there(at))


def _other(at: Lookout) -> Condition:
    """The sign-in page lets another app of ours in: it refuses this one, and not everything."""
    name = "control read"
    if at.other is None:
        return Condition(name=name, met=Met.NO, said="there is no other app of ours to compare with")
    try:
        at.other.fresh()
    except ConnectorError as failed:
        return Condition(name=name, met=Met.NO, said=f"another app of ours is refused as well: {failed}")
    return Condition(name=name, met=Met.YES, said="the same sign-in page lets another app of ours in")


def _there(at: Lookout) -> Condition:
    """The directory itself is there: its public document names it."""
    name, path = "directory", f"/{at.tenant}/v2.0/.well-known/openid-configuration"
    call = Call(method="GET", path=path, what="read the sign-in page of the directory", pace=PACE, repeat=True)
    try:
        issuer = text(at.login.call(call).object(), "issuer")
        if at.tenant.lower() not in issuer.lower():
            raise Confusing("read the sign-in page of the directory: it names another", system=SYSTEM)
    except ConnectorError as failed:
        return Condition(name=name, met=Met.NO, said=f"whether the directory is there is not known: {failed}")
    return Condition(name=name, met=Met.YES, said="it is there, so it is our app that it does not know")
