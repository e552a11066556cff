"""What a look found: cells, items, blind spots; and whose each thing is."""

from dataclasses import dataclass
from enum import StrEnum

from sendoff.model.digest import Digest
from sendoff.model.key import Key


class System(StrEnum):
    """The vendors' things out there."""

    AZURE = "azure"
    """Azure Resource Manager."""
    ENTRA = "entra"
    """Microsoft Graph at the customer's tenant."""
    OFFICE = "office"
    """Microsoft Graph at our own tenant: mail and calendar."""
    PRTG = "prtg"
    PASSWORDSTATE = "passwordstate"
    PARTNER_CENTER = "partner-center"
    TOPDESK = "topdesk"
    REASSURE = "reassure"
    GITHUB = "github"


class Kind(StrEnum):
    """The kinds of things we can meet; each belongs to one system."""

    RESOURCE = "resource"
    GROUP = "resource-group"
    POLICY_REMEDIATION = "policy-remediation"
    """A task that brings what was there before a policy into line with it."""
    POLICY_EXEMPTION = "policy-exemption"
    POLICY_ASSIGNMENT = "policy-assignment"
    POLICY_SET = "policy-set-definition"
    POLICY_DEFINITION = "policy-definition"
    POLICY_DEPLOYMENT = "policy-deployment"
    """What a policy deployed: it stays, and is told."""
    ROLE_ASSIGNMENT = "role-assignment"
    DIAGNOSTIC_SETTING = "diagnostic-setting"
    BUDGET = "budget"
    LOCK = "lock"
    DELEGATION = "delegation"
    DELEGATION_DEFINITION = "delegation-definition"
    USER = "user"
    GUEST = "guest"
    SERVICE_PRINCIPAL = "service-principal"
    DIRECTORY_GROUP = "directory-group"
    """A group in Entra that onboarding made, or that is called like ours."""
    DIRECTORY_ROLE = "directory-role"
    """A directory role that something of ours holds, or may take through PIM."""
    SIGN_IN_METHOD = "sign-in-method"
    """A phone, an address or a key of ours with which an account of theirs signs in."""
    APP_REGISTRATION = "app-registration"
    """An application of ours that is registered in the customer's tenant."""
    TRUST = "federated-credential"
    """A federated credential by which an app of theirs trusts a pipeline of ours."""
    CONSENT = "consent"
    """A right that the customer gave to an app of ours."""
    ACCESS_POLICY = "conditional-access-policy"
    """A Conditional Access policy of theirs that names something of ours."""
    NAMED_LOCATION = "named-location"
    """A named location of theirs that holds our addresses."""
    NOTICE_CONTACT = "notification-contact"
    """An address of ours that Microsoft writes to about the customer's tenant."""
    DELETED_ITEM = "deleted-item"
    """Something of ours in the directory that is deleted and can still be restored."""
    GDAP = "gdap-relationship"
    """A granular delegated admin relationship, read in our own tenant."""
    ADMINISTRATOR = "administrator"
    NEW_ADMINISTRATOR = "new-administrator"
    """The administrator of the new supplier in the customer's tenant."""
    DEFENDER_PLAN = "defender-plan"
    """A Defender plan whose tier onboarding raised."""
    TAG = "tag"
    """A tag of ours on a thing of the customer."""
    SECURITY_CONTACT = "security-contact"
    """The addresses that Defender warns."""
    DELETED_RESOURCE = "deleted-resource"
    """A vault, a workspace or a backup in Azure that is deleted and can still be restored."""
    RECEIVER = "alert-receiver"
    """An alert, an action group or a budget of theirs that warns an address of ours."""
    PARTNER_LINK = "partner-link"
    """The link of our own identity in their tenant to our partner id."""
    HOUSE_THING = "thing-kept-with-us"
    """Something in our own subscriptions that is the customer's, or names what is theirs."""
    INSIDE_MACHINE = "inside-a-machine"
    """A local account, an agent or a scheduled task that is called like ours, on a machine that the record names."""
    PROBE_SERVICE = "probe-service"
    """The PRTG probe as a service on its host in Azure."""
    MAIL = "mail"
    MEETING = "meeting"
    ACKNOWLEDGEMENT = "acknowledgement"
    """The recipient's own word, in our mailbox, that the parcel came and opened."""
    TRANSFER = "transfer"
    COMMITMENT = "commitment"
    """What the customer bought through us: plans, licences, reservations, savings plans."""
    RELATIONSHIP = "reseller-relationship"
    COST = "cost"
    """What the subscriptions cost, month by month: it stays behind when billing moves."""
    BRANCH = "branch"
    CONTACT_PERSON = "contact-person"
    CONTRACT = "contract"
    CALL = "call"
    CHANGE = "change"
    """A change in our service desk that somebody at the customer asked for."""
    ACTIVITY = "operational-activity"
    """Standing work in our service desk that is linked to the customer's branch."""
    ASSET = "asset"
    """A thing in our service desk's register that is assigned to the customer's branch."""
    TASK = "operator-task"
    PORTAL_USER = "portal-user"
    ARTICLE = "article"
    INVOICE_DRAFT = "invoice-draft"
    INVOICE = "invoice"
    REPORT = "portal-report"
    ISSUE = "issue"
    ISSUE_LINE = "issue-line"
    PRTG_GROUP = "prtg-group"
    PRTG_DEVICE = "prtg-device"
    PRTG_SENSOR = "prtg-sensor"  # of the customer's, on a device that is not theirs alone
    PRTG_PROBE = "prtg-probe"
    PRTG_OBJECT = "prtg-object"  # outside its tree: a template, a schedule, a user, a report, a map
    PRTG_MEASUREMENTS = "prtg-measurements"
    """One part of what the sensors of a thing in PRTG measured; named ID/PART of PARTS."""
    SECRET = "secret"  # noqa: S105 (a kind of thing, not a secret)
    SECRET_LIST = "secret-list"  # noqa: S105
    SECRET_ACCESS = "secret-access"  # noqa: S105 (what somebody may on a list)


