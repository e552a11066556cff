"""A case built event by event: some lines done by machine, some attested, one waived, one added, one left open."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sendoff
from fakes.papers_ports import Blobs, Chain, ports_of
from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.case import Case
from sendoff.model.certificate import Address, Door, Predicate, Result
from sendoff.model.digest import canonical, digest_bytes, merkle_root
from sendoff.model.event import (
    Acted,
    Approved,
    Body,
    Certified,
    ClockMoved,
    Decided,
    Judged,
    Looked,
    Opened,
    Planned,
    Proven,
    Sealed,
    StepAdded,
    StepMoved,
    Tried,
    WaiverAsked,
)
from sendoff.model.facts import Customer, Facts, LeavesCsp, Notice, Provider, ScopeRow, Supplier
from sendoff.model.inventory import Inventory, Item, Kind, Sign, SignKind, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.people import ROBOT, Contact, Person, PersonId, Role
from sendoff.model.plan import Action, Deed, Disposition, LeftAlone, Outcome, Plan, Receipt, once
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.state import Move, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Coverage, Judgement, Verdict
from sendoff.papers import JinjaPapers
from sendoff.ports import Papers, Ports
from sendoff.rules.certifying import handed, lines, other_lines, sentence, statement
from sendoff.rules.choosing import chosen
from sendoff.steps import EVERY

NUMBER = "2026-0007"
START = datetime(2026, 11, 16, 9, 5, tzinfo=UTC)
ANNA = Person(id=PersonId("p-1f0a"), name="Anna Visser", roles=frozenset({Role.CSM}), logins=frozenset())
BRAM = Person(id=PersonId("p-77b2"), name="Bram de Boer", roles=frozenset({Role.ENGINEER}), logins=frozenset())
CARLA = Person(id=PersonId("p-c9d3"), name="Carla Smit", roles=frozenset({Role.PRACTICE_LEAD}), logins=frozenset())
PEOPLE = (ANNA, BRAM, CARLA)
STRANGER = PersonId("p-unknown")
SUBSCRIPTION = "4c0ffee0-0000-4000-8000-00000000beef"
REMOVAL = "remove-policies"
EVIDENCE = digest_bytes(b"a letter")


def facts(customer: str = "Fabrikam Bakkerijen B.V.", *, tier: Tier = Tier.FULL_STACK) -> Facts:
    """Facts of a leaving at the end of the year."""
    return Facts(
        customer=Customer(
            slug="fabrikam",
            name=customer,
            tenant="11111111-2222-4333-8444-555555555555",
            domains=("fabrikam.example",),
            contacts=(Contact(name="J. de Vries", mail="j@fabrikam.example", signatory=True),),
        ),
        provider=Provider(
            name="Intercept", tenant="t-us", domains=("intercept.example",), mailbox="exit@intercept.example"
        ),
        contract_end=date(2026, 12, 31),
        ending=tier,
        leaves_csp=LeavesCsp.YES,
        access_until=date(2027, 1, 29),
        notice=Notice(
            reached=date(2026, 11, 13),
            evidence=EVIDENCE,
            sender="j@fabrikam.example",
            called_back="+31 20 000 0000",
            recorded_by=ANNA.id,
        ),
        scope=(ScopeRow(system=System.AZURE, id=SUBSCRIPTION, name="Fabrikam production"),),
        supplier=Supplier(name="Northwind Cloud", domains=("northwind.example",)),
    )


def action(step: str, number: int, *, name: str = "", verb: Verb = Verb.REMOVE, why: str = "") -> Action:
    """One removal of a resource of ours."""
    name = name or f"log-intercept-{number:05d}"
    return Action(
        step=StepId(step),
        system=System.AZURE,
        verb=verb,
        kind=Kind.RESOURCE,
        target=f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ops/providers/Microsoft.Insights/alerts/{name}",
        name=name,
        scope=SUBSCRIPTION,
        key=Key.LIGHTHOUSE,
        why=why or "record: onboarding wrote down that it made this; tag: managedBy=intercept",
        before=digest_bytes(name.encode()),
    )


def left(name: str, why: str, disposition: Disposition | None = None) -> LeftAlone:
    """One thing left alone."""
    item = Item(
        system=System.AZURE,
        kind=Kind.RESOURCE,
        id=f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-app/{name}",
        name=name,
        scope=SUBSCRIPTION,
        key=Key.LIGHTHOUSE,
        image=digest_bytes(name.encode()),
    )
    return LeftAlone(item=item, why=why, disposition=disposition)


@dataclass(slots=True)
class Told:
    """A case being told, event by event, ten minutes apart unless days pass."""

    papers: Papers = field(default_factory=JinjaPapers)
    chain: Chain = field(default_factory=Chain)
    blobs: Blobs = field(default_factory=Blobs)
    at: datetime = START

    @property
    def case(self) -> Case:
        """The case so far."""
        return self.chain.load(NUMBER)

    def ports(self, *, sandbox: bool = True) -> Ports:
        """The ports as they are now."""
        return ports_of(self.chain, self.blobs, self.papers, PEOPLE, self.at, sandbox=sandbox)

    def say(self, body: Body, by: PersonId = ROBOT, *, days: int = 0) -> None:
        """One more event."""
        self.at += timedelta(days=days, minutes=10)
        self.chain.add(body, case=NUMBER, actor=by, at=self.at)

    def open(self, its: Facts) -> None:
        """From the checklist as shipped."""
        text = (Path(sendoff.__file__).parent / "templates" / "offboarding.md").read_bytes()
        runbook = make_runbook(read_checklist(text, "offboarding.md"), {})
        mine, others = chosen(runbook, its, EVERY)
        opened = Opened(
            world="sandbox:test",
            facts=its,
            template=runbook.template,
            runbook=runbook.name,
            version=runbook.version,
            title=runbook.title.replace("%customer%", its.customer.name),
            tier=its.ending,
            steps=mine,
            others=others,
        )
        self.say(opened, ANNA.id)

    def attest(self, step: str, by: PersonId, note: str, *, proof: str = "", days: int = 0) -> None:
        """A person's word."""
        blob = self.blobs.put(NUMBER, note.encode())
        moved = StepMoved(step=StepId(step), move=Move.ATTEST, reason=note, evidence=(blob,), proof=proof)
        self.say(moved, by, days=days)

    def plan(self, step: str, actions: Sequence[Action], stays: Sequence[LeftAlone] = (), *, days: int = 0) -> Plan:
        """A plan laid ready by the engineer."""
        plan = Plan(
            case=NUMBER,
            world="sandbox:test",
            step=StepId(step),
            scope=self.case.facts.scope_digest,
            facts=self.case.facts.frozen_digest,
            actions=tuple(actions),
            left=tuple(stays),
            seen=(("resource", len(actions) + len(stays) + 40),),
        )
        body = Planned(
            step=plan.step,
            plan=plan.digest,
            blob=self.blobs.put(NUMBER, canonical(plan)),
            actions=len(actions),
            irreversible=len(actions),
            left=len(stays),
            looked_at=self.at,
        )
        self.say(body, BRAM.id, days=days)
        return plan

    def approve(self, plan: Plan) -> None:
        """A second person's yes."""
        self.say(Approved(step=plan.step, plan=plan.digest, until=self.at + timedelta(days=7)), CARLA.id)

    def act(self, plan: Plan, *, files: dict[str, bytes] | None = None, days: int = 0) -> None:
        """Everything of it, in one batch."""
        tried = self.blobs.put(NUMBER, canonical(plan.actions))
        root = merkle_root(canonical(one) for one in plan.actions)
        self.say(
            Tried(step=plan.step, batch=0, attempt=1, deeds=tried, count=len(plan.actions), root=root), ROBOT, days=days
        )
        deeds = [
            Deed(
                once=once(NUMBER, one),
                ref=one.ref,
                verb=one.verb,
                name=one.name,
                receipt=Receipt(outcome=Outcome.DONE, code="200"),
            )
            for one in plan.actions
        ]
        named = {name: self.blobs.put(NUMBER, data) for name, data in (files or {}).items()}
        acted = Acted(
            step=plan.step,
            batch=0,
            deeds=self.blobs.put(NUMBER, canonical(deeds)),
            count=len(deeds),
            root=root,
            outcomes=(("done", len(deeds)),),
            files=self.blobs.put(NUMBER, canonical(named)) if named else None,
        )
        self.say(acted)

    def judge(self, plan: Plan, verdict: Verdict = Verdict.GONE) -> None:
        """A second look that sees it."""
        rows = [
            Judgement(ref=one.ref, name=one.name, verdict=verdict, how="read directly by app") for one in plan.actions
        ]
        judged = Judged(
            step=plan.step,
            judgements=self.blobs.put(NUMBER, canonical(rows)),
            verdicts=((str(verdict), len(rows)),),
            move=Move.CLEAN,
            why="",
        )
        self.say(judged)

    def whole(self, step: str, actions: Sequence[Action], stays: Sequence[LeftAlone] = (), *, days: int = 0) -> None:
        """Plan, yes, deed and second look."""
        plan = self.plan(step, actions, stays, days=days)
        self.approve(plan)
        self.act(plan)
        self.judge(plan, Verdict.GONE if actions[0].verb is Verb.REMOVE else Verdict.THERE)

    def look(self, purpose: str, *blind: str) -> None:
        """A whole look."""
        tenant = Sign(kind=SignKind.OWNER_TENANT, value=facts().provider.tenant)
        policy = replace(left("INT-agent", "").item, kind=Kind.POLICY_ASSIGNMENT, signs=(tenant,))
        blob = self.blobs.put(NUMBER, canonical(Inventory(read=(), blind=(), items=(policy,))))
        self.say(Looked(purpose=purpose, step=None, inventory=blob, cells=42, blind=blind, items=913, ours=27))


