"""What no list of resources shows: policies, locks, rights, budgets, diagnostic settings, deployments, and the inside
of automation accounts and workspaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sendoff.connectors.azure.client import DIAGNOSTICS, Arm
from sendoff.connectors.azure.ids import type_of
from sendoff.connectors.azure.lists import BUDGETS, listed
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.spread import spread
from sendoff.model.inventory import Kind

POLICIES = (Kind.POLICY_ASSIGNMENT, Kind.POLICY_EXEMPTION, Kind.POLICY_SET, Kind.POLICY_DEFINITION)
DEPLOYED, BUDGETED = "Microsoft.Resources/deployments", "Microsoft.Consumption/budgets"
DEPLOYMENTS = "2026-06-01"
RUNBOOK = "microsoft.automation/automationaccounts/runbooks"
INSIDE = {
    "microsoft.automation/automationaccounts": ("variables", "schedules", "credentials"),
    "microsoft.operationalinsights/workspaces": ("savedSearches",),
}
"""Types that hold what has no row of its own, and the lists of it. The vendor gives no value of a credential and none
of an encrypted variable."""
NONE_THERE = frozenset({"ResourceTypeNotSupported", "InvalidResourceType", "ResourceNotFound"})
"""Codes of a list that this kind of place does not have; its parent was read a moment ago."""


@dataclass(slots=True, kw_only=True)
class Hidden:
    """The files of what was found, by name without ending, and what could not be read."""

    found: dict[str, list[Object]] = field(default_factory=dict)
    runbooks: dict[str, str] = field(default_factory=dict)
    """The text of each runbook, by the id of it."""
    unread: list[tuple[str, str]] = field(default_factory=list)


def hidden(arm: Arm, roles: Arm | None, groups: Sequence[Object], resources: Sequence[Object]) -> Hidden:
    """Ask for all of it; `roles` is the key that sees role assignments. A list of the subscription that cannot be read
    raises; one below a resource is written down as unread."""
    made = Hidden()
    for kind in POLICIES:
        made.found[f"{kind}s"] = listed(arm, kind)
    made.found["locks"] = listed(arm, Kind.LOCK)
    if roles is not None:
        made.found["role-assignments"] = listed(roles, Kind.ROLE_ASSIGNMENT)
    places = [arm.root, *(text(group, "id") for group in groups)]
    for name, path, version in (("deployments", DEPLOYED, DEPLOYMENTS), ("budgets", BUDGETED, BUDGETS)):
        made.found[name] = _below(arm, [(f"{place}/providers/{path}", version) for place in places], made)
    watched = [arm.root, *(text(one, "id") for one in resources)]
    logged = [(f"{place}/providers/Microsoft.Insights/diagnosticSettings", DIAGNOSTICS) for place in watched]
    made.found["diagnostic-settings"] = _below(arm, logged, made)
    for holder, names in INSIDE.items():
        ids = [text(one, "id") for one in resources if type_of(text(one, "id")) == holder]
        for name in names:
            asked = [(f"{ident}/{name}", arm.version(ident)) for ident in ids]
            made.found[f"{holder.rpartition('/')[2]}-{name}".lower()] = _below(arm, asked, made)
    _runbooks(arm, resources, made)
    return made


def _below(arm: Arm, asked: Sequence[tuple[str, str]], made: Hidden) -> list[Object]:
    """The rows of several lists; those that are refused go to the unread."""
    answers = spread(lambda one: arm.asked(one[0], one[1], "list what lies below"), asked)
    found: list[Object] = []
    for (path, version), answer in zip(asked, answers, strict=True):
        if answer.status != 200:
            made.unread += [] if answer.code in NONE_THERE else [(path, answer.code)]
            continue
        page = answer.object()
        more = bool(text(page, "nextLink"))
        value = arm.listed(path, version, "list what lies below") if more else rows(page, "value")
        found += [one for one in value if isinstance(one, dict)]
    return found


def _runbooks(arm: Arm, resources: Sequence[Object], made: Hidden) -> None:
    """GET {runbook}/content: the published text; a runbook that never was published has none."""
    ids = [text(one, "id") for one in resources if type_of(text(one, "id")) == RUNBOOK]
    answers = spread(lambda ident: arm.asked(f"{ident}/content", arm.version(ident), "read a runbook's text"), ids)
    for ident, answer in zip(ids, answers, strict=True):
        if answer.status == 200:
            made.runbooks[ident] = answer.body.decode("utf-8", "replace")
        else:
            made.unread.append((f"{ident}/content", answer.code))
