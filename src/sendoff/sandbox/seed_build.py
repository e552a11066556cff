"""What the seeds share: who the customers are, and how an object gets into the world and onto the record."""

from dataclasses import dataclass, field

from sendoff.sandbox.arm_ids import spell
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing, World

MSP_DOMAIN = "intercept.example"
MAILBOX = "offboarding@intercept.example"
CREATED = "2023-03-14T08:12:00Z"
STAFF = (
    ("Carla de Vries", "carla", "customer success manager"),
    ("Erik Jansen", "erik", "engineer"),
    ("Emma Bakker", "emma", "engineer"),
    ("Paul Smit", "paul", "practice lead"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a customer whom the MSP knows."""

    name: str
    local: str
    role: str
    phone: str
    signatory: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One customer as the seeds see it; `subscriptions` are (name, leaves)."""

    slug: str
    name: str
    domain: str
    short: str
    subscriptions: tuple[tuple[str, bool], ...]
    contacts: tuple[Contact, ...]
    tier: str = "full-stack"


@dataclass(slots=True)
class Build:
    """One customer under construction: `onboarding` collects what goes on the onboarding record."""

    world: World
    plan: Plan
    tenant: str
    onboarding: list[Json] = field(default_factory=list)

    def guid(self, *parts: str | int) -> str:
        """A stable guid of this customer."""
        return self.world.guid(self.plan.slug, *parts)

    def note(self, system: str, kind: str, ident: str, *, before: str | None = None) -> None:
        """Put a thing on the onboarding record; `before` is what stood there until onboarding changed it."""
        row: Obj = {"system": system, "kind": kind, "id": ident}
        self.onboarding.append(row if before is None else {**row, "before": before})

    def graph(self, kind: str, ident: str, raw: Obj) -> Thing:
        """A directory object in the customer's tenant."""
        return self.world.add(Thing("graph", kind, ident, self.plan.slug, {"id": ident, **raw}, self.tenant))

    def arm(self, kind: str, ident: str, raw: Obj, place: str) -> Thing:
        """An ARM object in one of the customer's subscriptions; id, name and type are filled in."""
        whole: Obj = {"id": ident, "name": ident.rsplit("/", 1)[-1], "type": spell(kind), **raw}
        return self.world.add(Thing("arm", kind, ident, self.plan.slug, whole, place))


CUSTOMERS = (
    Plan(
        "vandermeer",
        "Van der Meer Logistics B.V.",
        "vandermeer.example",
        "vdm",
        (("vdm-productie", True), ("vdm-kantoor", True), ("vdm-archief", False)),
        (
            Contact("Anna van der Meer", "anna", "director", "+31 20 555 0101", True),
            Contact("Bram Kok", "bram", "IT lead", "+31 20 555 0102", False),
        ),
    ),
    Plan(
        "vandermeer-advocaten",
        "Van der Meer Advocaten",
        "vandermeer-advocaten.example",
        "vda",
        (("vda-productie", False),),
        (
            Contact("Jet van der Meer", "jet", "partner", "+31 20 555 0201", True),
            Contact("Ruud Post", "ruud", "office manager", "+31 20 555 0202", False),
        ),
    ),
    Plan(
        "meerzicht",
        "Meerzicht Zorg",
        "meerzicht.example",
        "mz",
        (("mz-productie", False),),
        (
            Contact("Mirjam Bos", "mirjam", "director", "+31 20 555 0301", True),
            Contact("Tom Vos", "tom", "IT lead", "+31 20 555 0302", False),
        ),
    ),
)
NEW_SUPPLIER: Obj = {
    "name": "Noordzee Cloud",
    "domain": "noordzeecloud.example",
    "admin_name": "Sanne Visser",
    "admin_mail": "sanne@noordzeecloud.example",
    "desk_mail": "onboarding@noordzeecloud.example",
}
