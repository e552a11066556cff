"""H22, H43: no transfer comes in time. The services end with their certificate, the CSP part goes on, nothing stops."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import approved, at_gate, certificate, effects, move, plan, planned, run, standing, there
from sendoff.engine.desk import Desk
from sendoff.model.case import Case
from sendoff.model.certificate import Result
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, System
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.deadlines import end_of, no_later
from sendoff.sandbox.wire import Request, text
from sendoff.sandbox.world import Thing

ACCEPT, ENDS, ARTICLES = "accept-transfer", "end-relationships", "remove-articles"
UNTIL = date(2027, 6, 30)
WHY = "the new supplier has made no request"


def silent_supplier(folder: Path) -> tuple[Stage, Case]:
    """Everybody does their part, but the new supplier never asks for the transfer."""
    one = stage(folder, tier=Tier.CSP)
    one.control("POST", "/cast/switch", deed="request-transfer", on=False)
    case = one.until(one.opened(), "migration-details", "done")
    return one, case


def on_day(one: Stage, case: Case, days: int) -> str:
    """What the case says aloud so many days before the transfer is needed, after a look of that day."""
    facts = case.facts
    day = (facts.transfer_on or facts.contract_end) - timedelta(days=days)
    move(one, end_of(day - timedelta(days=1), facts.zone) + timedelta(hours=9))
    one.desk.look(one.who("erik"), case.id, "by hand")
    return " | ".join(one.desk.said_aloud(case.id))


def bought(one: Stage) -> list[Thing]:
    """What the customer holds through us."""
    ours = text(one.sandbox.world.msp, "tenant_id")
    place = f"{ours}/{one.sandbox.world.customers[LEAVER].tenant}"
    return [thing for thing in one.sandbox.world.all("partner-center", "subscription") if thing.place == place]


def never_suspended(one: Stage) -> bool:
    """By the sandbox's own record no key of ours wrote to what was bought, and nothing is suspended."""
    touched = [row for row in effects(one) if row["kind"] == "partner-center.subscription"]
    asked = [call for call in one.wire.seen if call.method == "PATCH" and "/subscriptions/" in call.url.path]
    asked = [call for call in asked if "partnercenter" in call.url.host]
    return not touched and not asked and not [one for one in bought(one) if text(one.raw, "status") == "suspended"]


def asked_for(one: Stage, case: Case) -> None:
    """Now the new supplier does ask, at Partner Center, as itself."""
    supplier = case.facts.supplier
    assert supplier is not None
    form = {
        "grant_type": "urn:sendoff:cast",
        "username": supplier.contacts[0].mail,
        "assertion": one.sandbox.world.cast_secret,
        "scope": "https://api.partnercenter.microsoft.com/user_impersonation",
    }
    login = Request(method="POST", path=f"/{supplier.tenant}/oauth2/v2.0/token", body=urlencode(form).encode())
    token = text(one.sandbox.answer("login", login).json(), "access_token")
    body = {
        "sourcePartnerTenantId": case.facts.provider.tenant,
        "sourcePartnerName": "Intercept",
        "customerEmailId": supplier.contacts[0].mail,
        "targetProductTypes": ["AzureSubscription", "AzureReservation", "AzureSavingsPlan", "OnlineServicesNCE"],
    }
    url = f"/v1/customers/{case.facts.customer.tenant}/transfers"
    head = {"authorization": f"Bearer {token}"}
    made = one.sandbox.answer(
        "partner-center", Request(method="POST", path=url, headers=head, body=json.dumps(body).encode())
    )
    assert made.status == 201, made.body


def tail_of(one: Stage, case: Case) -> Case:
    """Two persons agree to a tail; the tail."""
    one.desk.tail(one.who("carla"), case.id, until=UNTIL, reason=WHY)
    after = one.desk.tail(one.who("paul"), case.id, until=UNTIL, reason=WHY)
    return one.desk.case(after.facts.tail)


