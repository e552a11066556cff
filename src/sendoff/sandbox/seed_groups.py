"""The seed of groups: the customer's own, one that is only called like ours, ours, and two that both have a part in."""

from dataclasses import dataclass

from sendoff.sandbox.seed_build import CREATED, Build
from sendoff.sandbox.wire import Json, Obj, text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A group of the seed: so many of the customer's people, ours beside them, and whether onboarding recorded it."""

    name: str
    staff: int = 0
    ours: bool = False
    noted: bool = False
    synced: bool = False


_GROUPS = (
    _Group(name="All staff", staff=8),
    _Group(name="Intercept operators", ours=True, noted=True),
    _Group(name="sg-azure-owners", staff=2),
    _Group(name="Intercept klanten", staff=3),
    _Group(name="Intercept servicedesk", staff=2, ours=True, noted=True),
    _Group(name="Intercept on-premises", ours=True, noted=True, synced=True),
)
"""Intercept klanten is the customer's: the people who speak with us. Both work with Intercept servicedesk."""


def groups(build: Build) -> None:
    """Every group with its members."""
    everyone = [one for one in build.world.all("graph", "user") if one.place == build.tenant]
    ours = [one for one in everyone if text(one.raw, "companyName") == "Intercept"]
    for group in _GROUPS:
        ident, nickname = build.guid("group", group.name), group.name.lower().replace(" ", "-")
        types: list[Json] = []
        about: Obj = {
            "displayName": group.name,
            "description": None,
            "groupTypes": types,
            "mailEnabled": False,
            "securityEnabled": True,
            "mailNickname": nickname,
            "isAssignableToRole": None,
            "onPremisesSyncEnabled": True if group.synced else None,
            "createdDateTime": CREATED,
        }
        build.graph("group", ident, about)
        for one in [*everyone[: group.staff], *(ours if group.ours else [])]:
            build.graph("membership", f"{ident}.{one.id}", {"groupId": ident, "memberId": one.id, "rel": "members"})
        if group.noted:
            build.note("graph", "group", ident)
