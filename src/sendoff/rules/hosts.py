"""Things that are named by a host name and not by an id: a machine whose boot log goes to a storage account of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sendoff.model.inventory import Item, Kind

HOST = "host:"
"""How a connector marks a use that it knows by a host name alone."""
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "core.windows.net": ("microsoft.storage/storageaccounts",),
    "vault.azure.net": ("microsoft.keyvault/vaults",),
    "managedhsm.azure.net": ("microsoft.keyvault/managedhsms",),
    "azurewebsites.net": ("microsoft.web/sites",),
    "database.windows.net": ("microsoft.sql/servers",),
    "postgres.database.azure.com": ("microsoft.dbforpostgresql/flexibleservers",),
    "mysql.database.azure.com": ("microsoft.dbformysql/flexibleservers",),
    "documents.azure.com": ("microsoft.documentdb/databaseaccounts",),
    "servicebus.windows.net": ("microsoft.servicebus/namespaces", "microsoft.eventhub/namespaces"),
    "azurecr.io": ("microsoft.containerregistry/registries",),
    "azconfig.io": ("microsoft.appconfiguration/configurationstores",),
    "redis.cache.windows.net": ("microsoft.cache/redis",),
    "search.windows.net": ("microsoft.search/searchservices",),
    "trafficmanager.net": ("microsoft.network/trafficmanagerprofiles",),
}
"""Names that Azure gives once in the world, and the types that have them; the first label names the thing [K]."""


def resolved(items: Sequence[Item]) -> Sequence[Item]:
    """The same things, in which a use by host name is the id of the thing that has this name, where a look shows it."""
    if not any(used.startswith(HOST) for item in items for used in item.uses):
        return items
    named = {
        (item.fact("type"), item.id.lower().rpartition("/")[2]): item.id.lower()
        for item in items
        if item.kind is Kind.RESOURCE
    }
    return tuple(replace(item, uses=_ids(item, named)) for item in items)


def _ids(item: Item, named: Mapping[tuple[str, str], str]) -> tuple[str, ...]:
    own, found = item.id.lower(), []
    for used in item.uses:
        found.extend(_things(used.removeprefix(HOST), named) if used.startswith(HOST) else [used])
    return tuple(sorted({one for one in found if one != own}))


def _things(host: str, named: Mapping[tuple[str, str], str]) -> list[str]:
    name = host.partition(".")[0]
    kinds = (kind for end, kinds in SUFFIXES.items() if host.endswith(f".{end}") for kind in kinds)
    return [named[kind, name] for kind in kinds if (kind, name) in named]