def told_on(one: Stage, case: Case, last: datetime | None = None) -> Case:
    """Everybody does what they can, day by day, until everything is settled or nothing moves any more."""
    story = one.story(case)
    for _ in range(120):
        now = one.desk.case(case.id)
        if all(row.state in SETTLED for row in now.steps.values()):
            return now
        if not story.turn() and not story.move_clock():
            move(one, one.house.clock.now() + timedelta(days=1))
            story.tries.clear()
            story.met.clear()
        if last is not None and one.house.clock.now() > last:
            break
    raise AssertionError("it got stuck: " + "; ".join(one.said[-6:]))


def test_h43_no_request_ever_comes_the_case_says_so_ends_on_time_and_its_tail_ends_with_the_transfer(
    tmp_path: Path,
) -> None:
    one, case = silent_supplier(tmp_path)
    aloud = {days: on_day(one, case, days) for days in (14, 7)}
    assert "no transfer request is open" in aloud[14] and "(T-14)" in aloud[14] and "case tail" not in aloud[14]
    assert "(T-7)" in aloud[7] and "`sendoff case tail`. Nothing is suspended" in aloud[7]
    drafts = {name: data.decode() for name, data in one.desk.report(case.id).items() if name.startswith("drafts/")}
    assert set(drafts) == {"drafts/transfer-missing.nl.txt", "drafts/transfer-missing.en.txt"}
    assert "er wordt niets opgeschort" in drafts["drafts/transfer-missing.nl.txt"]
    assert "no transfer request is open" in one.desk.report(case.id)["exit-plan.html"].decode()

    tail = tail_of(one, case)
    first = one.desk.case(case.id)
    assert (first.facts.tail, tail.facts.tail_of) == (tail.id, case.id) and first.tail_until == UNTIL
    assert first.steps[StepId(ACCEPT)].state is State.PASSED_ON and tail.facts.access_until == UNTIL
    ended = one.desk.close(one.who("paul"), told_on(one, first).id)
    assert one.house.clock.now() < no_later(case.facts), "on time: within our last access day"
    main = certificate(one, ended)
    assert main.outcome is Result.EXCEPTIONS
    goes_on = f"goes on in tail case {tail.id} until 2027-06-30: Accept the CSP transfer"
    assert any(goes_on in said for said in main.exceptions)
    doors = {door.key: door.outcome for door in main.doors}
    assert doors == {
        "lighthouse": "shut",
        "app": "shut",
        "aobo": "shut",
        "gdap": "shut",
        "partner-center": "kept by agreement",
    }
    assert {line.grade for line in main.lines if line.step == ACCEPT} == {"goes on"}
    assert not one.desk.said_aloud(case.id)
    assert never_suspended(one) and any(text(thing.raw, "status") == "active" for thing in bought(one))

    move(one, datetime(2027, 3, 1, 9, tzinfo=one.house.clock.now().tzinfo))
    asked_for(one, tail)
    one.desk.preflight(one.who("erik"), tail.id)
    agreed = replace(tail.facts, transfer_on=date(2027, 3, 2))
    for person in ("carla", "paul"):
        one.desk.change_facts(one.who(person), tail.id, agreed, reason="the day was agreed with all three")
    done = told_on(one, tail)
    assert {done.steps[StepId(step)].state for step in (ACCEPT, ENDS)} == {State.DONE}
    last = certificate(one, one.desk.close(one.who("paul"), tail.id))
    assert last.sentence.removeprefix("REHEARSAL, nothing real was touched: ").startswith("The CSP part of")
    told = {door.key: door.outcome for door in last.doors}
    assert (told["partner-center"], told["app"]) == ("shut", "other certificate")
    assert {row.system for row in last.coverage} == {System.PARTNER_CENTER, System.TOPDESK, System.REASSURE}
    assert last.outcome is not Result.LIMITED, last.exceptions
    assert never_suspended(one)


