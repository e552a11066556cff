"""What a row of ARM says to people and rules: its signs, what it needs, and a few facts."""

import re
from collections.abc import Callable, Iterator

from sendoff.connectors.azure.ids import group_of, root, scope_of, type_of, under
from sendoff.connectors.azure.scrubbing import emptied
from sendoff.connectors.wire.body import Object, dig, image, pairs, rows, text, texts, without
from sendoff.model.digest import Digest, Json
from sendoff.model.facts import Provider
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target

REMEDIATION = "microsoft.policyinsights/remediations"
OF_A_RUN = frozenset({"deploymentstatus", "lastupdatedon", "statusmessage", "correlationid"})
"""What a remediation changes of itself while it runs, and when it is cancelled."""
MOVES_BY_ITSELF = frozenset({"etag", "lastmodifiedat", "provisioningstate", "changedtime"})
HOLDS_DATA = frozenset(
    {
        "microsoft.operationalinsights/workspaces",
        "microsoft.storage/storageaccounts",
        "microsoft.recoveryservices/vaults",
        "microsoft.dataprotection/backupvaults",
        "microsoft.keyvault/vaults",
        "microsoft.keyvault/managedhsms",
        "microsoft.sql/servers",
        "microsoft.sql/servers/databases",
        "microsoft.sql/managedinstances",
        "microsoft.compute/disks",
        "microsoft.compute/snapshots",
        "microsoft.compute/images",
        "microsoft.documentdb/databaseaccounts",
        "microsoft.dbforpostgresql/flexibleservers",
        "microsoft.dbformysql/flexibleservers",
        "microsoft.kusto/clusters",
        "microsoft.synapse/workspaces",
        "microsoft.netapp/netappaccounts",
        "microsoft.containerregistry/registries",
        "microsoft.datalakestore/accounts",
        "microsoft.search/searchservices",
        "microsoft.cache/redis",
    }
)
"""Types that hold the customer's data: not removed before they accepted the delivered export."""
NOT_AGAIN = frozenset({Kind.DELEGATION, Kind.DELEGATION_DEFINITION})
AGAIN = frozenset(
    {
        Kind.POLICY_ASSIGNMENT,
        Kind.POLICY_EXEMPTION,
        Kind.POLICY_SET,
        Kind.POLICY_DEFINITION,
        Kind.BUDGET,
        Kind.LOCK,
        Kind.DIAGNOSTIC_SETTING,
        Kind.ROLE_ASSIGNMENT,
    }
)
UNDELEGATE = "91c1777a-f3dc-4fae-b103-61d183457e46"
"""Managed Services Registration assignment Delete Role."""
PARAMETER = re.compile(r"\[parameters\('([^']+)'\)\]", re.I)
IDS = ("/subscriptions/", "/providers/microsoft.")
HOSTS = re.compile(
    r"(?<![a-z0-9.-])([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:windows\.net|azure\.net|azure\.com|azurewebsites\.net"
    r"|azurecr\.io|azconfig\.io|trafficmanager\.net))(?![a-z0-9-]|\.[a-z0-9])"
)
"""Names of Azure's own hosts in a text of lower case: things are named by them where no id stands."""
MADE_AGAIN = (
    "microsoft.authorization/",
    "microsoft.policyinsights/",
    "microsoft.consumption/",
    "microsoft.insights/diagnosticsettings",
)
"""How the types of things begin that a withdrawal makes again from their images."""
Detail = Iterator[tuple[str, str]]


def settled(row: Json) -> bytes:
    """The canonical bytes of a row, without what moves by itself, and without what lies where secrets lie; what may be
    made again from its image is kept whole there."""
    kind = type_of(text(row, "id"))
    moves = MOVES_BY_ITSELF | (OF_A_RUN if kind == REMEDIATION else frozenset())
    kept = without(row, lambda name: name.lower() in moves)
    return image(kept if kind.startswith(MADE_AGAIN) else emptied(kept, kind))


def described(
    row: Object, at: Target, digest: Digest, provider: Provider, more: tuple[tuple[str, str], ...] = ()
) -> Item:
    """The row as an item at the place it was found in."""
    detail = (*[(name, value) for name, value in _detail(row, at) if value], *more)
    return Item(
        system=System.AZURE,
        kind=at.kind,
        id=at.id,
        name=_name(row),
        scope=at.scope,
        key=at.key,
        image=digest,
        signs=tuple(_signs(row, at, provider)),
        uses=() if at.kind is Kind.POLICY_DEPLOYMENT else _uses(row, at.id),
        detail=detail,
        holds_data=type_of(at.id) in HOLDS_DATA or ("holds-data", "yes") in more,
        rebuildable=_rebuildable(at),
    )


def _name(row: Object) -> str:
    shown = text(row, "properties", "displayName") or text(
        row, "properties", "registrationDefinition", "properties", "registrationDefinitionName"
    )
    return shown or text(row, "properties", "registrationDefinitionName") or text(row, "name") or text(row, "id")


def _rebuildable(at: Target) -> Rebuildable:
    if at.kind in NOT_AGAIN or type_of(at.id) in HOLDS_DATA:
        return Rebuildable.NOT
    return Rebuildable.FULLY if at.kind in AGAIN else Rebuildable.PARTLY


