"""The bodies of events, one noun a kind. They stand beside the envelope and can be erased."""

from dataclasses import dataclass
from datetime import date, datetime

from sendoff.model.digest import Digest
from sendoff.model.envelope import EventKind, Registered
from sendoff.model.facts import Facts
from sendoff.model.inventory import Whose
from sendoff.model.people import PersonId, Role
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.reworded import Reworded
from sendoff.model.runbook import OpenedStep
from sendoff.model.state import Move, StepId
from sendoff.model.tail import TailAsked, TailBody, TailOpened
from sendoff.model.template import Tier
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The first event. `world` names this provider, real or sandbox; a case cannot change worlds."""

    world: str
    facts: Facts
    template: Digest
    runbook: str
    version: str
    title: str
    tier: Tier
    steps: tuple[OpenedStep, ...]
    others: tuple[OpenedStep, ...] = ()
    """Lines of the tiers that do not end: on record, with the reason, never deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsAsked:
    """Somebody asks for facts in which a frozen one is another; nothing changes until a second person brings them."""

    facts: Digest
    reason: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsChanged:
    """New facts. When a frozen one changed, approvals are void and two persons did it; one alone sets a legal hold."""

    facts: Facts
    reason: str
    frozen_changed: bool
    asked_by: PersonId
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMoved:
    """A step moved by the life table, with the reason and, for a person's word, the evidence.

    `second` is the other person where two are needed: who asked for a waiver, or whose plan is refused."""

    step: StepId
    move: Move
    reason: str = ""
    evidence: tuple[Digest, ...] = ()
    until: date | None = None
    second: PersonId | None = None
    proof: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverAsked:
    """Somebody asks to waive a line; nothing is waived until a second person says so."""

    step: StepId
    reason: str
    until: date
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAdded:
    """A look found something of ours that no line covers: not on your checklist."""

    step: StepId
    text: str
    role: Role
    reason: str
    refs: tuple[str, ...]
    after: tuple[StepId, ...] = ()
    major: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look was made. The inventory itself is a blob; `blind` names every cell that could not be read."""

    purpose: str
    step: StepId | None
    inventory: Digest
    cells: int
    blind: tuple[str, ...]
    items: int
    ours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflighted:
    """Every key was tried. What was found is a blob; `bad` counts the findings that need a person."""

    findings: Digest
    count: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A named person's word on whose an unknown thing is."""

    ref: str
    name: str
    whose: Whose
    reason: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan was made and stored. `irreversible` counts the actions that cannot be put back."""

    step: StepId
    plan: Digest
    blob: Digest
    actions: int
    irreversible: int
    left: int
    belt: str = ""
    """Set when the plan is over the size belt: it needs an approval that names it."""
    looked_at: datetime
    batch: int = 50
    """How many actions go into a batch, where the connector says nothing else."""
    reworded: tuple[Reworded, ...] = ()
    """Letters of it whose words a person changed, the newest last; the actor of this event is who changed that one."""
    laid_by: PersonId | None = None
    """Who laid the plan ready before somebody changed the words of a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A second person's yes to one plan digest, until a time. `signature` is that person's own proof over it."""

    step: StepId
    plan: Digest
    until: datetime
    over_belt: bool = False
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Written before the deed: what is about to be done. The list of actions is a blob with its Merkle root."""

    step: StepId
    batch: int
    attempt: int
    deeds: Digest
    count: int
    root: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """Written after the deed: what became of each action. The list is a blob."""

    step: StepId
    batch: int
    deeds: Digest
    count: int
    root: Digest
    outcomes: tuple[tuple[str, int], ...]
    row: int = 0
    """The longest row of surprises in it."""
    files: Digest | None = None
    """Names and digests of the files that an export wrote, as a blob."""
    disabled: tuple[str, ...] = ()
    """Accounts and apps that were disabled: their watch begins here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A second look was made and each thing judged. The list is a blob; `move` is what it means for the step."""

    step: StepId
    judgements: Digest
    verdicts: tuple[tuple[str, int], ...]
    move: Move
    why: str
    until: datetime | None = None
    same_identity: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A fact of the world became known: what gates hang on."""

    kind: ProofKind
    grade: Grade
    evidence: Digest
    count: int
    note: str
    step: StepId | None = None
    signature: str = ""
    about: tuple[str, ...] | None = None
    """For a word about things: the refs of those that it is about; None in a word that is about no things, and in one
    from before this was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A parcel was sealed. Counts reconcile: vault = parcel + withheld."""

    step: StepId
    parcel: Digest
    manifest: Digest
    recipient: str
    vault: int
    inside: int
    withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """The case was stopped, or goes on again."""

    on: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMoved:
    """Civil time was moved in the sandbox; it cannot be moved anywhere else."""

    before: datetime
    after: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """The issue of the case on GitHub was brought up to date: each line with the digest of how it stands there."""

    lines: tuple[tuple[StepId, Digest], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """The case ended with this certificate. `outcome` is clean, closed with exceptions, or limited."""

    certificate: Digest
    outcome: str
    head: Digest


Body = (
    Opened | FactsAsked | FactsChanged | StepMoved | WaiverAsked | StepAdded | TailBody | Looked | Preflighted
    | Decided | Planned | Approved | Tried | Acted | Judged | Proven | Sealed | WithdrawalAsked | Withdrawn | Halted
    | ClockMoved | Mirrored | Certified | Registered
)  # fmt: skip

BODIES: dict[EventKind, type[Body]] = {
    EventKind.OPENED: Opened,
    EventKind.FACTS_ASKED: FactsAsked,
    EventKind.FACTS_CHANGED: FactsChanged,
    EventKind.STEP_MOVED: StepMoved,
    EventKind.WAIVER_ASKED: WaiverAsked,
    EventKind.STEP_ADDED: StepAdded,
    EventKind.TAIL_ASKED: TailAsked,
    EventKind.TAIL_OPENED: TailOpened,
    EventKind.LOOKED: Looked,
    EventKind.PREFLIGHTED: Preflighted,
    EventKind.DECIDED: Decided,
    EventKind.PLANNED: Planned,
    EventKind.APPROVED: Approved,
    EventKind.TRIED: Tried,
    EventKind.ACTED: Acted,
    EventKind.JUDGED: Judged,
    EventKind.PROVEN: Proven,
    EventKind.SEALED: Sealed,
    EventKind.WITHDRAWAL_ASKED: WithdrawalAsked,
    EventKind.WITHDRAWN: Withdrawn,
    EventKind.HALTED: Halted,
    EventKind.CLOCK_MOVED: ClockMoved,
    EventKind.MIRRORED: Mirrored,
    EventKind.CERTIFIED: Certified,
    EventKind.REGISTERED: Registered,
}

KIND_OF: dict[type[Body], EventKind] = {body: kind for kind, body in BODIES.items()}
