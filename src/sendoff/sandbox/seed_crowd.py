"""A crowd: the leaving customer grown to a given number of resources, policies, role assignments and users.

The same seed makes the same crowd. Resources lie at most 2,000 to a subscription and 100 to a resource group; policies
and role assignments are spread over the same subscriptions, and one user in ten is a guest. `ours` are resources of the
MSP beside them, evenly in as many subscriptions as they need, whose groups are on the onboarding record.
"""

from dataclasses import dataclass, replace

from sendoff.sandbox.arm_access import CONTRIBUTOR, READER
from sendoff.sandbox.arm_ids import ASSIGNMENT, DEFINITION, EXEMPTION, GROUP, SET
from sendoff.sandbox.seed_azure import role
from sendoff.sandbox.seed_build import Build, Plan
from sendoff.sandbox.seed_people import user
from sendoff.sandbox.seed_resource import OURS, group, resource
from sendoff.sandbox.wire import Json, Obj

IN_SUBSCRIPTION = 2_000
OURS_IN_SUBSCRIPTION = 10_000
IN_GROUP = 100
KINDS = (
    "microsoft.compute/virtualmachines",
    "microsoft.compute/disks",
    "microsoft.network/networkinterfaces",
    "microsoft.network/networksecuritygroups",
    "microsoft.storage/storageaccounts",
    "microsoft.web/sites",
    "microsoft.insights/metricalerts",
    "microsoft.keyvault/vaults",
)
RULE = "microsoft.insights/datacollectionrules"
OURS_EVERY = 100
"""One resource in so many carries our tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many of each there are beside what every world has."""

    resources: int = 0
    policies: int = 0
    role_assignments: int = 0
    users: int = 0
    ours: int = 0
    sensors: int = 0
    """In PRTG, ten to a device and five hundred to a group."""
    secrets: int = 0
    """In the vault, five hundred to a list, each with a document."""
    spread: int = 1
    """In how many subscriptions ours lie at least."""

    @property
    def subscriptions(self) -> int:
        """How many subscriptions they need: one at least when there is anything for one."""
        some = self.resources or self.policies or self.role_assignments or self.ours
        least = self.spread if self.ours else 1
        return max(-(-self.resources // IN_SUBSCRIPTION), -(-self.ours // OURS_IN_SUBSCRIPTION), least) if some else 0


def grown(plan: Plan, crowd: Crowd) -> Plan:
    """The plan of a customer with the subscriptions of a crowd, all of which leave."""
    more = tuple((f"{plan.short}-crowd-{number:02d}", True) for number in range(crowd.subscriptions))
    return replace(plan, subscriptions=(*plan.subscriptions, *more))


def crowd(build: Build, many: Crowd) -> None:
    """Fill the crowd's subscriptions, and the directory."""
    names = [name for name, _ in build.plan.subscriptions if "-crowd-" in name]
    subs = [build.guid("subscription", name) for name in names]
    people = [_person(build, number) for number in range(many.users)]
    for number in range(many.resources):
        _resource(build, subs[number // IN_SUBSCRIPTION], number)
    for number in range(many.ours):
        _ours(build, subs, number)
    for number in range(many.policies):
        _policy(build, subs[number % len(subs)], number)
    for number in range(many.role_assignments):
        who = people[number % len(people)] if people else build.guid("crowd-principal", number)
        definition = READER if number % 2 else CONTRIBUTOR
        _role(build, subs[number % len(subs)], who, definition, number)


def _person(build: Build, number: int) -> str:
    guest = number % 10 == 0
    address = f"person{number:05d}@{'partner.example' if guest else build.plan.domain}"
    ident = build.guid("crowd-user", number)
    more: Obj = {"userType": "Guest", "creationType": "Invitation", "externalUserState": "Accepted"} if guest else {}
    build.graph("user", ident, user(ident, f"Person {number:05d}", address, jobTitle="crowd", **more))
    return ident


def _resource(build: Build, sub: str, number: int) -> None:
    home = f"rg-crowd-{number // IN_GROUP:04d}"
    if number % IN_GROUP == 0:
        group(build, sub, home)
    kind = KINDS[number % len(KINDS)]
    tags: Obj = {**OURS} if number % OURS_EVERY == OURS_EVERY - 1 else {"costCenter": f"cc-{number % 40:03d}"}
    resource(build, sub, home, kind, f"crowd-{number:06d}", tags=tags, size=number % 7, enabled=True)


def _ours(build: Build, subs: list[str], number: int) -> None:
    """A resource of the MSP: everything in its group was made at onboarding, which wrote the group down."""
    turn, sub = divmod(number, len(subs))
    home = f"rg-intercept-crowd-{turn // IN_GROUP:04d}"
    if turn % IN_GROUP == 0:
        build.note("arm", GROUP, group(build, subs[sub], home, {**OURS}))
    resource(build, subs[sub], home, RULE, f"intercept-{number:06d}", tags={**OURS}, enabled=True, size=number % 7)


def _role(build: Build, sub: str, who: str, definition: str, number: int) -> None:
    """A user holds a definition once in a subscription: the rest are of principals of their own."""
    same = f"/subscriptions/{sub}/providers/Microsoft.Authorization/roleAssignments/"
    ident = same + build.guid("role", sub, who, definition)
    taken = build.world.get("arm", "microsoft.authorization/roleassignments", ident) is not None
    role(build, sub, build.guid("crowd-principal", number) if taken else who, "User", definition)


def _policy(build: Build, sub: str, number: int) -> None:
    """By turns a definition, a set of it, an assignment of it and an exemption from that."""
    auth, turn = f"/subscriptions/{sub}/providers/Microsoft.Authorization", number % 4
    base = f"crowd-{number:05d}"
    held = f"{auth}/policyDefinitions/{base}"
    if turn == 0:
        rule: Json = {"if": {"field": "type", "equals": "x"}, "then": {"effect": "audit"}}
        build.arm(DEFINITION, held, {"properties": _custom(base, policyRule=rule, mode="All")}, sub)
    elif turn == 1:
        parts: list[Json] = []
        props = _custom(base, policyDefinitions=parts)
        build.arm(SET, f"{auth}/policySetDefinitions/{base}", {"properties": props}, sub)
    elif turn == 2:
        props = {"displayName": base, "policyDefinitionId": _BUILT_IN, "scope": f"/subscriptions/{sub}"}
        build.arm(ASSIGNMENT, f"{auth}/policyAssignments/{base}", {"properties": {**props, "parameters": {}}}, sub)
    else:
        props = {"displayName": base, "policyAssignmentId": f"{auth}/policyAssignments/{base}"}
        build.arm(EXEMPTION, f"{auth}/policyExemptions/{base}", {"properties": {**props, **_WAIVED}}, sub)


def _custom(name: str, **more: Json) -> Obj:
    return {"policyType": "Custom", "displayName": name, "metadata": {"category": "Crowd"}, "parameters": {}, **more}


_BUILT_IN = "/providers/Microsoft.Authorization/policyDefinitions/1e30110a-5ceb-460c-a204-c1c3969c6d62"
_WAIVED: Obj = {"exemptionCategory": "Waiver"}
