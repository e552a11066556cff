"""One customer's leaving: the fold of its events and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sendoff.model.digest import Digest
from sendoff.model.facts import Facts
from sendoff.model.inventory import Decision
from sendoff.model.people import PersonId, Role
from sendoff.model.proof import Proof, ProofKind
from sendoff.model.reworded import Reworded
from sendoff.model.runbook import OpenedStep
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

SECRETS = StepId("export-secrets")
"""The step whose parcel holds the secrets of our vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A named person's yes to one plan digest. No timer ever makes one."""

    plan: Digest
    by: PersonId
    at: datetime
    until: datetime
    over_belt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one step of a case stands, and how it came there."""

    step: StepId
    line: int
    section: str
    text: str
    role: Role
    major: int
    state: State
    after: tuple[StepId, ...] = ()
    gives: str = ""
    reason: str = ""
    by_hand: bool = False
    removed: bool = False
    added: bool = False
    refs: tuple[str, ...] = ()
    plan: Digest | None = None
    plan_blob: Digest | None = None
    proposer: PersonId | None = None
    planned: int = 0
    irreversible: int = 0
    belt: str = ""
    looked_at: datetime | None = None
    approval: Approval | None = None
    tried: tuple[tuple[int, Digest], ...] = ()
    """Batches whose intent is written and whose outcome is not, with the blob of the actions."""
    deeds: tuple[Digest, ...] = ()
    """Blobs of outcomes, one a batch."""
    judgements: Digest | None = None
    verdicts: tuple[tuple[str, int], ...] = ()
    same_identity: bool = True
    evidence: tuple[Digest, ...] = ()
    by: PersonId | None = None
    """Who attested, skipped or waived."""
    second: PersonId | None = None
    until: date | None = None
    held_until: datetime | None = None
    settled_at: datetime | None = None
    settled_seq: int = 0
    """The event that settled it."""
    outcomes: tuple[tuple[str, int], ...] = ()
    batch: int = 50
    """How many actions of the plan go into a batch, where the connector says nothing else."""
    row: int = 0
    """The longest row of surprises in a batch."""
    acted: tuple[int, ...] = ()
    """Batches whose outcome is written."""
    acted_at: datetime | None = None
    """When the last outcome was written: a watch runs from there."""
    files: tuple[Digest, ...] = ()
    """Blobs that name the files an export wrote."""
    waiver_asked: "WaiverWish | None" = None
    reworded: tuple[Reworded, ...] = ()
    """Letters of the plan whose words a person changed."""
    laid_by: PersonId | None = None
    """Who laid the plan ready, when somebody else changed the words of a letter since."""

    @property
    def proposers(self) -> frozenset[PersonId]:
        """Whoever made the plan what it is: none of them says yes to it."""
        wrote = (self.proposer, self.laid_by, *(one.by for one in self.reworded))
        return frozenset(one for one in wrote if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverWish:
    """A waiver that waits for a second person."""

    by: PersonId
    reason: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsWish:
    """New facts, by their digest, that wait for a second person."""

    by: PersonId
    facts: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class TailWish:
    """A tail case that waits for a second person."""

    by: PersonId
    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalWish:
    """A withdrawal that waits for a second person."""

    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The sealed package: what is inside is known only by counts and digests."""

    digest: Digest
    manifest: Digest
    recipient: str
    vault: int
    inside: int
    withheld: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """The newest whole look over a case."""

    at: datetime
    seq: int = 0
    inventory: Digest
    cells: int
    blind: tuple[str, ...]
    items: int
    ours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPreflight:
    """The newest preflight of a case: who ran it, and the blob of what it found."""

    at: datetime
    by: PersonId
    findings: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One customer's leaving, as its events tell it."""

    id: str
    world: str
    facts: Facts
    template: Digest
    runbook: str
    version: str
    title: str
    tier: Tier
    opened_at: datetime
    opened_by: PersonId
    steps: Mapping[StepId, Standing]
    others: tuple[OpenedStep, ...] = ()
    proofs: tuple[Proof, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    parcels: Mapping[StepId, Parcel] = field(default_factory=dict)
    """The sealed package of each step that discloses."""
    looks: Mapping[str, LastLook] = field(default_factory=dict)
    preflight: LastPreflight | None = None
    mirrored: Mapping[StepId, Digest] = field(default_factory=dict)
    """How each line stands on the issue that mirrors the case, as far as we brought it there."""
    watched: Mapping[str, datetime] = field(default_factory=dict)
    """Since when what we disabled is watched, by ref: the newest time that we disabled it."""
    facts_asked: FactsWish | None = None
    tail_asked: TailWish | None = None
    tail_until: date | None = None
    """Until when the CSP part goes on in the tail case that the facts name."""
    withdrawal_asked: WithdrawalWish | None = None
    withdrawn: str = ""
    """Why the termination was withdrawn; empty while it goes on."""
    halted: str = ""
    certificate: Digest | None = None
    outcome: str = ""
    seq: int = 0
    head: Digest
    at: datetime

    def standing(self, step: StepId) -> Standing | None:
        """Where a step stands; None when this case does not have it."""
        return self.steps.get(step)

    @property
    def parcel(self) -> Parcel | None:
        """The secrets of our vault, sealed for the customer."""
        return self.parcels.get(SECRETS)

    def proven(self, kind: ProofKind) -> Proof | None:
        """The newest proof of that kind."""
        return next((proof for proof in reversed(self.proofs) if proof.kind is kind), None)
