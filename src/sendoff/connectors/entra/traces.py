"""What else of ours lies in the customer's directory and its settings: read widely, kept only where it is ours."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sendoff.connectors.entra import marks
from sendoff.connectors.entra.belonging import recorded, user_of
from sendoff.connectors.entra.client import Directory
from sendoff.connectors.entra.people import address_signs, confirmed
from sendoff.connectors.entra.policies import naming, only_ours
from sendoff.connectors.entra.traces_client import DELETED, Traces
from sendoff.connectors.wire.body import Object, image, rows, text
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.ports import Sink

RESTORABLE = timedelta(days=30)
"""How long the bin of the directory keeps a thing [D]."""
TYPE = "#microsoft.graph."
PLAIN = re.compile(r"[\w-]{1,160}", re.A)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One thing of ours: its id, name and image, and what says that it is ours. An id of two parts has a / between."""

    id: str
    name: str
    kept: Json
    signs: tuple[Sign, ...]
    detail: tuple[tuple[str, str], ...] = ()
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where traces are looked for: `app` is the client id of our own app, `only` the id of the one object that is
    read, or empty for all."""

    directory: Directory
    traces: Traces
    facts: Facts
    app: str
    only: str = ""

    def rows(self, every: Callable[[], list[Object]], single: Callable[[str], Object | None]) -> Sequence[Object]:
        """Every row of a list, or the one that is read directly."""
        if not self.only:
            return every()
        row = single(self.only)
        return () if row is None else (row,)


def found(place: Place, at: Target, out: Sink) -> Iterator[Item]:
    """Every trace of the kind of `at`. Of what carries no sign of us nothing is kept."""
    for trace in READS[at.kind](place):
        if trace.signs:
            yield _item(trace, at, out)


def one(place: Place, at: Target, out: Sink) -> Item | None:
    """The trace of an id, read from its own object; None when it is not there, or holds nothing of ours any more."""
    only = at.id.partition("/")[0]
    if not PLAIN.fullmatch(only):
        raise Refused(f"{at.id!r} is not the id of a directory object")
    near = found(replace(place, only=only), at, out)
    return next((item for item in near if item.id.lower() == at.id.lower()), None)


def _item(trace: Trace, at: Target, out: Sink) -> Item:
    return Item(
        system=System.ENTRA,
        kind=at.kind,
        id=trace.id,
        name=trace.name,
        scope=at.scope,
        key=at.key,
        image=out.image(image(trace.kept)),
        signs=trace.signs,
        uses=trace.uses,
        detail=trace.detail,
        rebuildable=Rebuildable.PARTLY,
    )


def _methods(place: Place) -> Iterator[Trace]:
    """On accounts that are theirs, or may be; what lies on an account of ours goes with it."""
    for user in place.directory.users():
        if confirmed(user, place.facts) or place.only not in ("", user.id):
            continue
        for row in place.traces.methods(user.id):
            how = text(row, "@odata.type").removeprefix(TYPE).removesuffix("AuthenticationMethod")
            signs = (
                *marks.by_phone(text(row, "phoneNumber"), place.facts.provider),
                *marks.by_mail(text(row, "emailAddress"), place.facts.provider),
                *marks.by_name(text(row, "displayName"), place.facts),
            )
            kept: Json = {"user": user.id, "id": text(row, "id"), "method": how}
            yield Trace(
                id=f"{user.id}/{text(row, 'id')}",
                name=f"{how} on account {user.id}",
                kept=kept,
                signs=signs,
                detail=(("method", how), ("account", user.id)),
            )


def _applications(place: Place) -> Iterator[Trace]:
    """Registered in their tenant. What a pipeline or a person still uses is told by its credentials (H14)."""
    mine = recorded(place.facts)
    for row in place.rows(place.traces.applications, place.traces.application):
        executor = bool(place.app) and text(row, "appId").lower() == place.app.lower()
        listed = text(row, "id").lower() in mine or executor
        owner = f"principal={place.facts.provider.executor if executor else text(row, 'id')}"
        signs = (
            *((Sign(kind=SignKind.METADATA, value=owner),) if listed else ()),
            *marks.by_mail(text(row, "publisherDomain"), place.facts.provider),
            *marks.by_name(text(row, "displayName"), place.facts),
        )
        credentials = len(rows(row, "passwordCredentials")) + len(rows(row, "keyCredentials"))
        kept: Json = {name: text(row, name) for name in ("id", "appId", "displayName", "publisherDomain")}
        yield Trace(
            id=text(row, "id"),
            name=text(row, "displayName") or text(row, "id"),
            kept=kept,
            signs=signs,
            detail=(("credentials", str(credentials)), ("executor", "yes" if executor else "no")),
        )


def _trusts(place: Place) -> Iterator[Trace]:
    """On every app that is registered there, ours or theirs."""
    for app in place.rows(place.traces.applications, place.traces.application):
        for row in place.traces.trusts(text(app, "id")):
            kept: Json = {name: text(row, name) for name in ("id", "name", "issuer", "subject")}
            yield Trace(
                id=f"{text(app, 'id')}/{text(row, 'id')}",
                name=f"{text(row, 'name')}: trusts {text(row, 'subject')}",
                kept=kept,
                signs=tuple(marks.by_pipeline(row, place.facts.provider)),
                detail=(("app", text(app, "id")), ("issuer", text(row, "issuer"))),
            )


def _consents(place: Place) -> Iterator[Trace]:
    """Given to apps of ours; they go with the app."""
    clauses = (f"appOwnerOrganizationId eq {place.facts.provider.tenant}", f"appId eq '{place.app}'")
    apps = {app.id.lower(): app for clause in clauses for app in place.directory.principals(clause)}
    for app in apps.values():
        executor = app.id.lower() == place.facts.provider.executor.lower()
        signs = (
            Sign(kind=SignKind.METADATA, value=f"principal={app.id}"),
            Sign(kind=SignKind.OWNER_TENANT, value=app.appOwnerOrganizationId or ""),
        )
        given = [(text(row, "scope"), row) for row in place.traces.grants(app.id)]
        given += [(text(row, "resourceDisplayName"), row) for row in place.traces.app_roles(app.id)]
        for what, row in given:
            kept: Json = {"id": text(row, "id"), "client": app.id, "scope": what, "role": text(row, "appRoleId")}
            yield Trace(
                id=f"{app.id}/{text(row, 'id')}",
                name=f"consent to {app.displayName or app.id}: {what}",
                kept=kept,
                signs=signs,
                detail=(("principalId", app.id), ("executor", "yes" if executor else "no")),
                uses=(app.id.lower(),),
            )


def _locations(place: Place) -> Iterator[Trace]:
    """Theirs, with our addresses in it: the range is taken out, the location stays (H29)."""
    for row in place.rows(place.traces.locations, place.traces.location):
        held = rows(row, "ipRanges")
        signs = tuple(marks.by_range(row, place.facts.provider))
        kept: Json = {"id": text(row, "id"), "ranges": held if signs else []}
        yield Trace(
            id=text(row, "id"),
            name=f"{text(row, 'displayName')}: holds addresses of ours",
            kept=kept,
            signs=signs,
            detail=(("ranges", str(len(held))), ("trusted", text(row, "isTrusted"))),
        )


def _policies(place: Place) -> Iterator[Trace]:
    """Theirs, that name a group, an account, an app or the tenant of ours (H30), or let nobody in but from our
    addresses (H50)."""
    policies = place.rows(place.traces.policies, place.traces.policy)
    alone = only_ours(policies, place.traces.locations() if policies else (), place.facts)
    for named in naming(policies, place.directory, place.facts):
        us = named.id in alone
        kept: dict[str, Json] = {"id": named.id, "names": [*named.ours], **({"admits": "only us"} if us else {})}
        does = "lets in from our addresses alone" if us else f"names {len(named.ours)} of ours"
        yield Trace(
            id=named.id,
            name=f"{named.name}: {does}",
            kept=kept,
            signs=tuple(dict.fromkeys((*named.signs, *alone.get(named.id, ())))),
            detail=(
                ("state", named.state),
                ("names", " ".join(named.ours)),
                *((("admits", "only us"),) if us else ()),
            ),
        )


def _notices(place: Place) -> Iterator[Trace]:
    for name, address in place.traces.notices():
        signs = tuple(marks.by_mail(address, place.facts.provider))
        yield Trace(
            id=f"{name}/{address}", name=f"{name}: {address}", kept={"list": name, "mail": address}, signs=signs
        )


def _deleted(place: Place) -> Iterator[Trace]:
    """What of ours lies in the bin, and until when it can be restored (F11)."""
    for row in place.rows(lambda: _bin(place.traces), place.traces.deleted_item):
        kind = text(row, "@odata.type").removeprefix(TYPE)
        kept: Json = {"id": text(row, "id"), "kind": kind, "deleted": text(row, "deletedDateTime")}
        yield Trace(
            id=text(row, "id"),
            name=text(row, "displayName") or text(row, "id"),
            kept=kept,
            signs=tuple(_of_deleted(row, kind, place.facts)),
            detail=(("was", kind), ("until", restorable_until(row))),
        )


def _bin(traces: Traces) -> list[Object]:
    return [{**row, "@odata.type": f"{TYPE}{kind}"} for kind in DELETED for row in traces.deleted(kind)]


def _of_deleted(row: Object, kind: str, facts: Facts) -> Iterator[Sign]:
    if text(row, "id").lower() in recorded(facts):
        yield Sign(kind=SignKind.METADATA, value=f"principal={text(row, 'id')}")
    if kind == "user":
        mine = {one.lower() for one in facts.provider.domains}
        yield from (one for one in address_signs(user_of(row), facts) if one.value in mine)
    if text(row, "appOwnerOrganizationId").lower() == facts.provider.tenant.lower():
        yield Sign(kind=SignKind.OWNER_TENANT, value=facts.provider.tenant)
    yield from marks.by_name(text(row, "displayName"), facts)


def in_the_bin(directory: Directory, ident: str) -> tuple[tuple[str, str], ...]:
    """What a receipt says about a deleted thing that can still be restored; nothing when it cannot."""
    row = Traces(directory).deleted_item(ident)
    if row is None:
        return ()
    until = restorable_until(row)
    return (("restorable", "for 30 days"), *((("until", until),) if until else ()))


def restorable_until(row: Object) -> str:
    """The last day on which a deleted thing can be restored, as YYYY-MM-DD; empty when its row does not say."""
    since = text(row, "deletedDateTime")
    try:
        return (datetime.fromisoformat(since) + RESTORABLE).date().isoformat()
    except ValueError:
        return ""


READS: Mapping[Kind, Callable[[Place], Iterator[Trace]]] = {
    Kind.SIGN_IN_METHOD: _methods,
    Kind.APP_REGISTRATION: _applications,
    Kind.TRUST: _trusts,
    Kind.CONSENT: _consents,
    Kind.NAMED_LOCATION: _locations,
    Kind.ACCESS_POLICY: _policies,
    Kind.NOTICE_CONTACT: _notices,
    Kind.DELETED_ITEM: _deleted,
}
"""How each kind is read."""