def test_a_tail_takes_two_persons_the_same_day_and_a_case_that_waits_for_a_transfer(tmp_path: Path) -> None:
    one, case = silent_supplier(tmp_path)
    with pytest.raises(Refused, match=r"this takes CSM or Practice Lead"):
        one.desk.tail(one.who("erik"), case.id, until=UNTIL, reason=WHY)
    with pytest.raises(Refused, match="has passed"):
        one.desk.tail(one.who("carla"), case.id, until=date(2026, 1, 1), reason=WHY)
    one.desk.tail(one.who("carla"), case.id, until=UNTIL, reason=WHY)
    assert not one.desk.tail(one.who("carla"), case.id, until=UNTIL, reason=WHY).facts.tail, "one person is one person"
    with pytest.raises(Refused, match="agree to that day"):
        one.desk.tail(one.who("paul"), case.id, until=date(2027, 7, 31), reason=WHY)
    first = one.desk.tail(one.who("paul"), case.id, until=UNTIL, reason=WHY)
    with pytest.raises(Refused, match=f"goes on in case {first.facts.tail} already"):
        one.desk.tail(one.who("paul"), case.id, until=UNTIL, reason=WHY)
    with pytest.raises(Refused, match=f"itself the tail of {case.id}"):
        one.desk.tail(one.who("paul"), first.facts.tail, until=UNTIL, reason=WHY)
    tail = one.desk.case(first.facts.tail)
    assert tail.proven(ProofKind.COSTS_KEPT) is not None and tail.proven(ProofKind.NOTICE) is not None
    assert tail.steps[StepId("remove-lighthouse")].reason == f"case {case.id} does this"
    changed = one.desk.change_facts(one.who("carla"), first.id, one.facts(), reason="a file of facts as it was")
    assert changed.facts.tail == tail.id, "no file of facts loses the link"


def test_a_tail_is_opened_after_all_when_the_program_died_in_between(tmp_path: Path) -> None:
    one, case = silent_supplier(tmp_path)
    one.desk.tail(one.who("carla"), case.id, until=UNTIL, reason=WHY)
    journal = one.desk.ports.journal

    class Dies:
        """A journal that is gone when another case is to be opened."""

        def __getattr__(self, name: str) -> object:
            if name == "open":
                raise PowerOut
            return getattr(journal, name)

    dying = Desk(ports=replace(one.desk.ports, journal=Dies()))  # type: ignore[arg-type]
    with pytest.raises(PowerOut):
        dying.tail(one.who("paul"), case.id, until=UNTIL, reason=WHY)
    named = one.desk.case(case.id).facts.tail
    assert named and named not in journal.cases()
    one.desk.tail(one.who("carla"), case.id, until=UNTIL, reason=WHY)
    assert one.desk.case(named).facts.tail_of == case.id


class PowerOut(BaseException):
    """The process dies."""


def test_h43_a_request_that_lapsed_is_told_with_what_to_do_and_is_never_accepted(tmp_path: Path) -> None:
    one, case = silent_supplier(tmp_path)
    asked_for(one, case)
    one.desk.look(one.who("erik"), case.id, "by hand")
    assert one.desk.said_aloud(case.id) == ()
    move(one, one.house.clock.now() + timedelta(days=31))
    one.desk.look(one.who("erik"), case.id, "by hand")
    said = " | ".join(one.desk.said_aloud(case.id))
    assert "lapsed on" in said and "ask Noordzee Cloud for a new one" in said and "30 days after it was made" in said
    with pytest.raises(Refused, match=r"the last one lapsed on .* a new one lives 30 days"):
        planned(one, case, ACCEPT)
    asked_for(one, case)
    assert planned(one, case, ACCEPT).state is State.PLANNED


