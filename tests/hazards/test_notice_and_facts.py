"""H31, H32, H37, H42 and frozen facts: the right customer and moment, a real notice, no line that vanishes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fakes.houses import TEMPLATE, Stage, stage
from fakes.leavings import (
    DOORS,
    Told,
    after_contract,
    approved,
    at_gate,
    certificate,
    cut_short,
    digests,
    everything,
    hand,
    next_life,
    plan,
    planned,
    removed,
    run,
    seq,
    staffed,
    standing,
    there,
)
from sendoff.engine.desk import read_checklist
from sendoff.engine.run import question
from sendoff.model.case import Case
from sendoff.model.certificate import Result
from sendoff.model.digest import digest
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.gate import Open, Shut
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Person, Role
from sendoff.model.plan import Action, Plan
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Template, Tier
from sendoff.rules.gates import gates
from sendoff.sandbox.sandbox import Sandbox
from sendoff.wiring.cards import table

RESOURCES, ACCOUNTS, CONFIRM = "remove-resources", "remove-accounts", "confirm-termination"


# ---- H31: one customer -------------------------------------------------------------------------------------------

OTHERS: dict[str, Callable[[Plan], Plan]] = {
    "case": lambda one: replace(one, case="L99999999"),
    "world": lambda one: replace(one, world="real:somewhere"),
    "scope": lambda one: replace(one, scope=digest("another scope")),
    "facts": lambda one: replace(one, facts=digest("another recipient")),
}


@pytest.mark.parametrize("what", OTHERS)
def test_h31_a_plan_of_another_case_world_scope_or_recipient_is_refused(tmp_path: Path, what: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), CONFIRM, "approved")
    mine = plan(one, case, CONFIRM)
    ask = question(one.desk.ports, case, standing(one, case, CONFIRM), mine)
    names = {gate.gate for gate in gates(ask) if isinstance(gate, Open)}
    assert "scope" in names and "approval" in names
    shut = {gate.gate for gate in gates(replace(ask, plan=OTHERS[what](mine))) if isinstance(gate, Shut)}
    assert {"scope", "approval"} <= shut, "and the yes that was given names another digest"


def test_h31_a_plan_of_one_case_cannot_be_approved_in_another(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    first, second = one.opened(), one.opened()
    planned(one, first, CONFIRM, "carla")
    planned(one, second, CONFIRM, "carla")
    foreign = plan(one, first, CONFIRM).digest
    assert foreign != plan(one, second, CONFIRM).digest
    with pytest.raises(Refused, match="look at it again"):
        one.desk.approve(one.who("paul"), second.id, StepId(CONFIRM), foreign)
    assert approved(one, first, CONFIRM, "paul").state is State.APPROVED


def test_h31_a_case_cannot_change_worlds(tmp_path: Path) -> None:
    admin = everything("anja")
    case = staffed(stage(tmp_path, tier=Tier.CSP), admin).opened()
    moved = staffed(stage(tmp_path, tier=Tier.CSP, sandbox=Sandbox(2, "csp")), admin)
    for name, door in DOORS.items():
        if name not in ("open_case", "approve"):
            with pytest.raises(Refused, match="belongs to world"):
                door(moved, case, admin, CONFIRM)
    with pytest.raises(Refused, match="belongs to world"):
        moved.desk.approve(admin, case.id, StepId(CONFIRM), digest("any plan"))
    assert moved.desk.case(case.id).seq == case.seq


def _stays(one: Stage, slug: str) -> dict[str, str]:
    known = one.sandbox.world.customers[slug].known
    subscriptions = known["subscriptions"]
    assert isinstance(subscriptions, list) and isinstance(subscriptions[0], dict)
    return {"subscription": str(subscriptions[0]["id"]), "tenant": one.sandbox.world.customers[slug].tenant}


def _outside(one: Stage, facts: Facts) -> list[Action]:
    """For every system a removal or letter that lies outside the scope of the case."""
    stays = _stays(one, "vandermeer-advocaten")
    archive = next(row.id for row in facts.scope if row.name == "vdm-archief")
    group = "{}/resourceGroups/rg-web".format
    users = [thing.id for thing in one.sandbox.world.all("graph", "user") if thing.owner == "vandermeer-advocaten"]
    body = one.desk.ports.store.put("L1", b"a letter")
    rows = (
        (System.AZURE, Kind.GROUP, group(f"/subscriptions/{archive}"), archive, Key.LIGHTHOUSE),
        (System.AZURE, Kind.GROUP, group(f"/subscriptions/{stays['subscription']}"), stays["subscription"], Key.APP),
        (System.AZURE, Kind.GROUP, group(f"/subscriptions/{archive}"), facts.leaving[0].id, Key.LIGHTHOUSE),
        (System.ENTRA, Kind.USER, users[0], stays["tenant"], Key.APP),
        (System.PRTG, Kind.PRTG_GROUP, "3001", "3001", Key.PRTG),
        (System.PASSWORDSTATE, Kind.SECRET, "2001", "201", Key.VAULT),
    )
    removals = [
        Action(
            step=StepId(RESOURCES),
            system=system,
            verb=Verb.REMOVE,
            kind=kind,
            target=target,
            name="somebody else's",
            scope=scope,
            key=key,
            why="a mix-up",
            before=digest("an image"),
        )
        for system, kind, target, scope, key in rows
    ]
    removals += _at_home(one, facts, removals[0])
    content = (("letter", str(body)), ("subject", "Bevestiging"), ("to", "somebody@elsewhere.example"))
    letter = Action(
        step=StepId(CONFIRM),
        system=System.OFFICE,
        verb=Verb.SEND,
        kind=Kind.MAIL,
        target="L1/confirmation",
        name="Bevestiging",
        scope=facts.provider.mailbox,
        key=Key.HOUSE,
        why="a mix-up",
        content=content,
    )
    return [*removals, letter, replace(letter, scope="info@vandermeer.example")]


def _at_home(one: Stage, facts: Facts, like: Action) -> list[Action]:
    """In our own house: another customer's things under this customer's name, and under their own."""
    world, other = one.sandbox.world, "vandermeer-advocaten"
    branch, person, user = (
        next(thing.id for thing in world.all(system, kind) if thing.owner == other)
        for system, kind in (("topdesk", "branch"), ("topdesk", "person"), ("reassure", "user"))
    )
    places, tenant = facts.places, world.customers[other].tenant
    rows = (
        (System.TOPDESK, Verb.END, Kind.BRANCH, branch, places.topdesk_branch, Key.TOPDESK),
        (System.TOPDESK, Verb.END, Kind.CONTACT_PERSON, person, places.topdesk_branch, Key.TOPDESK),
        (System.TOPDESK, Verb.END, Kind.BRANCH, branch, branch, Key.TOPDESK),
        (System.REASSURE, Verb.DISABLE, Kind.PORTAL_USER, user, places.reassure_customer, Key.REASSURE),
        (System.REASSURE, Verb.DISABLE, Kind.PORTAL_USER, user, user.rpartition("-")[0], Key.REASSURE),
        (System.PARTNER_CENTER, Verb.REMOVE, Kind.RELATIONSHIP, tenant, facts.customer.tenant, Key.PARTNER_CENTER),
        (System.PARTNER_CENTER, Verb.REMOVE, Kind.RELATIONSHIP, tenant, tenant, Key.PARTNER_CENTER),
    )
    return [
        replace(like, system=system, verb=verb, kind=kind, target=target, scope=scope, key=key)
        for system, verb, kind, target, scope, key in rows
    ]


class Nothing:
    """A tray for deeds that must not happen: it has no place for anything."""


def test_h31_every_connector_refuses_what_lies_outside_the_scope(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    facts, before = one.facts(), digests(one)
    acts = _outside(one, facts)
    assert {act.system for act in acts} == set(one.desk.ports.world.addresses)
    since = seq(one)
    for act in acts:
        hands = hand(one, facts, act.system)
        assert (act.kind, act.verb) in hands.able, "it is refused for where it is, not for what it is"
        with pytest.raises(Refused):
            hands.apply(act, once=digest(act), out=Nothing())  # type: ignore[arg-type]
    assert digests(one) == before
    effects = (table(row) for row in one.sandbox.world.record.since(since, "effect"))
    assert not [row for row in effects if row["kind"] != "graph.signIn"]


# ---- H32: not an hour too early -----------------------------------------------------------------------------------

ENDS = (
    ("Europe/Amsterdam", date(2026, 12, 31)),
    ("Europe/Amsterdam", date(2026, 10, 24)),
    ("Europe/Amsterdam", date(2026, 10, 25)),
    ("Europe/Amsterdam", date(2027, 3, 27)),
    ("Europe/Amsterdam", date(2027, 3, 28)),
    ("America/New_York", date(2026, 10, 31)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2027, 3, 14)),
    ("Pacific/Kiritimati", date(2026, 12, 31)),
)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Case]:
    """Removals that are planned and approved, while the contract still runs."""
    one = stage(tmp_path_factory.mktemp("ready"), tier=Tier.CSP)
    return one, one.until(one.opened(), RESOURCES, "approved")


@pytest.mark.parametrize(("zone", "end"), ENDS, ids=[f"{zone} {end}" for zone, end in ENDS])
def test_h32_nothing_irreversible_before_the_last_local_day_is_over(
    ready: tuple[Stage, Case], zone: str, end: date
) -> None:
    one, case = ready
    late = replace(case, facts=replace(case.facts, zone=zone, contract_end=end, access_until=end + timedelta(days=9)))
    ask = question(one.desk.ports, late, standing(one, case, RESOURCES), plan(one, case, RESOURCES))
    last = datetime(end.year, end.month, end.day, 23, 59, 59, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    first = datetime(*(end + timedelta(days=1)).timetuple()[:3], tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert first - last == timedelta(seconds=1)
    before = next(gate for gate in gates(replace(ask, now=last)) if gate.gate == "not before")
    assert isinstance(before, Shut) and before.until == first
    assert isinstance(next(gate for gate in gates(replace(ask, now=first)) if gate.gate == "not before"), Open)


def test_h32_the_worker_waits_for_the_last_second_and_not_longer(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    after_contract(one, case, short=1)
    assert one.house.clock.now().astimezone(ZoneInfo("Europe/Amsterdam")).isoformat() == "2026-12-31T23:59:59+01:00"
    run(one, case)
    assert all(there(one, act) for act in acts) and not removed(one)
    after_contract(one, case)
    run(one, case)
    assert not any(there(one, act) for act in acts)


BY_HAND = (("reassure", "remove-articles", "carla"), ("prtg", "remove-from-prtg", "erik"))


@pytest.mark.parametrize(("system", "step", "who"), BY_HAND, ids=[row[1] for row in BY_HAND])
def test_h32_a_step_that_a_person_does_because_a_system_is_not_configured_waits_for_the_same_moment(
    tmp_path: Path, system: str, step: str, who: str
) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM, without=(system,))
    case = one.until(one.opened(), "remove-policies", "waiting")
    one.story(case).turn(before=(StepId("export-secrets"), "done"))
    case = one.until(case, "export-secrets", "done")
    assert standing(one, case, step).state is State.READY
    with pytest.raises(Refused, match="the contract runs through 2026-12-31"):
        one.desk.attest(one.who(who), case.id, step, [b"a photo"], note="done in its own page")
    after_contract(one, case)
    one.desk.attest(one.who(who), case.id, step, [b"a photo"], note="done in its own page")
    assert standing(one, case, step).state is State.ATTESTED


# ---- H37 and F24: nothing vanishes --------------------------------------------------------------------------------


def test_h37_a_line_that_does_not_apply_keeps_its_reason_and_its_person(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    case = one.until(one.opened(), "meet", "ready")
    one.desk.not_applicable(one.who("paul"), case.id, StepId("meet"), reason="they met us before they gave notice")
    ended = one.story(case).tell()
    line = next(row for row in certificate(one, ended).lines if row.step == "meet")
    assert (line.state, line.how, line.by) == ("not applicable", "they met us before they gave notice", "Paul Smit")
    with pytest.raises(Refused, match="is closed"):
        one.desk.resume(one.who("paul"), case.id, StepId("meet"), reason="after all")


@pytest.mark.parametrize("step", [RESOURCES, "remove-lighthouse", ACCOUNTS, "accept-transfer", "remove-articles"])
def test_h37_a_line_that_removes_or_ends_is_not_talked_away(tmp_path: Path, step: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    before = standing(one, case, step)
    with pytest.raises(Refused, match="waive it, with a second person"):
        one.desk.not_applicable(one.who("paul"), case.id, StepId(step), reason="let us skip it")
    assert standing(one, case, step) == before


def test_h37_lines_of_the_other_tiers_and_every_line_of_this_one_are_on_the_certificate(csp: Told) -> None:
    said = certificate(csp.stage, csp.case)
    boxes = [box for box in checklist().boxes if box.step]
    listed = [(row.line, row.step) for row in (*said.lines, *said.other_lines) if row.line]
    assert sorted(listed) == sorted((box.line, str(box.step)) for box in boxes if not box.fact)
    assert all(row.how for row in said.other_lines)


def checklist(text: bytes | None = None) -> Template:
    """Our own checklist, or an edited one."""
    return read_checklist(text or TEMPLATE.read_bytes(), "offboarding.md")


def test_f24_each_line_has_who_when_and_why(full: Told) -> None:
    events = {entry.event.seq: entry.event for entry in full.stage.house.journal.entries(full.case.id)}
    assert all(event.actor and event.at for event in events.values())
    names = {person.name for person in full.stage.house.register.people()}
    for row in certificate(full.stage, full.case).lines:
        one = full.case.steps[StepId(row.step)]
        assert row.by in names and row.how, row.step
        assert one.settled_at is not None
    machine = [row for row in certificate(full.stage, full.case).lines if row.grade == "verified"]
    assert len(machine) > 8 and all(row.second in names and row.second != row.by for row in machine)


def test_f24_a_line_deleted_from_the_file_stays_on_record_and_what_it_guards_stays(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    gone = b"- [ ] Engineer >> Remove all resources of %provider%\n"
    text = TEMPLATE.read_bytes()
    assert text.count(gone) == 3
    facts = one.facts()
    case = one.desk.open_case(
        one.who("carla"), checklist(text.replace(gone, b"")), facts, by_hand={}, notice=one.notice()
    )
    line = standing(one, case, RESOURCES)
    assert (line.state, line.removed, line.line) == (State.NOT_APPLICABLE, True, 0)
    assert line.reason == "removed in the file; its gates stay"
    one.desk.preflight(one.who("erik"), case.id)
    back = standing(one, case, RESOURCES)
    assert back.added and back.state not in SETTLED and "not on your checklist" in back.reason
    order = at_gate(one, case, "remove-lighthouse", "order")
    assert order is not None and RESOURCES in order.reason


def test_f24_a_deleted_line_with_nothing_to_do_is_recorded_as_removed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    gone = b"- [ ] Engineer >> Remove all policies of %provider%\n"
    text = TEMPLATE.read_bytes().replace(gone, b"")
    case = one.desk.open_case(one.who("carla"), checklist(text), one.facts(), by_hand={}, notice=one.notice())
    ended = one.story(case).tell()
    line = next(row for row in certificate(one, ended).lines if row.step == "remove-policies")
    assert (line.grade, line.how) == ("not applicable", "removed in the file; its gates stay")


# ---- H42: a forged notice -----------------------------------------------------------------------------------------

FORGED: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "an unknown sender": (
        lambda facts: replace(facts, notice=replace(facts.notice, sender="ceo@vandermeer-bv.example")),
        "is not among the signatories known before",
    ),
    "nobody called back": (lambda facts: replace(facts, notice=replace(facts.notice, called_back="")), "nobody called"),
    "the number in the notice": (
        lambda facts: replace(facts, notice=replace(facts.notice, called_back="+31 6 00000000")),
        "is not a number known before the notice",
    ),
    "a contact who may not sign": (
        lambda facts: replace(
            facts, notice=replace(facts.notice, sender=next(c.mail for c in facts.customer.contacts if not c.signatory))
        ),
        "is not among the signatories known before",
    ),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_h42_a_forged_notice_stays_open_and_everything_waits(tmp_path: Path, forgery: str) -> None:
    change, why = FORGED[forgery]
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    case = one.opened(change)
    assert standing(one, case, "notice").state is State.READY and case.proven(ProofKind.NOTICE) is None
    with pytest.raises(Refused, match=f"the notice is not believed: .*{why}"):
        one.desk.attest(one.who("carla"), case.id, "notice", [b"it looks real"], note="it looks real")
    one.desk.preflight(one.who("erik"), case.id)
    waiting = [row for row in one.desk.case(case.id).steps.values() if row.step != "notice"]
    assert waiting and all(row.state is State.WAITING for row in waiting)
    for row in waiting:
        with pytest.raises(Refused, match="is waiting"):
            one.desk.plan(everybody(one, row.role), case.id, row.step)
        with pytest.raises(Refused):
            one.desk.attest(everybody(one, row.role), case.id, row.step, [b"done"], note="it is done")


def everybody(one: Stage, role: Role) -> Person:
    """Who holds that role."""
    return next(person for person in one.house.register.people() if role in person.roles)


def test_h42_a_notice_that_was_skipped_is_still_not_believed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened(FORGED["nobody called back"][0])
    one.desk.not_applicable(one.who("paul"), case.id, StepId("notice"), reason="we know them well")
    case = one.until(case, RESOURCES, "approved")
    after_contract(one, case)
    run(one, case)
    gate = at_gate(one, case, RESOURCES, "stage 0")
    assert gate is not None and gate.reason == "the notice is not authenticated"
    assert all(there(one, act) for act in plan(one, case, RESOURCES).actions) and not removed(one)


def test_h42_a_real_notice_opens_the_case_at_once(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    assert standing(one, case, "notice").state is State.ATTESTED and case.proven(ProofKind.NOTICE) is not None
    assert standing(one, case, CONFIRM).state is State.READY


# ---- frozen facts and waivers ---------------------------------------------------------------------------------------

FROZEN: dict[str, Callable[[Facts], Facts]] = {
    "recipient": lambda facts: replace(facts, recipient=None),
    "supplier": lambda facts: replace(facts, supplier=None, no_supplier_because="they do it themselves"),
    "domains": lambda facts: replace(
        facts, customer=replace(facts.customer, domains=(*facts.customer.domains, "vandermeer-bv.example"))
    ),
    "scope": lambda facts: replace(facts, scope=facts.scope[1:]),
}


@pytest.mark.parametrize("what", FROZEN)
def test_frozen_facts_change_with_a_second_person_only_and_void_every_yes(tmp_path: Path, what: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    planned(one, case, CONFIRM, "carla")
    approved(one, case, CONFIRM, "paul")
    old = plan(one, case, CONFIRM).digest
    new = FROZEN[what](case.facts)
    one.desk.change_facts(one.who("carla"), case.id, new, reason="they wrote us")
    with pytest.raises(Refused, match="you asked, and a second person confirms"):
        one.desk.change_facts(one.who("carla"), case.id, new, reason="they wrote us")
    still = one.desk.case(case.id)
    assert still.facts == case.facts and standing(one, case, CONFIRM).state is State.APPROVED
    other = replace(new, language="en")
    assert one.desk.change_facts(one.who("erik"), case.id, other, reason="I would rather").facts == case.facts
    one.desk.change_facts(one.who("carla"), case.id, other, reason="as erik asked")
    assert one.desk.case(case.id).facts == other
    after = standing(one, case, CONFIRM)
    assert (after.state, after.approval, after.plan) == (State.READY, None, None)
    with pytest.raises(Refused):
        one.desk.approve(one.who("paul"), case.id, StepId(CONFIRM), old)
    run(one, case)
    assert not one.wire.calls("POST", "/send")


def test_frozen_facts_stop_a_step_that_is_under_way(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-from-prtg", "approved")
    acts = [act for act in plan(one, case, "remove-from-prtg").actions if act.verb is Verb.REMOVE]
    assert acts and all(there(one, act) for act in acts)
    after_contract(one, case)
    cut_short(one, case, "deleteobject")
    now = standing(one, case, "remove-from-prtg")
    assert now.state is State.RUNNING and now.acted, "paused and exported, and not yet removed"
    for person in ("carla", "erik"):
        one.desk.change_facts(one.who(person), case.id, replace(case.facts, recipient=None), reason="he left them")
    later = next_life(one)
    run(later, case)
    after = standing(later, case, "remove-from-prtg")
    assert after.state is State.STOPPED and after.approval is None and "frozen fact changed" in after.reason
    assert all(there(later, act) for act in acts)
    later.desk.resume(later.who("erik"), case.id, after.step, reason="look again")
    planned(later, case, "remove-from-prtg")
    approved(later, case, "remove-from-prtg")
    assert run(later, case).steps[after.step].state is State.DONE


def test_frozen_facts_do_not_hide_another_customer(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    other = replace(case.facts, customer=replace(case.facts.customer, slug="meerzicht"))
    with pytest.raises(Refused, match="a case stays with its customer"):
        one.desk.change_facts(one.who("carla"), case.id, other, reason="a mistake")


def test_a_waiver_takes_two_persons_and_makes_the_certificate_limited(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-policies", "ready")
    step, until = StepId("terminate-contract"), date(2027, 3, 1)
    for _ in range(2):
        asked = one.desk.waive(one.who("carla"), case.id, step, reason="TOPdesk is closed", until=until)
        assert asked.steps[step].state not in SETTLED, "one person asks, however often"
    with pytest.raises(Refused, match="agree to that date"):
        one.desk.waive(one.who("paul"), case.id, step, reason="TOPdesk is closed", until=date(2027, 4, 1))
    with pytest.raises(BadInput, match="has passed"):
        one.desk.waive(one.who("paul"), case.id, step, reason="TOPdesk is closed", until=date(2026, 1, 1))
    agreed = one.desk.waive(one.who("paul"), case.id, step, reason="TOPdesk is closed", until=until)
    assert agreed.steps[step].state is State.WAIVED
    said = certificate(one, one.story(case).tell())
    assert said.outcome is Result.LIMITED and "LIMITED" in said.sentence
    assert "waived until 2027-03-01: Terminate the contract in TOPdesk" in said.exceptions
    line = next(row for row in said.lines if row.step == step)
    assert {line.by, line.second} == {"Paul Smit", "Carla de Vries"} and line.until == "2027-03-01"
    assert line.grade == "waived"