def letter(step: str, name: str) -> Action:
    """A letter sent."""
    return Action(
        step=StepId(step),
        system=System.OFFICE,
        verb=Verb.SEND,
        kind=Kind.MAIL,
        target=f"{NUMBER}/{name}",
        name=f"Bevestiging van de opzegging (dossier {NUMBER})",
        scope="exit@intercept.example",
        key=Key.HOUSE,
        why="the checklist asks for it",
    )


def opened(told: Told, customer: str = "Fabrikam Bakkerijen B.V.") -> Told:
    """Stage 0 behind us."""
    told.open(facts(customer))
    told.attest("notice", ANNA.id, "from j@fabrikam.example, called back", proof=str(ProofKind.NOTICE))
    told.look("preflight", "guest in entra fabrikam by app: 403 Forbidden, the app may not read guests")
    told.whole("confirm-termination", [letter("confirm-termination", "confirmation")])
    return told


def halfway(told: Told, customer: str = "Fabrikam Bakkerijen B.V.") -> Told:
    """Some steps done, one waiting for a yes, one for a date, one added, one waiver asked."""
    opened(told, customer)
    told.whole("meet", [letter("meet", "meeting")], days=2)
    told.attest("migration-details", BRAM.id, "sent to Northwind Cloud, with the customer's permission", days=1)
    told.say(
        StepAdded(
            step=StepId("remove-app-registration"),
            text="Remove the app registration",
            role=Role.ENGINEER,
            reason="not on your checklist: a look found 1 of ours (service-principal)",
            refs=("entra|service-principal|abc",),
        )
    )
    export = told.plan("export-resources", [action("export-resources", 1, verb=Verb.EXPORT, name=SUBSCRIPTION)], days=1)
    told.approve(export)
    told.act(export, files={"azure/prod/resources.json": b"[]", "azure/prod/manifest.json": b"{}"})
    told.judge(export, Verdict.THERE)
    told.say(Proven(kind=ProofKind.EXPORTED, grade=Grade.OBSERVED, evidence=EVIDENCE, count=12, note="counts agree"))
    told.attest("export-secrets", BRAM.id, "exported by hand, counted twice")
    told.attest("create-administrator", BRAM.id, "made together with the customer", days=1)
    told.say(
        Decided(ref="azure|resource|kv-shared", name="kv-shared", whose=Whose.CUSTOMERS, reason="bought by them"),
        BRAM.id,
    )
    told.say(WaiverAsked(step=StepId("terminate-contract"), reason="TOPdesk is away", until=date(2027, 2, 1)), ANNA.id)
    told.plan(REMOVAL, removals(12), LEFT, days=1)
    return told


