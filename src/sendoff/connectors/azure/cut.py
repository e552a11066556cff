"""The new MSP's cut: what stands in this table, and nothing else. The customer's cut is the whole.

Passwords hide in deployment parameters, settings of extensions and applications, runbooks and tags (H46): so nothing is
taken out here by being recognised; it is let in, by kind and property, with the shape that its value must have.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sendoff.connectors.azure.ids import type_of
from sendoff.connectors.wire.body import Object, dig, text
from sendoff.model.digest import Json

WITHHELD = "withheld, in the customer's cut"
WORD = re.compile(r"[\w .()-]{1,90}")
IDENT = re.compile(r"/[\w./() -]{1,400}")
NETWORK = re.compile(r"[0-9a-fA-F.:]{2,45}(/\d{1,3})?")
FIGURE = re.compile(r"-?\d{1,9}|yes|no")
GUID = re.compile(r"[0-9a-f-]{36}", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One property that the new MSP may see: the way to it, the shape of its value, and why they need it."""

    path: tuple[str, ...]
    shape: re.Pattern[str]
    why: str


def _may(path: str, shape: re.Pattern[str], why: str) -> Allowed:
    return Allowed(path=tuple(path.split("/")), shape=shape, why=why)


COMMON = (
    _may("id", IDENT, "what it is called by everything else"),
    _may("name", WORD, "what people call it"),
    _may("type", re.compile(r"[\w./-]{1,120}"), "what it is"),
    _may("location", WORD, "where it runs"),
    _may("kind", WORD, "which variant of the type"),
    _may("sku/name", WORD, "which size, and so what it costs"),
    _may("sku/tier", WORD, "which size, and so what it costs"),
    _may("managedBy", IDENT, "what it cannot be moved without"),
    _may("zones", WORD, "where it runs"),
)
_STATE = _may("properties/provisioningState", WORD, "whether it is in order")
_ENABLED = _may("properties/enabled", FIGURE, "whether it works")
RESOURCES: Mapping[str, tuple[Allowed, ...]] = {
    "microsoft.compute/virtualmachines": (
        _STATE,
        _may("properties/hardwareProfile/vmSize", WORD, "the size to plan for"),
        _may("properties/storageProfile/osDisk/osType", WORD, "which agents and patches it takes"),
        _may("properties/storageProfile/imageReference/offer", WORD, "which system it runs"),
        _may("properties/storageProfile/imageReference/sku", WORD, "which system it runs"),
        _may("properties/licenseType", WORD, "which licences go along"),
    ),
    "microsoft.compute/disks": (
        _STATE,
        _may("properties/diskSizeGB", FIGURE, "what has to be backed up"),
        _may("properties/osType", WORD, "what lies on it"),
    ),
    "microsoft.network/networkinterfaces": (_STATE,),
    "microsoft.network/virtualnetworks": (
        _STATE,
        _may("properties/addressSpace/addressPrefixes", NETWORK, "ranges that must not overlap"),
    ),
    "microsoft.network/publicipaddresses": (
        _STATE,
        _may("properties/publicIPAllocationMethod", WORD, "whether the address stays"),
    ),
    "microsoft.network/networksecuritygroups": (_STATE,),
    "microsoft.network/dnszones": (_STATE, _may("properties/numberOfRecordSets", FIGURE, "how much there is to check")),
    "microsoft.storage/storageaccounts": (
        _STATE,
        _may("properties/accessTier", WORD, "what it costs"),
        _may("properties/supportsHttpsTrafficOnly", FIGURE, "how it is protected"),
        _may("properties/minimumTlsVersion", WORD, "how it is protected"),
    ),
    "microsoft.keyvault/vaults": (
        _STATE,
        _may("properties/enableSoftDelete", FIGURE, "whether what is deleted comes back"),
        _may("properties/enablePurgeProtection", FIGURE, "whether what is deleted comes back"),
        _may("properties/enableRbacAuthorization", FIGURE, "how rights on it are given"),
    ),
    "microsoft.web/serverfarms": (_STATE,),
    "microsoft.web/sites": (
        _STATE,
        _may("properties/state", WORD, "whether it runs"),
        _may("properties/serverFarmId", IDENT, "what it runs on"),
        _may("properties/httpsOnly", FIGURE, "how it is protected"),
    ),
    "microsoft.sql/servers": (_STATE, _may("properties/version", WORD, "what has to be migrated")),
    "microsoft.sql/servers/databases": (
        _STATE,
        _may("properties/collation", WORD, "what has to be migrated"),
        _may("properties/maxSizeBytes", re.compile(r"\d{1,20}"), "what has to be migrated"),
    ),
    "microsoft.operationalinsights/workspaces": (
        _STATE,
        _may("properties/retentionInDays", FIGURE, "how long logs stay"),
        _may("properties/sku/name", WORD, "what it costs"),
    ),
    "microsoft.recoveryservices/vaults": (_STATE,),
    "microsoft.insights/metricalerts": (_STATE, _ENABLED, _may("properties/severity", FIGURE, "how loud it is")),
    "microsoft.insights/scheduledqueryrules": (_ENABLED, _may("properties/severity", FIGURE, "how loud it is")),
    "microsoft.insights/activitylogalerts": (_ENABLED,),
    "microsoft.insights/actiongroups": (_ENABLED,),
    "microsoft.insights/datacollectionrules": (_STATE,),
    "microsoft.automation/automationaccounts": (_may("properties/state", WORD, "whether it works"),),
}
"""The types of resources; one that is not here is only counted."""
OTHERS: Mapping[str, tuple[Allowed, ...]] = {
    "groups": (_STATE,),
    "locks": (_may("properties/level", WORD, "what cannot be changed or deleted"),),
    "policy-assignments": (
        _may("properties/policyDefinitionId", IDENT, "which rule holds"),
        _may("properties/scope", IDENT, "where it holds"),
        _may("properties/enforcementMode", WORD, "whether it refuses or reports"),
    ),
    "policy-exemptions": (
        _may("properties/policyAssignmentId", IDENT, "from which rule"),
        _may("properties/exemptionCategory", WORD, "why it is exempt"),
        _may("properties/expiresOn", re.compile(r"[\dT:.+Z-]{10,40}"), "until when"),
    ),
    "role-assignments": (
        _may("properties/roleDefinitionId", IDENT, "which right"),
        _may("properties/scope", IDENT, "where it holds"),
        _may("properties/principalType", WORD, "whose kind of account has it, not whose"),
    ),
    "diagnostic-settings": (),
    "budgets": (_may("properties/timeGrain", WORD, "that there is one, and how often it is counted"),),
}
"""The other kinds, by the name of their file; one that is not here does not come along at all."""


