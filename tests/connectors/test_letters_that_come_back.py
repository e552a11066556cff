"""A letter that came back arrived nowhere; an answer of its recipient is told, and what no person wrote is none."""

from pathlib import Path

import pytest
from connector_hands import letter, office, seen

from fakes.connector_desk import ONCE, Desk
from fakes.houses import stage
from fakes.leavings import approved, move, planned, run, standing, verdicts
from sendoff.connectors.office.answers import told
from sendoff.model.inventory import Kind
from sendoff.model.plan import Outcome, Receipt
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.sandbox.graph_mail import deliver, new_message
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing

CONFIRM = "confirm-termination"


def gone(desk: Desk, mail: str) -> None:
    """Nobody has this address any more; the domain is there."""
    box = desk.sandbox.world.get("graph", "mailbox", mail)
    assert box is not None
    desk.sandbox.world.remove(box)


def test_a_letter_to_an_address_that_is_not_there_comes_back_and_is_not_found() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    gone(desk, next(value for name, value in action.content if name == "to"))

    connector.apply(action, once=ONCE, out=desk.tray)

    receipt = office(desk).find(action, once=ONCE)
    assert receipt is not None and (receipt.outcome, receipt.code) == (Outcome.PARTLY, "returned")
    again = office(desk).apply(action, once=ONCE, out=desk.tray)
    assert isinstance(again, Receipt) and again.outcome is Outcome.PARTLY, "and it is not sent a second time"
    (item,) = seen(office(desk), desk, Kind.MAIL)
    assert item.fact("returned").startswith("2026-11-") and item.fact("answered") == ""


def test_the_same_letter_to_an_address_that_is_there_is_found() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)

    connector.apply(action, once=ONCE, out=desk.tray)

    receipt = connector.find(action, once=ONCE)
    assert receipt is not None and receipt.outcome is Outcome.FOUND
    (item,) = seen(connector, desk, Kind.MAIL)
    assert (item.fact("returned"), item.fact("answered")) == ("", "")


def answer(desk: Desk, sender: str, **more: str) -> None:
    """Somebody writes into the conversation of our letter."""
    world = desk.sandbox.world
    sent = next(one for one in world.all("graph", "message") if text(one.raw, "parentFolderId") == "sentitems")
    heads: list[Json] = [{"name": name.replace("_", "-"), "value": value} for name, value in more.items()]
    whole: Obj = {"conversationId": text(sent.raw, "conversationId"), "internetMessageHeaders": heads}
    raw = new_message(world, sender, whole, "inbox")
    world.add(Thing("graph", "message", text(raw, "id"), "msp", raw, text(world.msp, "mailbox")))


@pytest.mark.parametrize(
    ("theirs", "more", "counts"),
    [
        (True, {}, True),
        (True, {"Auto_Submitted": "no"}, True),
        (True, {"Auto_Submitted": "auto-replied"}, False),
        (False, {}, False),
    ],
)
def test_an_answer_is_what_a_recipient_wrote(theirs: bool, more: dict[str, str], counts: bool) -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    connector.apply(action, once=ONCE, out=desk.tray)

    answer(desk, desk.facts.customer.contacts[0].mail if theirs else "somebody@elsewhere.example", **more)

    (item,) = seen(connector, desk, Kind.MAIL)
    assert bool(item.fact("answered")) is counts and item.fact("returned") == ""


@pytest.mark.parametrize("sender", ["postmaster@x.example", "MAILER-DAEMON@x.example", "MicrosoftExchange0a@x.nl"])
def test_each_way_in_which_a_letter_comes_back_counts(sender: str) -> None:
    row: Obj = {"from": {"emailAddress": {"address": sender}}, "receivedDateTime": "2026-11-24T09:00:00Z"}

    assert told([row], ["anna@x.example"]) == (("returned", "2026-11-24T09:00:00Z"),)
    assert told([{**row, "from": {"emailAddress": {"address": "postmaster-fan@x.example"}}}], []) == ()


def test_a_mail_that_only_says_that_it_came_back_does_not() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    connector.apply(action, once=ONCE, out=desk.tray)

    deliver(
        desk.sandbox.world, desk.facts.provider.mailbox, "anna@vandermeer.example", "Undeliverable: Bevestiging", "x"
    )

    receipt = connector.find(action, once=ONCE)
    assert receipt is not None and receipt.outcome is Outcome.FOUND


def test_f1_a_letter_that_came_back_leaves_its_step_and_is_said_aloud(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), CONFIRM, "approved")
    mail = case.facts.customer.signatories[0].mail
    box = one.sandbox.world.get("graph", "mailbox", mail)
    assert box is not None
    one.sandbox.world.remove(box)

    run(one, case)

    assert standing(one, case, CONFIRM).state is State.LEFT
    (left,) = verdicts(one, case, CONFIRM, Verdict.LEFT)
    assert left.why.startswith("returned: it came back on 2026-11-23")
    one.desk.look(one.who("erik"), case.id, "by hand")
    assert any("came back on 2026-11-23" in said for said in one.desk.said_aloud(case.id))


def test_f20_a_letter_that_nobody_answers_is_said_after_a_week_and_no_timer_says_yes(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/cast/switch", deed="permit", on=False)
    case = one.until(one.opened(), CONFIRM, "ready")
    planned(one, case, CONFIRM, "carla")
    approved(one, case, CONFIRM, "paul")
    run(one, case)
    settled = standing(one, case, CONFIRM).settled_at
    assert settled is not None and one.desk.said_aloud(case.id) == ()
    before = one.desk.case(case.id)

    move(one, settled.replace(day=settled.day + 7))

    (said,) = one.desk.said_aloud(case.id)
    assert said.startswith("confirm-termination: nobody answered for 7 days, since 2026-11-23")
    assert one.desk.case(case.id) == before, "it is said, and nothing moved"
