"""The facts of a leaving: what stage 0 of the checklist asks, and what every gate reads."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sendoff.model.digest import Digest, digest
from sendoff.model.hold import LegalHold
from sendoff.model.inventory import Kind, System
from sendoff.model.people import Contact, PersonId
from sendoff.model.places import NOWHERE, Places, told_of
from sendoff.model.template import Tier

WATCH_DAYS = 14
"""Two weeks: what runs once a week is missed once and still seen, and the bin of the directory keeps a thing longer."""


class LeavesCsp(StrEnum):
    """Does the customer leave our CSP?"""

    YES = "yes"
    NO = "no"
    NEVER_WAS = "never was"


class Destination(StrEnum):
    """Where one row of the scope goes."""

    LEAVES = "leaves"
    STAYS = "stays"
    """It stays with us: tenant-wide things and keys wait for it."""
    OUTSIDE = "outside"
    """The customer's, and never under our care: nothing touches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRow:
    """One subscription or object of a system, and what becomes of it."""

    system: System
    id: str
    name: str
    destination: Destination = Destination.LEAVES
    owner: str = ""
    cutover: date | None = None
    """The day the new owner takes over; None means the contract's last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One thing that onboarding wrote down as made or changed by us."""

    system: System
    kind: Kind
    id: str
    before: str = ""
    """What stood there before onboarding changed it, such as the tier of a Defender plan."""
    on: date | None = None
    """The day on which it was made or changed."""
    by: str = ""
    """Who made or changed it, as onboarding wrote it down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who leaves. `tenant` is their Entra tenant id."""

    slug: str
    name: str
    tenant: str
    domains: tuple[str, ...]
    contacts: tuple[Contact, ...] = ()

    @property
    def mark(self) -> str:
        """What stands for this customer where their name must not: 12 hex digits."""
        return digest(["mark", self.slug, self.tenant]).removeprefix("sha256:")[:12]

    @property
    def signatories(self) -> tuple[Contact, ...]:
        """Those who may sign for the customer."""
        return tuple(contact for contact in self.contacts if contact.signatory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what else we are known in settings of others, as our own settings write it down."""

    addresses: tuple[str, ...] = ()
    """Our addresses on the internet: single ones, or networks such as 198.51.100.0/24."""
    phones: tuple[str, ...] = ()
    """Our telephone numbers, with country code."""
    pipelines: tuple[str, ...] = ()
    """How the issuer or the subject of a federated credential for a pipeline of ours begins."""
    subscriptions: tuple[str, ...] = ()
    """Ids of our own subscriptions, where something of a customer may lie."""

    @property
    def all(self) -> frozenset[str]:
        """Every one of them, as it is written."""
        return frozenset((*self.addresses, *self.phones, *self.pipelines))


class EndedBy(StrEnum):
    """Who takes away what a transfer leaves to us: the role assignment of our foreign group (AOBO)."""

    CUSTOMER = "customer"
    """A person of theirs, in their own portal, where they see our name."""
    APP = "app"
    """Our app in the customer's tenant, where it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Us. `principals` are object ids of ours in other tenants, such as the Admin agents group."""

    name: str
    tenant: str
    domains: tuple[str, ...]
    mailbox: str
    tag: str = "managedBy=intercept"
    principals: tuple[str, ...] = ()
    partner_id: str = ""
    """Our Partner ID (MPN), for the new supplier's transfer request."""
    partner_kind: str = "direct bill partner"
    """How we are in CSP: a direct bill partner, or through which indirect provider."""
    executor: str = ""
    """Object id of the service principal that this program itself runs as in the customer's tenant."""
    marks: Marks = Marks()
    security: str = ""
    """Whom of ours to tell before all secrets of a customer are read; empty when nobody watches for that."""
    foreign_group: EndedBy = EndedBy.CUSTOMER

    @property
    def indirect(self) -> bool:
        """True when we sell through an indirect provider: they accept transfers, and we have no access there."""
        return self.partner_kind.lower().startswith("indirect reseller")


class Invited(StrEnum):
    """How the administrator of the new supplier comes in."""

    GUEST = "guest"
    """A B2B guest, who signs in with an account of their own: there is no secret to hand over."""
    ACCOUNT = "account"
    """An account in the customer's tenant, with a one-time pass that reaches only the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """Whom the customer permits to be made an administrator, and with which role: the least that does."""

    name: str
    mail: str
    role: str
    """The name of one directory role, such as User Administrator."""
    how: Invited = Invited.GUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """The new MSP. `tenant` is their Entra tenant id, where the transfer goes; empty when it is not known yet."""

    name: str
    domains: tuple[str, ...]
    contacts: tuple[Contact, ...] = ()
    administrator: Administrator | None = None
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice of termination. `reached` is the day it reached us, on the customer's calendar."""

    reached: date
    evidence: Digest
    sender: str
    """Mail address or name of who sent it."""
    called_back: str
    """The number that was called back, known to us before the notice; empty when nobody called."""
    recorded_by: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who receives the secrets, and the age key they enrolled."""

    name: str
    mail: str
    age_key: str
    enrolled: datetime
    read_back_by: PersonId
    """The person of ours who had the fingerprint read back over a second channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """When everybody meets, where that is not ten o'clock on the fifth working day after the case was opened."""

    starts: datetime
    """Without an offset it is local time in the zone of the case."""
    minutes: int = 60
    sequence: int = 0
    """One more for each time that another start is agreed on after an invitation went by plain mail: a calendar takes
    the highest."""
    off: bool = False
    """True when it is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything typed that the gates and plans of one case read; no free text decides anything."""

    customer: Customer
    provider: Provider
    contract_end: date
    ending: Tier
    leaves_csp: LeavesCsp
    access_until: date
    """The last day on which we may use any access; after it we only remove our own keys."""
    notice: Notice
    scope: tuple[ScopeRow, ...]
    remaining: Tier | None = None
    supplier: Supplier | None = None
    no_supplier_because: str = ""
    no_administrator_because: str = ""
    """Why the new supplier gets no administrator from us, such as that they bring a relationship of their own."""
    recipient: Recipient | None = None
    places: Places = NOWHERE
    record: tuple[Recorded, ...] = ()
    excluded: tuple[PersonId, ...] = ()
    """Persons who may decide nothing in this case, whatever roles they hold."""
    transfer_on: date | None = None
    """The agreed day from which the CSP transfer may be accepted."""
    holds: tuple[LegalHold, ...] = ()
    """What may not be removed for now, and who says so. One person sets a hold, and it holds at once; to lift one takes
    two."""
    watch_days: int = 14
    """How many days an account or an app of ours stays disabled before it is deleted, so that what still uses it shows
    (H14)."""
    watch_because: str = ""
    """Why the watch is longer or shorter than fourteen days."""
    working: tuple[str, ...] = ()
    """Sign-in names or object ids of accounts and apps of ours by which somebody still works in this exit: they are
    disabled when that work is done, and not before."""
    meeting: Appointment | None = None
    zone: str = "Europe/Amsterdam"
    language: str = "nl"
    tail: str = ""
    """The case in which our CSP part goes on when this one ends; set by `case tail`, by nobody else."""
    tail_of: str = ""
    """The case of which this one is the tail; set by `case tail`, by nobody else."""

    @property
    def leaving(self) -> tuple[ScopeRow, ...]:
        """The rows that leave."""
        return tuple(row for row in self.scope if row.destination is Destination.LEAVES)

    @property
    def all_leave(self) -> bool:
        """True when no row stays with us, so that tenant-wide things and keys may go."""
        return not any(row.destination is Destination.STAYS for row in self.scope)

    @property
    def scope_digest(self) -> Digest:
        """Names exactly whom and what this case may touch."""
        return digest([self.customer.tenant, self.customer.slug, self.scope, told_of(self.places)])

    @property
    def frozen_digest(self) -> Digest:
        """The facts of which a change voids every approval and takes two persons: who receives and who may sign, the
        new supplier, domains, scope, dates, the notice, who is excluded, how long a watch is, and legal holds (to set
        one takes one)."""
        whom = [self.customer, self.provider.domains, self.supplier, self.recipient, self.scope_digest]
        return digest(
            [
                whom,
                self.contract_end,
                self.access_until,
                self.transfer_on,
                self.zone,
                self.notice,
                sorted(self.excluded),
                *([self.holds] if self.holds else []),
                *([["watch", self.watch_days]] if self.watch_days != WATCH_DAYS else []),
            ]
        )