def cut(rows: Sequence[Object], kind: str = "") -> list[Json]:
    """The rows as the new MSP sees them; without a kind they are resources, each by its own type."""
    return [_seen(row, kind) for row in rows]


def _seen(row: Object, kind: str) -> Object:
    more = OTHERS.get(kind) if kind else RESOURCES.get(type_of(text(row, "id")))
    if more is None:
        return {"kind": WITHHELD}
    found: Object = {}
    kept = 0
    for one in (*COMMON, *more):
        value = dig(row, *one.path)
        if value is None:
            continue
        fits = _fits(value, one.shape)
        kept += _leaves(value) if fits else 0
        _put(found, one.path, value if fits else WITHHELD)
    if kept < _leaves(row):
        found["rest"] = WITHHELD
    return found


def _put(found: Object, path: tuple[str, ...], value: Json) -> None:
    for name in path[:-1]:
        inner = found.setdefault(name, {})
        found = inner if isinstance(inner, dict) else {}
    found[path[-1]] = value


def _fits(value: Json, shape: re.Pattern[str]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(not isinstance(one, list) and _fits(one, shape) for one in value)
    return not isinstance(value, dict) and shape.fullmatch(text(value)) is not None


def _leaves(value: Json) -> int:
    if isinstance(value, dict):
        return sum(_leaves(inner) for inner in value.values())
    return sum(_leaves(one) for one in value) if isinstance(value, list) else 1
