"""What else of ours lies in a subscription: what is deleted and kept, who is warned, and the link to our partner id.

Pages: learn.microsoft.com/rest/api for keyvault/vaults/list-deleted, loganalytics/deleted-workspaces/list,
backup/backup-protected-items/list and managementpartner/partners/list.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.ids import type_of
from sendoff.connectors.azure.items import described, settled
from sendoff.connectors.azure.lists import listed
from sendoff.connectors.azure.vaults import SAFE, protected
from sendoff.connectors.wire.body import Object, dig, text, texts
from sendoff.connectors.wire.client import Query
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Sign, SignKind, Target
from sendoff.ports import Sink

VAULTS = "2026-05-15"
WORKSPACES = "2025-07-01"
PARTNERS = "2018-02-01"
"""The only api-version of Microsoft.ManagementPartner [K]. The answer is about whoever asks, and nobody else."""
WARNS = ("microsoft.insights/", "microsoft.logic/", "microsoft.eventgrid/")
"""Types that send mail to somebody, or call an address."""
ADDRESS = re.compile(r"https?://(?:[^/@\s]*@)?([^/:?#\s\"'\\]+)", re.I)
"""A web address in a text, with its host; what follows may be a key, and is not kept."""
Row = tuple[Object, tuple[Sign, ...], tuple[tuple[str, str], ...]]
"""A row with its id, what more says whose it is, and a few facts."""


def found(arm: Arm, at: Target, facts: Facts, out: Sink) -> Iterator[Item]:
    """Every trace of the kind of `at` in one subscription; of what is the customer's alone nothing is kept."""
    for row, signs, detail in READS[at.kind](arm, facts):
        here = replace(at, id=text(row, "id"))
        item = described(row, here, out.image(settled(row)), facts.provider, detail)
        yield replace(item, signs=tuple(dict.fromkeys((*item.signs, *signs))))


def one(arm: Arm, at: Target, facts: Facts, out: Sink) -> Item | None:
    """The trace of an id. What lies in a bin has no address of its own: it is read in its list."""
    if at.kind is Kind.RECEIVER:
        row = arm.read(at.id, arm.version(at.id))
        if row is None:
            arm.subscription()
        kept = [] if row is None else [_receiver(row, facts)]
        return next((_item(row_, signs, at, facts, out) for row_, signs in kept if signs), None)
    return next((item for item in found(arm, at, facts, out) if item.id.lower() == at.id.lower()), None)


def _item(row: Object, signs: tuple[Sign, ...], at: Target, facts: Facts, out: Sink) -> Item:
    item = described(row, at, out.image(settled(row)), facts.provider)
    return replace(item, signs=tuple(dict.fromkeys((*item.signs, *signs))))


def _deleted(arm: Arm, facts: Facts) -> Iterator[Row]:
    """Vaults and workspaces that can be restored, and backups that wait for their end, each under its own old id."""
    for row in _list(arm, "Microsoft.KeyVault/deletedVaults", VAULTS, ()):
        until = text(row, "properties", "scheduledPurgeDate")[:10]
        old: Object = {**row, "id": text(row, "properties", "vaultId"), "tags": dig(row, "properties", "tags")}
        yield old, (), (("was", "key vault"), ("until", until))
    for row in _list(arm, "Microsoft.OperationalInsights/deletedWorkspaces", WORKSPACES, ()):
        yield row, (), (("was", "workspace"), ("until", "14 days after it was deleted"))
    for vault in (one for one in arm.graph() if type_of(text(one, "id")) == SAFE):
        for row in protected(arm, text(vault, "id")):
            if text(row, "properties", "isScheduledForDeferredDelete") == "yes":
                until = text(row, "properties", "deferredDeleteTimeInUTC")[:10]
                named: Object = {**row, "properties": {"vault": text(vault, "id"), "until": until}}
                yield named, (), (("was", "backup"), ("until", until or "14 days after it was deleted"))


def _list(arm: Arm, what: str, version: str, query: Query) -> list[Object]:
    return arm.listed(f"{arm.root}/providers/{what}", version, "list what can be restored", query=query)


def _receivers(arm: Arm, facts: Facts) -> Iterator[Row]:
    """Alerts, action groups and budgets that are not ours and warn us; our own end in their own steps."""
    mine = {one.id.lower() for one in facts.record}
    rows_ = [one for one in arm.graph() if type_of(text(one, "id")).startswith(WARNS)]
    for row in (*rows_, *listed(arm, Kind.BUDGET)):
        kept, signs = _receiver(row, facts)
        if signs and text(row, "id").lower() not in mine and not _tagged(row, facts):
            yield kept, signs, ()


def _tagged(row: Object, facts: Facts) -> bool:
    name, _, value = facts.provider.tag.partition("=")
    return text(row, "tags", name) == value


def _receiver(row: Object, facts: Facts) -> tuple[Object, tuple[Sign, ...]]:
    """The row cut down to our addresses in it, mail and web, each a sign; theirs are not kept."""
    ends = {told: domain for told, host in _ends(row) if (domain := _of_ours(host, facts))}
    signs = tuple(Sign(kind=SignKind.MAIL_DOMAIN, value=ends[told]) for told in sorted(ends))
    ours: Object = {"warns": [*sorted(ends)]}
    return {"id": text(row, "id"), "name": text(row, "name"), "properties": ours}, tuple(dict.fromkeys(signs))


def _ends(row: Object) -> Iterator[tuple[str, str]]:
    """Every address that a row sends to, with its host: mail as it stands, of web addresses the host alone."""
    for one in texts(dig(row, "properties")):
        if one.count("@") == 1 and " " not in one and "/" not in one:
            yield one, one.rpartition("@")[2]
        for host in ADDRESS.findall(one):
            yield f"https://{host.lower()}", host


def _of_ours(host: str, facts: Facts) -> str:
    """The domain of ours that a host is, or lies in; empty when it is none."""
    low = host.lower()
    return next((one for one in map(str.lower, facts.provider.domains) if low == one or low.endswith(f".{one}")), "")


def _partner_links(arm: Arm, facts: Facts) -> Iterator[Row]:
    """The link of our own identity there to our partner id: it counts for our income, and ends with the identity."""
    for row in arm.listed("/providers/Microsoft.ManagementPartner/partners", PARTNERS, "list partner links"):
        holder, partner = text(row, "properties", "objectId"), text(row, "properties", "partnerId")
        signs = (Sign(kind=SignKind.METADATA, value=f"principal={holder}"),)
        kept: Object = {"id": text(row, "id"), "name": f"partner id {partner}", "properties": {"objectId": holder}}
        yield kept, signs, (("principalId", holder), ("partner", partner))


READS: Mapping[Kind, Callable[[Arm, Facts], Iterator[Row]]] = {
    Kind.DELETED_RESOURCE: _deleted,
    Kind.RECEIVER: _receivers,
    Kind.PARTNER_LINK: _partner_links,
}
"""How each kind is read."""
