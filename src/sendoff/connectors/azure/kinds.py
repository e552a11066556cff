"""Which kinds a look at Azure reads and by which keys, and what of them we can remove."""

from sendoff.connectors.azure import settings
from sendoff.model.inventory import Kind
from sendoff.model.key import Key

BOTH = (Key.LIGHTHOUSE, Key.APP, Key.AOBO)
RIGHTS = (Key.APP, Key.AOBO)
"""Lighthouse is never shown role assignments, nor what a delegation is made of."""
MACHINE = (Key.LIGHTHOUSE, Key.APP)  # to ask a machine is to run a command on it: no deed of who only looks
READABLE: dict[Kind, tuple[Key, ...]] = {
    Kind.RESOURCE: BOTH,
    Kind.GROUP: BOTH,
    Kind.POLICY_REMEDIATION: BOTH,
    Kind.POLICY_ASSIGNMENT: BOTH,
    Kind.POLICY_EXEMPTION: BOTH,
    Kind.POLICY_SET: BOTH,
    Kind.POLICY_DEFINITION: BOTH,
    Kind.POLICY_DEPLOYMENT: BOTH,
    Kind.DIAGNOSTIC_SETTING: BOTH,
    Kind.BUDGET: BOTH,
    Kind.LOCK: (Key.APP, Key.LIGHTHOUSE, Key.AOBO),
    Kind.DELEGATION: BOTH,
    Kind.ROLE_ASSIGNMENT: RIGHTS,
    Kind.DELEGATION_DEFINITION: RIGHTS,
    Kind.DEFENDER_PLAN: BOTH,
    Kind.TAG: BOTH,
    Kind.SECURITY_CONTACT: BOTH,
    Kind.DELETED_RESOURCE: BOTH,
    Kind.RECEIVER: BOTH,
    Kind.PARTNER_LINK: (Key.APP,),
}
"""Kinds in the order of a look, each with the keys that can read it; the first is the one for planning. No delegation
may remove a lock, so ours are read by the key that may, where we hold it."""
REMOVABLE = (
    Kind.RESOURCE,
    Kind.GROUP,
    Kind.POLICY_REMEDIATION,
    Kind.POLICY_EXEMPTION,
    Kind.POLICY_ASSIGNMENT,
    Kind.POLICY_SET,
    Kind.POLICY_DEFINITION,
    Kind.LOCK,
    Kind.ROLE_ASSIGNMENT,
    Kind.DIAGNOSTIC_SETTING,
    Kind.BUDGET,
    Kind.DELEGATION,
)
ON_MACHINES = frozenset({Kind.PROBE_SERVICE, Kind.INSIDE_MACHINE})
SPECIAL = frozenset({*settings.READS, *ON_MACHINES})
"""Kinds that are not objects in a list of the subscription."""
ONCE = frozenset({Kind.PARTNER_LINK})
"""Kinds of the tenant, read through one subscription."""
INHERITABLE = frozenset({
    Kind.POLICY_ASSIGNMENT, Kind.POLICY_EXEMPTION, Kind.POLICY_SET, Kind.POLICY_DEFINITION, Kind.ROLE_ASSIGNMENT,
})  # fmt: skip