class Verb(StrEnum):
    """What an action does."""

    EXPORT = "export"
    DISCLOSE = "disclose"
    CREATE = "create"
    REMOVE = "remove"
    DISABLE = "disable"
    PUT_BACK = "put back"
    SEND = "send"
    ACCEPT = "accept"
    END = "end"


class Whose(StrEnum):
    """The four answers to: whose is it?"""

    OURS = "ours"
    CUSTOMERS = "the customer's"
    SHARED = "shared"
    UNKNOWN = "unknown"


class SignKind(StrEnum):
    """What can tell whose a thing is, strongest first. A name alone never decides."""

    RECORD = "record"
    """Onboarding wrote down that it made this."""
    CREATOR = "creator"
    """Who made it, by the vendor's own log."""
    OWNER_TENANT = "owner tenant"
    """The Entra tenant it belongs to or gives rights to."""
    MAIL_DOMAIN = "mail domain"
    """The domain of the address it stands for."""
    MAIL_GOES = "mail goes to"
    """The domain that mail to it goes to, where that is not the domain it signs in at. It never decides."""
    SETTING = "setting"
    """It holds an address, a number or a pipeline that our own settings name as ours."""
    TAG = "tag"
    METADATA = "metadata"
    PLACE = "place"
    """It lies inside a thing whose owner is known, such as a folder or group of one customer."""
    USED_BY = "used by"
    """Something else needs it."""
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One observation on an item; `value` is as the vendor writes it."""

    kind: SignKind
    value: str


class Rebuildable(StrEnum):
    """How far a removed object can be made again from its before-image."""

    FULLY = "fully"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Scope x kind x key: one thing that a complete look must read.

    `scope` is the vendor's id of the place: a subscription id, a tenant id, a PRTG group id, a folder path, a mailbox.
    """

    system: System
    kind: Kind
    scope: str
    key: Key

    @property
    def name(self) -> str:
        """A short name for screens and messages."""
        return f"{self.kind} in {self.system} {self.scope} by {self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where one thing is, and the key to reach it with."""

    system: System
    kind: Kind
    id: str
    scope: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that was found. `id` is the vendor's id in the vendor's spelling; `image` is the digest of its
    canonical bytes with secret fields taken out, which lie in the evidence store."""

    system: System
    kind: Kind
    id: str
    name: str
    scope: str
    key: Key
    image: Digest
    signs: tuple[Sign, ...] = ()
    uses: tuple[str, ...] = ()
    """Ids, in lower case, of the things this one needs."""
    detail: tuple[tuple[str, str], ...] = ()
    """A few facts for people and rules, such as `type` or `enabled`; never a secret."""
    holds_data: bool = False
    """Holds data of the customer: it is not removed before they accepted the delivered export."""
    rebuildable: Rebuildable = Rebuildable.PARTLY

    @property
    def ref(self) -> str:
        """One name for this thing over all systems, the same however the vendor spells its id."""
        return f"{self.system}|{self.kind}|{self.id.lower()}"

    @property
    def target(self) -> Target:
        """Where it is."""
        return Target(system=self.system, kind=self.kind, id=self.id, scope=self.scope, key=self.key)

    def fact(self, name: str) -> str:
        """The detail of that name, or an empty text."""
        return next((value for key, value in self.detail if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpot:
    """A cell where we meant to look and could not. It is never 'nothing there'."""

    cell: Cell
    reason: str
    code: str = ""
    denied: bool = False
    """The vendor said no to every key that was tried: another key would open it, another try would not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Everything one look found, and what it could not see."""

    read: tuple[Cell, ...]
    blind: tuple[BlindSpot, ...]
    items: tuple[Item, ...]

    @property
    def whole(self) -> bool:
        """True when every cell was read."""
        return not self.blind


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Whose a thing is and the reasons, strongest first."""

    whose: Whose
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A named person's word on whose an unknown thing is. A second person still approves the plan."""

    ref: str
    whose: Whose
    reason: str
    by: str
