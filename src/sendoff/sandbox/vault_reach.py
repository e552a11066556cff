"""What a caller of the vault reaches: every shared list by the system-wide key, one by its own, some by an account."""

from dataclasses import dataclass

from sendoff.sandbox.wire import Obj, arr, obj, text
from sendoff.sandbox.world import Thing, World

PERMISSIONS = "Permissions"
"""Where a list or a folder keeps who may what: one row for a user or a group, with A, M or V."""
ADMIN, MODIFY, VIEW = "A", "M", "V"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`lists` may be seen and `changed` may be written; with `everything` these are all shared ones. `names` are the
    account and its groups, in lower case; `reports` says that reports answer."""

    everything: bool = False
    lists: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    reports: bool = False

    def to(self, ident: str) -> bool:
        """Whether this list is within reach."""
        return self.everything or ident in self.lists

    def writes(self, ident: str) -> bool:
        """Whether its records may be changed."""
        return self.everything or ident in self.changed

    def sees(self, folder: Thing) -> bool:
        """Whether the folder shows."""
        return self.everything or any(named(one) in self.names for one in permissions(folder))


def reach_of(world: World, names: frozenset[str], *, reports: bool) -> Reach:
    """What an account reaches by itself and by its groups."""
    held = {
        one.id: {text(row, "Permission") for row in permissions(one) if named(row) in names}
        for one in world.all("vault", "list")
    }
    return Reach(
        lists=frozenset(ident for ident, levels in held.items() if levels),
        changed=frozenset(ident for ident, levels in held.items() if levels & {ADMIN, MODIFY}),
        names=names,
        reports=reports,
    )


def permissions(thing: Thing) -> list[Obj]:
    """The rows of a list or a folder."""
    return [obj(one) for one in arr(thing.raw.get(PERMISSIONS))]


def named(row: Obj) -> str:
    """The user or group of a row, in lower case."""
    return (text(row, "UserID") or text(row, "SecurityGroupName")).lower()