def removals(count: int) -> list[Action]:
    """So many removals."""
    return [action(REMOVAL, number) for number in range(count)]


LEFT = (
    left("kv-shared", "the customer's: decided by Bram de Boer: bought by them"),
    left("st-backup", "shared: used by resources of the customer", Disposition.HAND_OVER),
    left("vm-legacy", "unknown: no sign says whose it is; a named person must decide"),
)


def closed(told: Told, customer: str = "Fabrikam Bakkerijen B.V.") -> Told:
    """To the end, with a parcel and a certificate that has one exception."""
    halfway(told, customer)
    told.say(ClockMoved(before=told.at, after=datetime(2027, 1, 4, 8, tzinfo=UTC), reason="rehearsal"))
    told.at = datetime(2027, 1, 4, 8, tzinfo=UTC)
    plan = told.plan(REMOVAL, removals(12), LEFT)
    told.approve(plan)
    told.act(plan)
    told.judge(plan)
    sealed = told.blobs.put(NUMBER, b"age-encryption.org/v1\n...")
    manifest = told.blobs.put(NUMBER, b'{"inside":118,"withheld":2}')
    told.say(
        Sealed(
            step=StepId("export-secrets"),
            parcel=sealed,
            manifest=manifest,
            recipient="j@fabrikam.example",
            vault=120,
            inside=118,
            withheld=2,
        )
    )
    told.say(
        StepMoved(
            step=StepId("terminate-contract"),
            move=Move.WAIVE,
            reason="TOPdesk is away",
            until=date(2027, 2, 1),
            second=ANNA.id,
        ),
        CARLA.id,
    )
    for one in list(told.case.steps):
        _settled(told, one)
    told.look("final")
    _certified(told)
    return told


