"""Last key out: which things are ways in, which step needs or takes away which key, and what goes last."""

from collections.abc import Mapping

from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind
from sendoff.model.key import Key
from sendoff.model.step import Step


def is_executors(item: Item, facts: Facts) -> bool:
    """True for the identity this program works with, and for the rights it works by (H3)."""
    executor = facts.provider.executor.lower()
    if not executor:
        return False
    if item.kind is Kind.SERVICE_PRINCIPAL:
        return item.id.lower() == executor
    if item.kind is Kind.APP_REGISTRATION:
        return item.fact("executor") == "yes"
    return item.kind in _RIGHTS and item.fact("principalId").lower() == executor


_RIGHTS = frozenset({Kind.ROLE_ASSIGNMENT, Kind.DIRECTORY_ROLE, Kind.CONSENT, Kind.PARTNER_LINK})
"""Rights that name their holder; the platform removes them with the app that held them."""

_IS_KEY: Mapping[Kind, Key] = {
    Kind.DELEGATION: Key.LIGHTHOUSE,
    Kind.ROLE_ASSIGNMENT: Key.AOBO,
    Kind.GDAP: Key.GDAP,
    Kind.RELATIONSHIP: Key.PARTNER_CENTER,
    Kind.SERVICE_PRINCIPAL: Key.APP,
}
"""Kinds that are a door of ours into a customer; of service principals only the one that goes last."""

_THROUGH: Mapping[Key, frozenset[Kind]] = {
    Key.LIGHTHOUSE: frozenset(
        {
            Kind.RESOURCE,
            Kind.GROUP,
            Kind.POLICY_REMEDIATION,
            Kind.POLICY_EXEMPTION,
            Kind.POLICY_ASSIGNMENT,
            Kind.POLICY_SET,
            Kind.POLICY_DEFINITION,
            Kind.DIAGNOSTIC_SETTING,
            Kind.BUDGET,
            Kind.DELEGATION,
            Kind.DEFENDER_PLAN,
            Kind.TAG,
            Kind.SECURITY_CONTACT,
            Kind.RECEIVER,
            Kind.PROBE_SERVICE,
            Kind.INSIDE_MACHINE,
        }
    ),
    Key.APP: frozenset(
        {
            Kind.ROLE_ASSIGNMENT,
            Kind.PARTNER_LINK,
            Kind.USER,
            Kind.GUEST,
            Kind.SERVICE_PRINCIPAL,
            Kind.DIRECTORY_GROUP,
            Kind.DIRECTORY_ROLE,
            Kind.SIGN_IN_METHOD,
            Kind.APP_REGISTRATION,
            Kind.TRUST,
            Kind.CONSENT,
            Kind.ACCESS_POLICY,
            Kind.NAMED_LOCATION,
            Kind.NOTICE_CONTACT,
            Kind.ADMINISTRATOR,
            Kind.NEW_ADMINISTRATOR,
        }
    ),
    Key.PARTNER_CENTER: frozenset({Kind.TRANSFER, Kind.COMMITMENT, Kind.RELATIONSHIP}),
}
"""By which door a kind is read and ended. That another key may do as well is luck, and no order rests on luck. A lock
is read by whatever reads the things that it is over."""


def needed(step: Step) -> Mapping[Key, str]:
    """The doors that a step, its look and its second look go through, each with the reason in words."""
    found = {
        key: f"it reads {', '.join(sorted(kinds))}"
        for key, all_kinds in _THROUGH.items()
        if (kinds := (step.covers | step.looks_at) & all_kinds)
    }
    return {**found, **{key: "it works" for key in step.needs if key not in found}}


def taken(step: Step) -> Mapping[Key, Kind]:
    """The doors that a step takes away, each with the kind that is the door."""
    return {
        key: kind
        for kind, key in _IS_KEY.items()
        if kind in step.covers and (kind is not Kind.SERVICE_PRINCIPAL or step.last)
    }
