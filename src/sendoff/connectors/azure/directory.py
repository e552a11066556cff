"""The customer's directory, asked who the principals of role assignments are: Azure itself gives only their ids.

Pages: learn.microsoft.com/graph/api for user-list, group-list, serviceprincipal-list. A filter holds 15 clauses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Call, Http, Pace
from sendoff.model.errors import Denied
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Sign, SignKind

READS = Pace(kind="reads", rate=50, burst=200)
"""The same bucket as that of the look at the directory."""
AT_ONCE = 15
LISTS: Mapping[str, tuple[str, str]] = {
    "user": ("/users", "id,userPrincipalName,userType,mail"),
    "group": ("/groups", "id"),
    "serviceprincipal": ("/servicePrincipals", "id,appOwnerOrganizationId,servicePrincipalType,alternativeNames"),
}
"""Where each type of principal is listed, and what is asked of it; a group of another tenant is in none."""
EXTERNAL = "#EXT#"
IN_DIRECTORY, NOBODY = "in the directory", "the directory does not know its principal"
ABROAD = "it gives rights to a group of another tenant, whose directory we cannot ask; is that group ours?"
UNASKED = "nobody could ask the directory who its principal is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """What the directory says of one principal: `said` is IN_DIRECTORY, or why it is not known."""

    said: str
    signs: tuple[Sign, ...] = ()
    identity_of: str = ""
    """The id of the Azure resource whose managed identity it is; empty when it is none."""

    @property
    def detail(self) -> tuple[tuple[str, str], ...]:
        """As facts of the role assignment."""
        return (("principal", self.said), *((("identity-of", self.identity_of),) if self.identity_of else ()))


def principals(http: Http | None, rows: Sequence[Object], facts: Facts) -> Mapping[str, Principal]:
    """Who the principals of these role assignments are, by id in lower case. Those that the record or the settings
    know are not asked for."""
    known = {one.id.lower() for one in facts.record} | {one.lower() for one in facts.provider.principals}
    found: dict[str, Principal] = {}
    asked: dict[str, list[str]] = {}
    for row in rows:
        ident, kind = text(row, "properties", "principalId").lower(), _kind(row)
        if ident in known or ident == facts.provider.executor.lower():
            continue
        if kind in LISTS:
            asked.setdefault(kind, []).append(ident)
        found[ident] = Principal(said=NOBODY if kind in LISTS else ABROAD if kind == "foreigngroup" else UNASKED)
    for kind, ids in asked.items():
        found |= _asked(http, kind, sorted(set(ids)))
    return found


def told_of(item: Item, who: Mapping[str, Principal]) -> Item:
    """A role assignment with what the directory says of its principal; any other item as it is."""
    found = who.get(item.fact("principalId").lower())
    if item.kind is not Kind.ROLE_ASSIGNMENT or found is None:
        return item
    return replace(item, signs=(*item.signs, *found.signs), detail=(*item.detail, *found.detail))


def _kind(row: Object) -> str:
    return text(row, "properties", "principalType").lower()


def _asked(http: Http | None, kind: str, ids: Sequence[str]) -> Mapping[str, Principal]:
    """What one list says of these; when the key may not read it, that is said of each."""
    if http is None:
        return {ident: Principal(said=UNASKED) for ident in ids}
    try:
        return {text(row, "id").lower(): _principal(row) for row in _rows(http, kind, ids)}
    except Denied as no:
        return {ident: Principal(said=f"{UNASKED}: {no}") for ident in ids}


def _rows(http: Http, kind: str, ids: Sequence[str]) -> Iterator[Object]:
    path, fields = LISTS[kind]
    for start in range(0, len(ids), AT_ONCE):
        clause = " or ".join(f"id eq '{ident}'" for ident in ids[start : start + AT_ONCE])
        query = (("$filter", clause), ("$select", fields))
        call = Call(method="GET", path=path, what="ask who principals are", pace=READS, query=query, repeat=True)
        yield from http.pages(call, rows="value", following="@odata.nextLink")


def _principal(row: Object) -> Principal:
    tenant = text(row, "appOwnerOrganizationId")
    signs = [Sign(kind=SignKind.OWNER_TENANT, value=tenant)] if tenant else []
    signs += [Sign(kind=kind, value=one) for kind, one in _addresses(row)]
    return Principal(said=IN_DIRECTORY, signs=tuple(signs), identity_of=_identity_of(row))


def _identity_of(row: Object) -> str:
    """The resource of a managed identity, which Azure writes among its alternative names beside isExplicit=…. Those of
    an app are whatever its owner wrote there, and say nothing."""
    if text(row, "servicePrincipalType") != "ManagedIdentity":
        return ""
    names = [one for one in rows(row, "alternativeNames") if isinstance(one, str) and one.startswith("/")]
    return names[0] if len(names) == 1 else ""


def _addresses(row: Object) -> Iterator[tuple[SignKind, str]]:
    """The domain of the sign-in name (for guests the one written into it), and that of the mail: a guest's is that of
    their home, and a member may let theirs go anywhere."""
    name, mail = text(row, "userPrincipalName"), text(row, "mail").rpartition("@")[2].lower()
    head, external, _ = name.partition(EXTERNAL)
    signed_in = (head.rpartition("_")[2] if external else name.rpartition("@")[2]).lower()
    if signed_in:
        yield SignKind.MAIL_DOMAIN, signed_in
    if mail and mail != signed_in:
        guest = text(row, "userType").lower() == "guest"
        yield SignKind.MAIL_DOMAIN if guest else SignKind.MAIL_GOES, mail