def _uses(row: Object, ident: str) -> tuple[str, ...]:
    found = {one.removeprefix("hidden-link:").lower() for one in texts(row)}
    ids = {one for one in found if one.startswith(IDS) and not under(one, ident) and " " not in one}
    hosts = {f"host:{name}" for one in found if "." in one for name in HOSTS.findall(one)}
    return tuple(sorted(ids | hosts))


def _signs(row: Object, at: Target, provider: Provider) -> Iterator[Sign]:
    for name, value in pairs(row, "tags"):
        yield Sign(kind=SignKind.TAG, value=f"{name}={value}")
    for name, value in pairs(row, "properties", "metadata"):
        yield Sign(kind=SignKind.METADATA, value=f"{name}={value}")
    if place := _place(at):
        yield Sign(kind=SignKind.PLACE, value=place)
    if tenant := _tenant(row):
        yield Sign(kind=SignKind.OWNER_TENANT, value=tenant)
    if at.kind is Kind.ROLE_ASSIGNMENT:
        yield Sign(kind=SignKind.METADATA, value=f"principal={text(row, 'properties', 'principalId')}")
    if provider.name.lower() in f"{_name(row)} {text(row, 'name')}".lower():
        yield Sign(kind=SignKind.NAME, value=provider.name)


def _place(at: Target) -> str:
    if at.kind is Kind.RESOURCE:
        return group_of(at.id)
    return scope_of(at.id) if at.kind is Kind.DIAGNOSTIC_SETTING else ""


def _tenant(row: Object) -> str:
    offer = dig(row, "properties", "registrationDefinition", "properties", "managedByTenantId")
    return text(offer) or text(row, "properties", "managedByTenantId")


def _domains(row: Object) -> set[str]:
    return {one.rsplit("@", 1)[1].lower() for one in texts(row.get("properties")) if one.count("@") == 1}


def _detail(row: Object, at: Target) -> Detail:
    yield "type", type_of(at.id)
    yield "location", text(row, "location")
    yield "group", group_of(at.id).rsplit("/", 1)[-1]
    yield "inherited", "" if under(at.id, root(at.scope)) else "yes"
    yield "managed-by", text(row, "managedBy")
    yield "created-by", text(row, "systemData", "createdBy")
    yield "identity", text(row, "identity", "principalId")
    for name in FACTS.get(at.kind, ()):
        yield name, text(row, "properties", name)
    yield "mail-domains", " ".join(sorted(_domains(row))) if at.kind is Kind.BUDGET else ""
    more = MORE.get(at.kind)
    if more is not None:
        yield from more(row, at)


def _scoped(row: Object, at: Target) -> Detail:
    yield "scope", text(row, "properties", "scope") or scope_of(at.id)


def _offer(row: Object, at: Target) -> Detail:
    offer = dig(row, "properties", "registrationDefinition", "properties")
    known = offer if isinstance(offer, dict) else dig(row, "properties")
    roles = [(text(one, "principalId"), text(one, "roleDefinitionId")) for one in rows(known, "authorizations")]
    yield "scope", scope_of(at.id)
    yield "definition", text(row, "properties", "registrationDefinitionId")
    yield "can-remove-itself", ("yes" if any(role == UNDELEGATE for _, role in roles) else "no") if roles else ""
    yield "authorizations", " ".join(f"{principal}={role}" for principal, role in sorted(roles))


FACTS: dict[Kind, tuple[str, ...]] = {
    Kind.POLICY_ASSIGNMENT: ("policyDefinitionId", "enforcementMode"),
    Kind.POLICY_REMEDIATION: ("policyAssignmentId", "provisioningState"),
    Kind.POLICY_EXEMPTION: ("policyAssignmentId", "exemptionCategory", "expiresOn"),
    Kind.POLICY_SET: ("policyType",),
    Kind.POLICY_DEFINITION: ("policyType", "mode"),
    Kind.ROLE_ASSIGNMENT: ("principalId", "principalType", "roleDefinitionId"),
    Kind.LOCK: ("level", "notes"),
    Kind.BUDGET: ("category", "timeGrain"),
    Kind.DIAGNOSTIC_SETTING: ("workspaceId", "storageAccountId"),
}


def _effect(row: Object, at: Target) -> Detail:
    """What the rule does; an effect that is a parameter is told by its default."""
    effect = text(row, "properties", "policyRule", "then", "effect")
    named = PARAMETER.match(effect)
    default = text(row, "properties", "parameters", named[1], "defaultValue") if named else ""
    yield "effect", (default if named else effect)


def _deployed(row: Object, at: Target) -> Detail:
    yield "made", " ".join(sorted(text(one, "id") for one in rows(row, "properties", "outputResources")))


MORE: dict[Kind, Callable[[Object, Target], Detail]] = {
    Kind.POLICY_ASSIGNMENT: _scoped,
    Kind.POLICY_EXEMPTION: _scoped,
    Kind.POLICY_DEFINITION: _effect,
    Kind.POLICY_DEPLOYMENT: _deployed,
    Kind.ROLE_ASSIGNMENT: _scoped,
    Kind.LOCK: _scoped,
    Kind.DIAGNOSTIC_SETTING: _scoped,
    Kind.BUDGET: _scoped,
    Kind.DELEGATION: _offer,
    Kind.DELEGATION_DEFINITION: _offer,
}
