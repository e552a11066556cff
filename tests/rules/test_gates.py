"""Every gate, open and shut: what it reads is changed, and it alone answers otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from fakes.told import told
from sendoff.model.case import Approval, Case, LastLook, Standing
from sendoff.model.digest import Digest
from sendoff.model.facts import Recipient
from sendoff.model.gate import Open, Shut
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, LeftAlone, Plan
from sendoff.model.proof import Grade, Proof, ProofKind
from sendoff.model.state import State, StepId
from sendoff.rules.asking import Question
from sendoff.rules.deadlines import end_of, no_later
from sendoff.rules.gates import gates, may_attest, shut
from sendoff.rules.outside import refused_recipient

STEP = StepId("remove-resources")
BLOB = Digest("sha256:" + "a" * 64)
NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)
ERIK, EMMA = PersonId("erik"), PersonId("emma")


def proof(
    kind: ProofKind,
    *,
    count: int = 1,
    at: datetime = NOW,
    grade: Grade = Grade.OBSERVED,
    about: tuple[str, ...] | None = None,
) -> Proof:
    return Proof(kind=kind, at=at, by=ERIK, grade=grade, evidence=BLOB, count=count, about=about)


def action(verb: Verb, kind: Kind, *content: tuple[str, str]) -> Action:
    return Action(
        step=STEP,
        system=System.AZURE,
        verb=verb,
        kind=kind,
        target="/things/one",
        name="one",
        scope="s",
        key=Key.LIGHTHOUSE,
        why="ours",
        before=BLOB,
        content=content,
    )


def plan(case: Case, *actions: Action) -> Plan:
    facts = case.facts
    return Plan(
        case=case.id, world=case.world, step=STEP, scope=facts.scope_digest, facts=facts.frozen_digest, actions=actions
    )


SINCE = NOW - timedelta(days=40)
ACCOUNT = replace(action(Verb.REMOVE, Kind.USER, ("disabled", SINCE.isoformat())), system=System.ENTRA)
EVERYTHING = (
    action(Verb.REMOVE, Kind.RESOURCE),
    ACCOUNT,
    action(Verb.DISCLOSE, Kind.SECRET),
    action(Verb.REMOVE, Kind.DELEGATION),
    action(Verb.CREATE, Kind.NEW_ADMINISTRATOR),
    action(Verb.REMOVE, Kind.PRTG_PROBE),
    action(Verb.ACCEPT, Kind.TRANSFER),
    action(Verb.REMOVE, Kind.RELATIONSHIP),
    replace(action(Verb.REMOVE, Kind.SECRET), content=(("one-time-code", "yes"),)),
    action(Verb.SEND, Kind.MAIL, ("attach", "parcel:x secrets.age")),
)
SHARED = LeftAlone(
    item=Item(
        system=System.PASSWORDSTATE,
        kind=Kind.SECRET,
        id="77",
        name="the shared firewall",
        scope="101",
        key=Key.VAULT,
        image=BLOB,
        detail=(("shared", "it also lies in list 301"),),
    ),
    why="shared",
)


def asked(*actions: Action) -> Question:
    """A question to which every gate says open, about a plan that every gate reads."""
    case = replace(
        told().case,
        certificate=None,
        proofs=(
            proof(ProofKind.NOTICE),
            proof(ProofKind.EXPORTED),
            proof(ProofKind.EXPORT_ACCEPTED, grade=Grade.ATTESTED),
            proof(ProofKind.ADMINISTRATORS, count=2),
            proof(ProofKind.BREAK_GLASS, grade=Grade.ATTESTED),
            proof(ProofKind.PERMISSION, grade=Grade.ATTESTED),
            proof(ProofKind.PROBE_UNINSTALLED, grade=Grade.ATTESTED),
            proof(ProofKind.COSTS_KEPT),
            proof(ProofKind.HANDED_OVER),
            proof(ProofKind.PRIVATE_LISTS, grade=Grade.ATTESTED),
            proof(ProofKind.CODES_ENROLLED, grade=Grade.ATTESTED),
        ),
        watched={ACCOUNT.ref: SINCE},
        looks={"before-last-key": LastLook(at=NOW, inventory=BLOB, cells=3, blind=(), items=0, ours=0)},
    )
    made = plan(case, *(actions or EVERYTHING))
    yes = Approval(plan=made.digest, by=EMMA, at=NOW, until=NOW + timedelta(days=7))
    standing = replace(case.steps[STEP], state=State.APPROVED, plan=made.digest, proposer=ERIK, approval=yes, belt="")
    return Question(
        case=replace(case, steps={**case.steps, STEP: standing}),
        standing=standing,
        plan=made,
        now=NOW,
        people={},
        needs={StepId("remove-policies"): frozenset({Key.LIGHTHOUSE}), StepId("export-resources"): frozenset()},
    )


def of_case(ask: Question, **changes: object) -> Question:
    return replace(ask, case=replace(ask.case, **changes))  # type: ignore[arg-type]


def of_standing(ask: Question, **changes: object) -> Question:
    return replace(ask, standing=replace(ask.standing, **changes))  # type: ignore[arg-type]


def of_approval(ask: Question, **changes: object) -> Question:
    assert ask.standing.approval is not None
    return of_standing(ask, approval=replace(ask.standing.approval, **changes))  # type: ignore[arg-type]


def of_plan(ask: Question, **changes: object) -> Question:
    """The plan with something changed, approved anew."""
    assert ask.plan is not None
    made = replace(ask.plan, **changes)  # type: ignore[arg-type]
    return replace(of_approval(of_standing(ask, plan=made.digest), plan=made.digest), plan=made)


def without(ask: Question, *kinds: ProofKind) -> Question:
    return of_case(ask, proofs=tuple(one for one in ask.case.proofs if one.kind not in kinds))


def with_proof(ask: Question, kind: ProofKind, **how: object) -> Question:
    ask = without(ask, kind)
    return of_case(ask, proofs=(*ask.case.proofs, proof(kind, **how)))  # type: ignore[arg-type]


def unsettled(ask: Question, step: str) -> Question:
    found: Standing = replace(ask.case.steps[StepId(step)], state=State.READY)
    return of_case(ask, steps={**ask.case.steps, StepId(step): found})


def blind(ask: Question) -> Question:
    look = LastLook(at=NOW, inventory=BLOB, cells=3, blind=("one cell",), items=0, ours=0)
    return of_case(ask, looks={"before-last-key": look})


@dataclass(frozen=True)
class Shutting:
    """A change after which exactly this gate is shut."""

    gate: str
    change: Callable[[Question], Question]
    says: str


SHUTTING = (
    Shutting("halt", lambda ask: of_case(ask, halted="the customer called"), "the customer called"),
    Shutting("stage 0", lambda ask: without(ask, ProofKind.NOTICE), "not authenticated"),
    Shutting("order", lambda ask: of_standing(unsettled(ask, "notice"), after=(StepId("notice"),)), "first: notice"),
    Shutting("scope", lambda ask: of_plan(ask, case="L9"), "another case"),
    Shutting("scope", lambda ask: of_plan(ask, world="real:other"), "another case, world"),
    Shutting("scope", lambda ask: of_plan(ask, scope=BLOB), "scope"),
    Shutting("scope", lambda ask: of_plan(ask, facts=BLOB), "recipient"),
    Shutting("export", lambda ask: without(ask, ProofKind.EXPORT_ACCEPTED), "not accepted"),
    Shutting("export", lambda ask: replace(ask, intact=False), "not what was accepted"),
    Shutting("administrators", lambda ask: without(ask, ProofKind.ADMINISTRATORS), "did not see 2"),
    Shutting("administrators", lambda ask: with_proof(ask, ProofKind.ADMINISTRATORS, count=1), "did not see 2"),
    Shutting(
        "administrators",
        lambda ask: with_proof(ask, ProofKind.ADMINISTRATORS, count=5, grade=Grade.ATTESTED),
        "did not see 2",
    ),
    Shutting(
        "administrators",
        lambda ask: with_proof(ask, ProofKind.ADMINISTRATORS, count=2, at=NOW - timedelta(days=7, seconds=1)),
        "older than seven days",
    ),
    Shutting("administrators", lambda ask: without(ask, ProofKind.BREAK_GLASS), "break-glass"),
    Shutting(
        "sign-in",
        lambda ask: with_proof(ask, ProofKind.ADMINISTRATORS, count=2, about=("entra|conditional-access-policy|x",)),
        "lets in from our addresses alone (1 such)",
    ),
    Shutting(
        "last key out",
        lambda ask: of_standing(unsettled(ask, "remove-policies"), after=()),
        "still needed by: remove-policies",
    ),
    Shutting(
        "permission", lambda ask: without(ask, ProofKind.PERMISSION), "written permission is not on the case: one"
    ),
    Shutting("probe", lambda ask: without(ask, ProofKind.PROBE_UNINSTALLED), "nobody uninstalled it on its host"),
    Shutting("costs", lambda ask: without(ask, ProofKind.COSTS_KEPT), "is not kept yet"),
    Shutting("transfer", lambda ask: of_standing(unsettled(ask, "accept-transfer"), after=()), "is not complete"),
    Shutting("handed over", lambda ask: without(ask, ProofKind.HANDED_OVER), "has not acknowledged the parcel"),
    Shutting(
        "recipient",
        lambda ask: of_plan(ask, actions=(*EVERYTHING[:-1], action(Verb.SEND, Kind.MAIL, ("attach", f"{BLOB} s.age")))),
        "not the one that is sealed now",
    ),
    Shutting("private lists", lambda ask: without(ask, ProofKind.PRIVATE_LISTS), "show to no key of ours"),
    Shutting("one-time codes", lambda ask: without(ask, ProofKind.CODES_ENROLLED), "does not give their seeds"),
    Shutting("shared secrets", lambda ask: of_plan(ask, left=(SHARED,)), "the shared firewall: rotate each"),
    Shutting("last key out", lambda ask: of_case(ask, looks={}), "never made"),
    Shutting("last key out", blind, "one cell"),
    Shutting("approval", lambda ask: of_standing(ask, approval=None), "no second person"),
    Shutting("approval", lambda ask: of_approval(ask, plan=BLOB), "exactly this plan"),
    Shutting("approval", lambda ask: of_approval(ask, by=ERIK), "one person"),
    Shutting("watch", lambda ask: of_case(ask, watched={}), "not disabled by us first"),
    Shutting("watch", lambda ask: of_case(ask, watched={ACCOUNT.ref: NOW}), "not disabled by us first, or again since"),
    Shutting("approval", lambda ask: of_approval(ask, until=NOW), "expired"),
    Shutting("approval", lambda ask: of_standing(ask, belt="it removes 500 objects"), "size belt"),
)


def test_with_everything_in_order_every_gate_is_open() -> None:
    answers = gates(asked())

    assert [one for one in answers if not isinstance(one, Open)] == []
    assert len({one.gate for one in answers}) == len(answers) == 25


@pytest.mark.parametrize("case", SHUTTING, ids=lambda one: f"{one.gate}: {one.says}")
def test_a_gate_is_shut_by_what_it_reads_and_by_nothing_else(case: Shutting) -> None:
    closed = shut(gates(case.change(asked())))

    assert [one.gate for one in closed] == [case.gate]
    assert case.says in closed[0].reason


def test_the_belt_is_opened_only_by_an_approval_that_names_it() -> None:
    ask = of_approval(of_standing(asked(), belt="it removes 500 objects"), over_belt=True)

    assert shut(gates(ask)) == ()


# ---- dates ----------------------------------------------------------------------------------------------------------


def test_removing_waits_for_the_end_of_the_contract_and_says_until_when() -> None:
    ask = asked()
    ends = end_of(ask.case.facts.contract_end, ask.case.facts.zone)

    before, at = replace(ask, now=ends - timedelta(seconds=1)), replace(ask, now=ends)

    assert [(one.gate, one.until) for one in shut(gates(before))] == [("not before", ends)]
    assert shut(gates(at)) == ()


@pytest.mark.parametrize("kind", [Kind.USER, Kind.SERVICE_PRINCIPAL, Kind.DELEGATION, Kind.ROLE_ASSIGNMENT])
def test_after_the_last_access_day_our_own_ways_in_may_still_go(kind: Kind) -> None:
    ask = asked(action(Verb.REMOVE, kind))
    late = no_later(ask.case.facts)

    closed = {one.gate for one in shut(gates(replace(of_approval(ask, until=late + timedelta(days=7)), now=late)))}

    assert "access" not in closed


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.EXPORT])
def test_after_the_last_access_day_nothing_else_may(verb: Verb) -> None:
    ask = asked(action(verb, Kind.RESOURCE), action(Verb.REMOVE, Kind.USER))
    late = no_later(ask.case.facts)

    early = {one.gate for one in shut(gates(replace(ask, now=late - timedelta(seconds=1))))}
    closed = {one.gate for one in shut(gates(replace(ask, now=late)))}

    assert "access" not in early
    assert "access" in closed


# ---- what needs no yes, and what no plan means ----------------------------------------------------------------------


def test_an_export_reads_only_and_needs_no_second_person() -> None:
    ask = of_standing(asked(action(Verb.EXPORT, Kind.RESOURCE)), approval=None)

    assert shut(gates(ask)) == ()


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.EXPORT])
def test_every_other_verb_needs_a_second_person(verb: Verb) -> None:
    ask = of_standing(asked(action(verb, Kind.LOCK)), approval=None)

    assert [one.gate for one in shut(gates(ask))] == ["approval"]


def test_a_persons_word_waits_for_the_date_of_what_the_person_does() -> None:
    ask = replace(asked(), plan=None, by_hand=frozenset({Verb.END}), now=datetime(2026, 12, 1, tzinfo=UTC))

    assert [one.gate for one in may_attest(ask)] == ["not before"]
    assert may_attest(replace(ask, by_hand=frozenset())) == ()


def test_stage_zero_itself_does_not_wait_for_stage_zero() -> None:
    ask = without(of_standing(asked(), step=StepId("confirm-termination")), ProofKind.NOTICE)

    assert "stage 0" not in {one.gate for one in shut(gates(ask))}


# ---- who may receive secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        ("it@vandermeer.example", ""),
        ("IT@VANDERMEER.EXAMPLE", ""),
        ("it@noordzeecloud.example", "new supplier"),
        ("it@mail.noordzeecloud.example", "new supplier"),
        ("it@intercept.example", "our own domain"),
        ("it@sub.intercept.example", "our own domain"),
        ("it@vandermeer.example.evil.example", "not at a domain"),
        ("it@evilvandermeer.example", "not at a domain"),
        ("it@gmail.example", "not at a domain"),
        ("nobody", "not at a domain"),
    ],
)
def test_secrets_go_to_the_customers_own_domain_only(mail: str, why: str) -> None:
    facts = told().case.facts
    assert facts.recipient is not None
    customer = replace(facts.customer, domains=("vandermeer.example",))
    assert facts.supplier is not None
    supplier = replace(facts.supplier, domains=("NoordzeeCloud.example",))
    asked_for = replace(
        facts,
        customer=customer,
        supplier=supplier,
        provider=replace(facts.provider, domains=("intercept.example",)),
        recipient=replace(facts.recipient, mail=mail),
    )

    assert why in refused_recipient(asked_for)
    assert bool(refused_recipient(asked_for)) is bool(why)


@pytest.mark.parametrize("deeds", [EVERYTHING, (action(Verb.SEND, Kind.MAIL, ("attach", f"{BLOB} parcel.age")),)])
def test_without_an_enrolled_key_no_secret_leaves(deeds: tuple[Action, ...]) -> None:
    ask = asked(*deeds)
    none: Recipient | None = None
    facts = replace(ask.case.facts, recipient=none)
    ask = of_plan(of_case(ask, facts=facts), facts=facts.frozen_digest)

    closed = shut(gates(ask))

    assert [one.gate for one in closed] == ["recipient"]
    assert isinstance(closed[0], Shut)
    assert "enrolled" in closed[0].reason


def mail_of(ask: Question) -> str:
    assert ask.case.facts.recipient is not None
    return ask.case.facts.recipient.mail


@pytest.mark.parametrize(
    ("file", "also", "why"),
    [
        ("parcel.age", "", ""),
        ("parcel.age", "anna@vandermeer.example", "it goes to the enrolled recipient alone"),
        ("report.pdf", "anna@vandermeer.example", ""),
    ],
)
def test_a_parcel_goes_to_the_enrolled_recipient_and_to_nobody_else(file: str, also: str, why: str) -> None:
    to = (mail_of(asked()).upper(), *([also] if also else []))
    letter = action(Verb.SEND, Kind.MAIL, *(("to", one) for one in to), ("attach", f"parcel:x {file}"))

    closed = shut(gates(asked(letter)))

    assert [one.gate for one in closed] == (["recipient"] if why else [])
    assert all(why in one.reason for one in closed)


# ---- what the new supplier hears ------------------------------------------------------------------------------------


def supplier_domain() -> str:
    supplier = told().case.facts.supplier
    assert supplier is not None
    return supplier.domains[0]


@pytest.mark.parametrize(
    "deed",
    [
        action(Verb.CREATE, Kind.NEW_ADMINISTRATOR),
        action(Verb.DISCLOSE, Kind.NEW_ADMINISTRATOR),
        action(Verb.END, Kind.COMMITMENT),
        action(Verb.SEND, Kind.MAIL, ("to", f"admin@{supplier_domain()}")),
        action(Verb.SEND, Kind.MAIL, ("to", "it@vandermeer.example"), ("to", f"a@mail.{supplier_domain().upper()}")),
    ],
    ids=lambda deed: f"{deed.verb} {deed.kind}",
)
def test_the_new_supplier_gets_nothing_before_the_customer_permits_it(deed: Action) -> None:
    ask = asked(deed)

    assert [one.gate for one in shut(gates(without(ask, ProofKind.PERMISSION)))] == ["permission"]
    assert "permission" not in {one.gate for one in shut(gates(ask))}


def test_what_the_customer_alone_hears_needs_no_permission() -> None:
    ask = without(asked(action(Verb.SEND, Kind.MAIL, ("to", "it@vandermeer.example"))), ProofKind.PERMISSION)

    assert shut(gates(ask)) == ()


def test_a_probe_that_the_same_plan_uninstalls_first_needs_nobodys_word() -> None:
    both = action(Verb.REMOVE, Kind.PROBE_SERVICE), action(Verb.REMOVE, Kind.PRTG_PROBE)

    assert shut(gates(without(asked(*both), ProofKind.PROBE_UNINSTALLED))) == ()


# ---- what ends by a date that is set beforehand ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.CONTRACT, Kind.COMMITMENT])
def test_a_person_switches_a_renewal_off_before_the_contract_is_over_and_a_machine_waits(kind: Kind) -> None:
    early = datetime(2026, 12, 1, tzinfo=UTC)
    machine = action(Verb.END, kind)
    person, other = replace(machine, key=Key.PERSON), replace(machine, key=Key.PERSON, kind=Kind.GDAP)

    assert shut(gates(replace(asked(person), now=early))) == ()
    for waits in (machine, other):
        assert [one.gate for one in shut(gates(replace(asked(waits), now=early)))] == ["not before"]


def test_what_goes_over_on_a_later_day_is_not_touched_before_it() -> None:
    ask = asked(action(Verb.REMOVE, Kind.LOCK))
    later = NOW.date() + timedelta(days=3)
    row = replace(ask.case.facts.leaving[0], id="S", cutover=later)
    facts = replace(ask.case.facts, scope=(row,))
    ask = of_case(of_plan(ask, scope=facts.scope_digest, facts=facts.frozen_digest), facts=facts)

    closed = shut(gates(ask))

    assert [(one.gate, one.until) for one in closed] == [("not before", end_of(later, facts.zone))]
    assert shut(gates(of_approval(replace(ask, now=end_of(later, facts.zone)), until=NOW + timedelta(days=30)))) == ()