def test_h43_after_the_last_access_day_only_our_own_ways_in_go(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-resources", "approved")
    move(one, end_of(case.facts.access_until, case.facts.zone))
    approved_again(one, case, "remove-resources")
    run(one, case)
    gate = at_gate(one, case, "remove-resources", "access")
    assert gate is not None and "our access ended on" in gate.reason
    assert not [row for row in effects(one, "removed") if str(row["kind"]).startswith("arm.")]


def test_h43_what_goes_over_later_is_not_touched_before_its_own_day(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    later = date(2027, 1, 12)

    def staggered(facts: Facts) -> Facts:
        first = facts.leaving[0]
        rows = tuple(replace(row, cutover=later) if row == first else row for row in facts.scope)
        return replace(facts, scope=rows)

    case = one.until(one.opened(staggered), "remove-resources", "approved")
    acts = plan(one, case, "remove-resources").actions
    assert {act.scope for act in acts} >= {case.facts.leaving[0].id}
    move(one, end_of(later, case.facts.zone) - timedelta(seconds=1))
    approved_again(one, case, "remove-resources")
    run(one, case)
    gate = at_gate(one, case, "remove-resources", "not before")
    assert gate is not None and f"takes over on {later}" in gate.reason and gate.until == end_of(later, case.facts.zone)
    assert all(there(one, act) for act in acts)
    move(one, end_of(later, case.facts.zone))
    run(one, case)
    assert not any(there(one, act) for act in acts)


def test_h43_a_day_of_taking_over_after_our_last_access_day_is_no_base_for_a_case(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)

    def too_late(facts: Facts) -> Facts:
        rows = tuple(replace(row, cutover=facts.access_until + timedelta(days=1)) for row in facts.scope)
        return replace(facts, scope=rows)

    with pytest.raises(BadInput, match="after our last access day: move access_until"):
        one.opened(too_late)


def approved_again(one: Stage, case: Case, step: str) -> None:
    """A plan of today with its yes."""
    planned(one, case, step)
    approved(one, case, step)


def test_a_transfer_that_went_in_part_is_left_with_what_is_missing_and_the_next_takes_the_rest(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ACCEPT, "approved")
    move(one, end_of(case.facts.contract_end, case.facts.zone))
    run(one, case)
    assert standing(one, case, ACCEPT).state is State.HELD
    before = {text(thing.raw, "id") for thing in bought(one) if text(thing.raw, "status") == "active"}
    one.control("POST", "/hands", do="partner-center.accept-transfer", customer=LEAVER)
    one.control("POST", "/hands", do="partner-center.transfer-fails-half", customer=LEAVER)
    held = standing(one, case, ACCEPT).held_until
    assert held is not None
    move(one, held)
    run(one, case)
    now = standing(one, case, ACCEPT)
    assert now.state is State.LEFT and "complete in part" in now.reason and "asked for anew" in now.reason
    rest = {text(thing.raw, "id") for thing in bought(one) if text(thing.raw, "status") == "active"}
    assert len(rest) == 1 and rest < before
    one.desk.look(one.who("erik"), case.id, "by hand")
    assert f"moved {', '.join(sorted(before - rest))} and no more" in " | ".join(one.desk.said_aloud(case.id))
    with pytest.raises(Refused, match="the rest is asked for anew"):
        planned(one, case, ACCEPT)
    asked_for(one, case)
    planned(one, case, ACCEPT)
    wanted = [value for act in plan(one, case, ACCEPT).actions for name, value in act.content if name == "subscription"]
    assert set(wanted) == rest, "only the rest"


def test_what_does_not_move_with_a_request_is_named_each_with_what_to_do(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "migration-details", "done")
    one.control("POST", "/cast/act")
    request = next(thing for thing in one.sandbox.world.all("partner-center", "transfer"))
    one.sandbox.world.change(request, {"targetProductTypes": ["AzureSubscription"]})
    planned(one, case, ACCEPT)
    made = plan(one, case, ACCEPT)
    left = {row.item.name: row.why for row in made.left if row.item.kind is Kind.COMMITMENT}
    assert any("a reservation moves only where the request asks" in why for why in left.values()), left
    assert any("the request does not ask for its kind" in why for why in left.values()), left


def test_an_indirect_reseller_goes_through_its_provider_and_a_persons_word_is_taken(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    kind = "indirect reseller of Distri BV"
    case = one.opened(lambda facts: replace(facts, provider=replace(facts.provider, partner_kind=kind)))
    case = one.until(case, "migration-details", "done")
    said = one.desk.said_aloud(case.id)
    assert len(said) == 1 and "ask the indirect provider to, and attest accept-transfer" in said[0]
    move(one, end_of(case.facts.transfer_on or case.facts.contract_end, case.facts.zone))
    with pytest.raises(Refused, match="indirect reseller of Distri BV"):
        planned(one, case, ACCEPT)
    one.desk.attest(one.who("paul"), case.id, ACCEPT, [b"their confirmation"], note="Distri accepted it")
    assert standing(one, case, ACCEPT).state is State.ATTESTED and not one.desk.said_aloud(case.id)