def _settled(told: Told, step: StepId) -> None:
    if str(told.case.steps[step].state) in ("ready", "waiting"):
        if str(told.case.steps[step].state) == "waiting":
            told.say(StepMoved(step=step, move=Move.SKIP, reason="the customer has none of it"), CARLA.id)
            return
        told.attest(
            step, STRANGER if step == "accept-transfer" else BRAM.id, "done in the vendor's own page, screenshot filed"
        )


def _certified(told: Told) -> None:
    case, names = told.case, {person.id: person.name for person in PEOPLE}
    rows = tuple(
        Coverage(system=system, kind=kind, scope=scope, key=key, outcome=outcome, left=0, same_identity=same)
        for system, kind, scope, key, outcome, same in (
            (System.AZURE, Kind.RESOURCE, SUBSCRIPTION, Key.APP, "read", False),
            (System.AZURE, Kind.ROLE_ASSIGNMENT, SUBSCRIPTION, Key.APP, "read", True),
            (System.ENTRA, Kind.GUEST, case.facts.customer.tenant, Key.APP, "403 Forbidden", True),
            (System.PRTG, Kind.PRTG_GROUP, "2011", Key.PRTG, "read", True),
        )
    )
    predicate = Predicate(
        sentence=sentence(case, Result.EXCEPTIONS, True),
        rehearsal=True,
        case=case.id,
        world=case.world,
        customer=case.facts.customer.name,
        tenant=case.facts.customer.tenant,
        provider="Intercept",
        tier=str(case.tier),
        contract_end="2026-12-31",
        closed_at=told.at.isoformat(),
        outcome=Result.EXCEPTIONS,
        exceptions=("not read: guest in entra: 403 Forbidden", "not looked: topdesk: not configured"),
        systems=(Address(system="azure", address="https://localhost:8443/arm", tenant=case.facts.customer.tenant),),
        lines=lines(case, names),
        other_lines=other_lines(case.others),
        removed=tuple(f"{one.name} (read directly by app)" for one in removals(12)),
        kept=("st-backup: shared: used by resources of the customer",),
        handed_over=handed(case),
        withheld=(),
        coverage=rows,
        not_looked=("topdesk: not configured",),
        doors=(
            Door(key="lighthouse", outcome="shut", said="azure: the subscription is not known (401)"),
            Door(key="app", outcome="unknown", said="entra: no answer within 30 s"),
        ),
        head=case.head,
        events=case.seq,
    )
    envelope = canonical(
        {
            "payload": base64.b64encode(canonical(statement(predicate))).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"keyid": "SHA256:" + "ab" * 32, "sig": "c2ln"}],
        }
    )
    told.say(
        Certified(certificate=told.blobs.put(NUMBER, envelope), outcome=str(predicate.outcome), head=case.head),
        CARLA.id,
    )
