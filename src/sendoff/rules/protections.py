"""What protects a customer today and ends with our policies, alerts and plans (H12): told before it is removed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendoff.model.inventory import Item, Kind, System, Whose
from sendoff.model.situation import Owned


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One thing that ends, and what it did."""

    name: str
    what: str


_EFFECTS: Mapping[str, str] = {
    "deployifnotexists": "deploys what is missing on everything new",
    "modify": "changes everything new until it fits",
    "append": "adds fields to everything new",
    "deny": "refuses what does not fit",
    "denyaction": "refuses to let go of what it guards",
    "audit": "reports what does not fit",
    "auditifnotexists": "reports where something is missing",
}
"""What a policy does, by its effect in lower case; those that are not here protect nobody."""
_UNREAD = "what it does was not read: it is one of the vendor's own policies"
_COUNTED: Mapping[Kind, str] = {
    Kind.BUDGET: "budgets of ours: nobody is warned of what it costs",
    Kind.DEFENDER_PLAN: "Defender plans that onboarding raised: they go back to what they were",
    Kind.DIAGNOSTIC_SETTING: "diagnostic settings of ours: these logs are no longer kept",
    Kind.LOCK: "locks of ours: what they were over can be deleted again",
}
_ALERTS = ("metricalerts", "scheduledqueryrules", "activitylogalerts", "datacollectionrules", "smartdetectoralertrules")
_VAULTS = ("microsoft.recoveryservices/vaults", "microsoft.dataprotection/backupvaults")


def lost(owned: Sequence[Owned]) -> tuple[Protection, ...]:
    """Every protection of ours that a look saw: policies one by one, all else by number."""
    ours = [one.item for one in owned if one.provenance.whose is Whose.OURS]
    policies = sorted(_policies(ours), key=lambda one: one.name)
    found = Counter(said for item in ours if (said := _counted(item)))
    return (*policies, *(Protection(name=str(count), what=what) for what, count in sorted(found.items())))


def in_force(owned: Sequence[Owned]) -> tuple[str, ...]:
    """The refs of the policy assignments of ours that a look saw: those whose end the list tells."""
    ours = (one.item.ref for one in owned if one.provenance.whose is Whose.OURS)
    return tuple(sorted(ref for ref in ours if ref.startswith(f"{System.AZURE}|{Kind.POLICY_ASSIGNMENT}|")))


def _policies(ours: Sequence[Item]) -> Iterator[Protection]:
    effects = {item.id.lower(): item.fact("effect").lower() for item in ours if item.kind is Kind.POLICY_DEFINITION}
    parts = {item.id.lower(): item.uses for item in ours if item.kind is Kind.POLICY_SET}
    for item in ours:
        if item.kind is Kind.POLICY_ASSIGNMENT and item.fact("inherited") != "yes":
            target = item.fact("policyDefinitionId").lower()
            known = {effects[one] for one in parts.get(target, (target,)) if one in effects}
            what = sorted(_EFFECTS[effect] for effect in known if effect in _EFFECTS)
            if what or not known:
                yield Protection(name=item.name, what="; ".join(what) or _UNREAD)


def _counted(item: Item) -> str:
    if item.kind is Kind.RESOURCE:
        kind = item.fact("type")
        if kind.rpartition("/")[2] in _ALERTS:
            return "alert and collection rules of ours: nobody is told when something breaks"
        return "backup vaults of ours: who makes the next backup?" if kind in _VAULTS else ""
    return _COUNTED.get(item.kind, "")
